import type { Dependencies } from '../../shared/cycle/dependencies.ts'
import type { PipelineDependencies } from '../../shared/http/pipeline.ts'
import type { SageEvent } from '../../shared/sage/sage-event.ts'
import type { Uploads } from './uploads.ts'

/** What every function of the API is handed: the budgets' own, the pipeline's, and the doors for large files. */
export interface ApiDependencies
  extends Omit<Dependencies, 'logger'>, Omit<PipelineDependencies, 'companies'> {
  /** A short-lived address of a file that is too large for an answer. */
  readonly fileUrl: (fileKey: string, fileName: string) => Promise<string>
  /** Files that are too large for a request. */
  readonly uploads: Uploads
}

/** What Sage's side is handed. */
export interface SageDependencies extends ApiDependencies {
  /** Puts a connector's report on the inside queue. */
  readonly report: (event: SageEvent) => Promise<void>
}
