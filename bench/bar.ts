import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What one bar came to. `figure` and `at_most` are in `unit`. */
export interface Figure {
  readonly bar: string
  readonly unit:
    | 'times'
    | '%'
    | 'write units'
    | 'read units'
    | 'transitions'
    | 'calls'
    | 'KiB'
    | 'KB'
    | 'ms'
    | 's'
    | 'MB'
    | '$'
  readonly at_most: number
  readonly figure: number
  /** What stands behind the figure: the two sides of a ratio, or what was counted. */
  readonly of: string
}

/** Figures without a bar, for a section of docs/performance.md. */
export interface Section {
  readonly heading: string
  /** What was done, for whoever repeats it: Markdown. */
  readonly words: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly chart?: Chart
}

/** A picture of horizontal bars over a logarithmic scale. */
export interface Chart {
  /** The file in docs/pictures, without its ending. */
  readonly name: string
  readonly title: string
  readonly groups: readonly { readonly name: string; readonly bars: readonly ChartBar[] }[]
}

export interface ChartBar {
  readonly name: string
  readonly value: number
  /** The value as it is written beside its bar. */
  readonly shown: string
}

export type Measure = () => Promise<readonly (Figure | Section)[]>

export const isFigure = (measured: Figure | Section): measured is Figure => 'figure' in measured

setFlagsFromString('--expose-gc')
/** Lets go of what nobody holds, so that one work does not pay for what another left. */
export const collectGarbage = runInNewContext('gc') as () => void

/**
 * Milliseconds of the fastest run of each work, the works taken in turns: on a shared machine the minimum says most
 * about the program, and what else the machine does strikes all alike.
 */
export async function fastest<Name extends string>(
  rounds: number,
  works: Readonly<Record<Name, () => unknown>>,
): Promise<(name: Name) => number> {
  const best = new Map<string, number>()
  for (let round = 0; round < rounds; round += 1)
    for (const [name, work] of Object.entries<() => unknown>(works)) {
      collectGarbage()
      const began = performance.now()
      await work()
      best.set(name, Math.min(best.get(name) ?? Infinity, performance.now() - began))
    }
  return (name) => best.get(name) ?? Number.NaN
}

export const ms = (milliseconds: number): string => `${milliseconds.toFixed(1)} ms`
export const percent = (part: number, whole: number): number => (part / whole) * 100
