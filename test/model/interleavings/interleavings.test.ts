import { expect, test } from 'vitest'
import { runs } from '../../runs.ts'
import { endsAmiss } from './all-contests.ts'
import { type Contest, pairs, triples } from './contests.ts'
import { explore } from './play.ts'
import { everyOrder } from './schedule.ts'

// Every order of the calls of two or three who act at once, up to so many preemptions (`npm run interleavings`).
const hours = 3_600_000

async function endsAsItMay(contest: Contest, preemptions: number): Promise<void> {
  const { ends } = await explore(contest, preemptions)
  expect(endsAmiss(contest, ends, preemptions)).toEqual([])
}

test.each(pairs)(
  '$name: in every order the one or the other is first, and what is recorded is carried out',
  async (contest) => {
    await endsAsItMay(contest, runs(1, 2))
  },
  hours,
)

test.each(triples)(
  '$name: in every order it ends as it may',
  async (contest) => {
    await endsAsItMay(contest, runs(0, 2))
  },
  hours,
)

const two = [3, 2]

test.each([
  [0, 2], // the one, then the other
  [1, 5], // after one or two calls of the first, or one of the second, the other comes between
  [5, 10], // all there are: 5 over 2
])('with at most %i preemptions, two who make three calls and two go in %i orders', async (most, all) => {
  const orders = new Set<string>()
  const played = await everyOrder(most, async ({ choose, turns }) => {
    const left = [...two]
    while (left.some((calls) => calls > 0)) {
      const waiting = left.flatMap((calls, i) =>
        calls > 0 ? [{ actor: 'ab'[i], goOn: () => undefined }] : [],
      )
      const at = choose(waiting)
      if (at !== undefined) left['ab'.indexOf(waiting[at]?.actor ?? '')]! -= 1
    }
    orders.add(turns.map(({ went }) => went).join(''))
    await Promise.resolve()
  })
  expect([played, orders.size]).toEqual([all, all])
})
