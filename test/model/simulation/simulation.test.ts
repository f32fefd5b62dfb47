import { expect, test } from 'vitest'
import { runs } from '../../runs.ts'
import { drawsFrom } from '../../sage/whole-cycle/dealt.ts'
import { Coverage } from './coverage.ts'
import { live } from './history.ts'
import { faults } from './outside.ts'

// The same histories in every run; `npm run simulate` draws fresh ones.
const seed = Number(process.env['SEED'] ?? 1)

/** A violation with its story, for whoever reads the failure. */
const storyOf = ({ violation, seed: of, story }: Awaited<ReturnType<typeof live>>): string | undefined =>
  violation && [`${violation}, by seed ${String(of)}`, ...story].join('\n  ')

test('whatever fails, nothing is exported twice, lost, or exported unapproved', async () => {
  const coverage = new Coverage()
  for (let at = 0; at < runs(40, 5_000); at += 1) {
    const told = await live({ seed: seed + at, steps: 60 })
    expect(storyOf(told)).toBeUndefined()
    coverage.add(told)
  }
  expect([...coverage.states].toSorted()).toEqual(
    expect.arrayContaining(['locked exported', 'locked sent', 'locked synced', 'unlocked rejected']),
  )
}, 3_600_000)

test('a history is the same whenever it is lived through', async () => {
  const [once, again] = [await live({ seed, steps: 60 }), await live({ seed, steps: 60 })]
  expect([again.story, again.asked]).toEqual([once.story, once.asked])
})

test('a function that is killed at any of its calls, before or after it, loses and doubles nothing', async () => {
  const calm = await live({ seed, steps: 120, oneIn: 0 })
  expect(storyOf(calm)).toBeUndefined()
  const points = [...calm.sites.keys()].flatMap((site) =>
    faults.filter((fault) => fault.startsWith('killed')).map((fault) => ({ site, fault })),
  )
  const struck = drawsFrom(seed).shuffled(points).slice(0, runs(25, points.length))
  for (const strike of struck) {
    const told = await live({ seed, steps: 120, strike })
    const met = told.sites.get(strike.site)?.faults.get(strike.fault)
    expect([strike, storyOf(told), met]).toEqual([strike, undefined, 1])
  }
}, 3_600_000)
