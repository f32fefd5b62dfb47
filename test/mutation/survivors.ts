/** A change that no test can find, or that none should. */
export interface Survivor {
  readonly file: string
  /** The first line that the change touches, and what comes of it. */
  readonly line: string
  readonly becomes: string
  readonly why: string
}

export const survivors: readonly Survivor[] = []
