import { repeatable } from '../../store/trade-lines.ts'

export interface Draws {
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number
  one<T>(of: readonly T[]): T
  /** The same in another order. */
  shuffled<T>(of: readonly T[]): T[]
}

export function drawsFrom(seed: number): Draws {
  const next = repeatable(seed)
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1))
  return {
    whole,
    one: (of) => of[whole(0, of.length - 1)]!,
    shuffled: (of) =>
      of
        .map((each) => ({ each, at: next() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ each }) => each),
  }
}

/** The card at a place of a run: a deck is dealt whole before it is shuffled anew, so no kind is left to luck. */
export const dealt = <T>(deck: readonly T[], seed: number, place: number): T =>
  drawsFrom(seed + Math.floor(place / deck.length)).shuffled(deck)[place % deck.length]!
