import { describe, expect, test } from 'vitest'

import { fakeClock, systemClock } from '../../../local/engine/clock.ts'

const afterTurns = async (turns: number): Promise<void> => {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('a fake clock', () => {
  test('stands still until it is moved', async () => {
    const clock = fakeClock({ start: 1_000 })
    await afterTurns(3)
    expect(clock.now()).toBe(1_000)
  })

  test('fires timers in the order of their instants, and equal ones as they were set', async () => {
    const clock = fakeClock({ start: 0 })
    const fired: string[] = []
    for (const [due, name] of [
      [30, 'd'],
      [10, 'a'],
      [20, 'b'],
      [20, 'c'],
      [31, 'late'],
    ] as const) {
      clock.at(due, () => fired.push(`${name}@${String(clock.now())}`))
    }
    await clock.advance(30)
    expect(fired).toEqual(['a@10', 'b@20', 'c@20', 'd@30'])
  })

  test('keeps order among a thousand timers', async () => {
    const clock = fakeClock({ start: 0 })
    const fired: number[] = []
    for (let n = 0; n < 1_000; n += 1) clock.at((n * 7_919) % 1_009, () => fired.push(clock.now()))
    await clock.advance(2_000)
    expect(fired).toEqual(fired.toSorted((a, b) => a - b))
    expect(fired.length).toBe(1_000)
  })

  test('does not fire a timer that was cancelled', async () => {
    const clock = fakeClock({ start: 0 })
    const fired: string[] = []
    const cancel = clock.at(10, () => fired.push('cancelled'))
    clock.at(10, () => fired.push('kept'))
    cancel()
    await clock.advance(10)
    expect(fired).toEqual(['kept'])
  })

  test('fires timers that a timer sets, when they fall within the move', async () => {
    const clock = fakeClock({ start: 0 })
    const fired: number[] = []
    const again = (): void => {
      fired.push(clock.now())
      clock.at(clock.now() + 10, again)
    }
    clock.at(10, again)
    await clock.advance(35)
    expect([fired, clock.now()]).toEqual([[10, 20, 30], 35])
  })

  test('lets the work of one timer end before the next fires', async () => {
    const clock = fakeClock({ start: 0 })
    const order: string[] = []
    clock.at(10, () => {
      clock.track(afterTurns(20).then(() => order.push('work of the first')))
    })
    clock.at(11, () => order.push('second'))
    await clock.advance(20)
    expect(order).toEqual(['work of the first', 'second'])
  })

  test('does not wait for ever for work that waits for time to pass', async () => {
    const clock = fakeClock({ start: 0, patience: 5 })
    const order: string[] = []
    const sleeping = new Promise<void>((resolve) => {
      clock.at(50, resolve)
    })
    clock.track(sleeping.then(() => order.push('woken')))
    clock.at(20, () => order.push('timer'))
    await clock.advance(50)
    expect(order).toEqual(['timer', 'woken'])
  })

  test('fires what is already due when it settles', async () => {
    const clock = fakeClock({ start: 100 })
    const fired: number[] = []
    clock.at(50, () => fired.push(clock.now()))
    await clock.settle()
    expect(fired).toEqual([100])
  })

  test('tells the next instant at which something happens', () => {
    const clock = fakeClock({ start: 0 })
    const cancel = clock.at(5, () => {})
    clock.at(9, () => {})
    cancel()
    expect(clock.next()).toBe(9)
  })
})

describe('the system clock', () => {
  test('fires after the instant, not before', async () => {
    const due = Date.now() + 20
    const at = await new Promise<number>((resolve) => {
      systemClock.at(due, () => {
        resolve(Date.now())
      })
    })
    expect(at).toBeGreaterThanOrEqual(due - 1)
  })

  test('does not fire what was cancelled', async () => {
    let fired = false
    const cancel = systemClock.at(Date.now() + 5, () => {
      fired = true
    })
    cancel()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(fired).toBe(false)
  })

  test('can wait longer than a timer can', async () => {
    let fired = false
    const cancel = systemClock.at(Date.now() + 30 * 86_400_000, () => {
      fired = true
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    cancel()
    expect(fired).toBe(false)
  })
})
