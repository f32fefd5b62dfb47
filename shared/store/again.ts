import { setTimeout } from 'node:timers/promises'

/** A number from 0 to below 1. */
export type Random = () => number

/** How often a lost race is run again before it is `Later`. */
export const tries = 12

const firstPause = 20
const longestPause = 1_000

/** Milliseconds before try number `attempt` (1 is the first repeat): anything up to a doubling limit, so that racers part. */
export const pauseOf = (attempt: number, random: Random): number =>
  random() * Math.min(longestPause, firstPause * 2 ** attempt)

export const pause = async (attempt: number, random: Random): Promise<void> =>
  await setTimeout(pauseOf(attempt, random))
