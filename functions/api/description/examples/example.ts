import type { Role } from '../../../../shared/domain/person.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** One request as it is sent, and its answer. */
export interface Example {
  /** Method and path of the operation. */
  readonly of: string
  /** What it shows, in one sentence. */
  readonly shows: string
  readonly by: Role
  /** Values of parameters: of the path, the query and the headers. */
  readonly with?: Readonly<Record<string, string | number>>
  /** JSON, or a file as text. */
  readonly body?: Json
  /** Whether the answer is a problem document. */
  readonly refused?: true
  /** JSON, or a file as text. */
  readonly answer: Json
}

export type Examples = Readonly<Record<string, Example>>
