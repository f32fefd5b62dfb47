import type { Dependencies } from '../../shared/cycle/dependencies.ts'
import type { PipelineDependencies } from '../../shared/http/pipeline.ts'
import type { SageEvent } from '../../shared/sage/sage-event.ts'
import type { Uploads } from './uploads.ts'

/** What the routes of whole files are handed: the budgets' own, the pipeline's, and the doors for large files. */
export interface FileDependencies extends Dependencies, Omit<PipelineDependencies, 'companies'> {
  /** A short-lived address of a file that is too large for an answer. */
  readonly fileUrl: (fileKey: string, fileName: string) => Promise<string>
  /** Files that are too large for a request. */
  readonly uploads: Uploads
}

/** What the whole API is handed. */
export interface ApiDependencies extends FileDependencies {
  /** Puts a connector's report on the inside queue. */
  readonly report: (event: SageEvent) => Promise<void>
}
