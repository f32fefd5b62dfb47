/** Where the engine takes the time from; all instants are epoch milliseconds. */
export type Clock = {
  readonly now: () => number
  /** Calls back once, at the instant or as soon as possible after it; the answer cancels. */
  readonly at: (epochMs: number, callback: () => void) => () => void
  /** Told of work under way, so that a clock that is moved by hand can let it finish first. */
  readonly track?: (work: Promise<unknown>) => void
}

const longestTimer = 2_147_483_647 // setTimeout overflows at 2^31 ms, 24.8 days: a wait of thirty is cut in pieces

export const systemClock: Clock = {
  now: () => Date.now(),
  at: (epochMs, callback) => {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const left = Math.max(0, epochMs - Date.now())
      timer = setTimeout(fire, Math.min(left, longestTimer))
    }
    const fire = (): void => {
      // a timer may fire a millisecond early, and the system's time may be set back
      if (Date.now() < epochMs) arm()
      else callback()
    }
    arm()
    return () => {
      clearTimeout(timer)
    }
  },
}

/** A clock that stands still until it is moved. */
export type FakeClock = Clock & {
  readonly track: (work: Promise<unknown>) => void
  /** Moves on by so many milliseconds; see `advanceTo`. */
  readonly advance: (ms: number) => Promise<void>
  /** Moves on to an instant, firing the timers on the way in order and letting the work of each finish. */
  readonly advanceTo: (epochMs: number) => Promise<void>
  /** Lets the work under way finish and fires what is due now, without moving. */
  readonly settle: () => Promise<void>
  /** Instant of the next timer, or undefined when none is set. */
  readonly next: () => number | undefined
}

type Timer = { readonly due: number; readonly order: number; callback: (() => void) | undefined }

/**
 * Makes a clock for tests and simulations.
 *
 * `start`: first instant, epoch milliseconds. `patience`: real milliseconds to go on waiting for tracked work that
 * makes no progress; after that it counts as waiting for time to pass (a function that never answers, say) and
 * is not waited for again. Work in memory never needs it; give seconds when functions do real input and output.
 */
export function fakeClock({ start = Date.UTC(2026, 0, 5, 9), patience = 20 } = {}): FakeClock {
  const timers = timerQueue()
  const working = new Set<Promise<unknown>>()
  let now = start
  let order = 0
  let progress = 0

  const track = (work: Promise<unknown>): void => {
    progress += 1
    working.add(work)
    const settled = (): void => {
      progress += 1
      working.delete(work)
    }
    work.then(settled, settled)
  }

  const finishWork = async (): Promise<void> => {
    let seen = progress
    let since = performance.now()
    for (let turns = 0; ; turns += 1) {
      await turn(turns)
      if (progress !== seen) {
        seen = progress
        since = performance.now()
        turns = 0
      } else if (working.size === 0) {
        return
      } else if (performance.now() - since >= patience) {
        working.clear()
        return
      }
    }
  }

  const advanceTo = async (epochMs: number): Promise<void> => {
    await finishWork()
    for (let timer = timers.take(epochMs); timer !== undefined; timer = timers.take(epochMs)) {
      now = Math.max(now, timer.due)
      timer.callback?.()
      await finishWork()
    }
    now = Math.max(now, epochMs)
  }

  return {
    now: () => now,
    at: (due, callback) => {
      order += 1
      const timer: Timer = { due, order, callback }
      timers.add(timer)
      return () => {
        timer.callback = undefined
      }
    },
    track,
    advanceTo,
    advance: async (ms) => {
      await advanceTo(now + ms)
    },
    settle: async () => {
      await advanceTo(now)
    },
    next: () => timers.first()?.due,
  }
}

/** One turn of the event loop; after many without progress, a real millisecond, so as not to spin. */
async function turn(turns: number): Promise<void> {
  await new Promise<void>((resolve) => {
    if (turns < 50) setImmediate(resolve)
    else setTimeout(resolve, 1)
  })
}

/** Timers by due instant, then by the order in which they were set; a binary heap. */
function timerQueue() {
  const heap: Timer[] = []

  const before = (a: number, b: number): boolean => {
    const left = heap[a]
    const right = heap[b]
    if (left === undefined) return false
    if (right === undefined) return true
    return left.due === right.due ? left.order < right.order : left.due < right.due
  }

  const swap = (a: number, b: number): void => {
    const left = heap[a]
    const right = heap[b]
    if (left === undefined || right === undefined) return
    heap[a] = right
    heap[b] = left
  }

  const add = (timer: Timer): void => {
    heap.push(timer)
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1
      if (!before(at, parent)) return
      swap(at, parent)
      at = parent
    }
  }

  const removeFirst = (): void => {
    swap(0, heap.length - 1)
    heap.pop()
    for (let at = 0; ;) {
      const child = before(2 * at + 2, 2 * at + 1) ? 2 * at + 2 : 2 * at + 1
      if (!before(child, at)) return
      swap(child, at)
      at = child
    }
  }

  /** The first timer that was not cancelled. */
  const first = (): Timer | undefined => {
    while (heap[0] !== undefined && heap[0].callback === undefined) removeFirst()
    return heap[0]
  }

  const take = (latest: number): Timer | undefined => {
    const timer = first()
    if (timer === undefined || timer.due > latest) return undefined
    removeFirst()
    return timer
  }

  return { add, first, take }
}
