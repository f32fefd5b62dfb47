import { Instant } from './ids.ts'

/** Time is handed in, never asked of the machine. */
export interface Clock {
  now(): Instant
}

export const systemClock: Clock = { now: () => Instant.parse(new Date().toISOString()) }

export const millisecondsADay = 86_400_000

export const addMilliseconds = (instant: Instant, milliseconds: number): Instant =>
  Instant.parse(new Date(Date.parse(instant) + milliseconds).toISOString())

export const addDays = (instant: Instant, days: number): Instant =>
  addMilliseconds(instant, days * millisecondsADay)

/** Whole days of 24 hours. */
export const daysBetween = (from: Instant, until: Instant): number =>
  Math.floor((Date.parse(until) - Date.parse(from)) / millisecondsADay)
