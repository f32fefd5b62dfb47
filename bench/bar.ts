/** What one bar came to. `figure` and `at_most` are in `unit`. */
export interface Figure {
  readonly bar: string
  readonly unit: 'times' | '%' | 'write units' | 'transitions' | 'rounds' | 'KiB' | 'KB' | 's' | 'MB'
  readonly at_most: number
  readonly figure: number
  /** What stands behind the figure: the two sides of a ratio, or what was counted. */
  readonly of: string
}

export type Measure = () => Promise<readonly Figure[]>

/** Milliseconds of the fastest of some runs: on a shared machine the minimum says most about the program. */
export async function fastest(runs: number, work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run += 1) {
    const began = performance.now()
    // One run after the other: two at once would slow each other down.
    await work()
    best = Math.min(best, performance.now() - began)
  }
  return best
}

export const ms = (milliseconds: number): string => `${milliseconds.toFixed(1)} ms`
export const percent = (part: number, whole: number): number => (part / whole) * 100
