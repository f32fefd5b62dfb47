import type { Dependencies } from '../../shared/cycle/dependencies.ts'
import type { PipelineDependencies } from '../../shared/http/pipeline.ts'
import type { SageEvent } from '../../shared/sage/sage-event.ts'
import type { Uploads } from './uploads.ts'

/** What the API is handed: the budgets' own, the pipeline's, and the doors to the outside. */
export interface ApiDependencies extends Dependencies, Omit<PipelineDependencies, 'companies'> {
  /** Puts a connector's report on the inside queue. */
  readonly report: (event: SageEvent) => Promise<void>
  /** A short-lived address of a file that is too large for an answer. */
  readonly fileUrl: (fileKey: string, fileName: string) => Promise<string>
  /** Files that are too large for a request. */
  readonly uploads: Uploads
}
