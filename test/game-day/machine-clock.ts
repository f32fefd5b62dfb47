import type { Clock } from '../../local/engine/clock.ts'

/** The clock of the machine on game day: goes as the real one does, and can be moved ahead. */
export interface MachineClock extends Clock {
  /**
   * Moves on by so many milliseconds, from timer to timer; `between` is waited for at each, so that what a timer began
   * ends at its time.
   */
  readonly pass: (ms: number, between: () => Promise<void>) => Promise<void>
  /** Gives the process its own time back. */
  readonly restore: () => void
}

const looksEvery = 20 // milliseconds
const day = 86_400_000
const firstHour = 18 * 3_600_000 // after the daily summaries in Los Angeles

/** Moves the time of this process, in which the queues, the engine and Sage run; functions get it with each call. */
export function machineClock(): MachineClock {
  const Real = Date
  const timers = new Set<{ readonly due: number; readonly callback: () => void }>()
  // Begins at the same hour on whatever day: what is done by the clock of the day falls at the same place in every run.
  let ahead = Math.ceil(Real.now() / day) * day + firstHour - Real.now()
  const now = (): number => Real.now() + ahead
  globalThis.Date = new Proxy(Real, {
    construct: (target, given: [] | [value: number]) =>
      given.length === 0 ? new target(now()) : new target(...given),
    get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
  })
  const next = (): number => Math.min(...[...timers].map(({ due }) => due))
  const fire = (): void => {
    for (const timer of [...timers].toSorted((a, b) => a.due - b.due)) {
      if (timer.due > now()) return
      timers.delete(timer)
      timer.callback()
    }
  }
  const ticking = setInterval(fire, looksEvery)
  ticking.unref()
  return {
    now,
    at: (due, callback) => {
      const timer = { due, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    pass: async (ms, between) => {
      const end = now() + ms
      while (now() < end) {
        ahead += Math.max(0, Math.min(next(), end) - now())
        fire()
        // oxlint-disable-next-line no-await-in-loop -- one moment after the other
        await between()
      }
    },
    restore: () => {
      clearInterval(ticking)
      globalThis.Date = Real
    },
  }
}
