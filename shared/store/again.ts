import { setTimeout } from 'node:timers/promises'

/** A number from 0 to below 1. */
export type Random = () => number

/** How often a lost race is run again before it is `Later`. */
export const tries = 12

const longestPause = 1_500

/**
 * Milliseconds before try number `attempt` (1 is the first repeat): anything up to 30, 90, 270 ... so that racers part.
 * Fifty at once on one head went through in at most 9 tries on two busy cores; doubling took up to 11.
 */
export const pauseOf = (attempt: number, random: Random): number =>
  random() * Math.min(longestPause, 10 * 3 ** attempt)

/** Waits before try number `attempt`. */
export type Pause = (attempt: number) => Promise<void>

export const jitteredPause: Pause = async (attempt) => {
  await setTimeout(pauseOf(attempt, Math.random))
}
