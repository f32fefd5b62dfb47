import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runs } from '../../runs.ts'
import { drawsFrom } from '../../sage/whole-cycle/dealt.ts'
import { Coverage } from './coverage.ts'
import { defects } from './defects.ts'
import { live, type Told } from './history.ts'
import { faults } from './outside.ts'
import { inWords, shrunk } from './shrink.ts'

// Fresh histories in every run, but for `SEED=<n>`, which lives through the same ones again.
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000)

/** A violation with its story, for whoever reads the failure. */
const storyOf = (told: Told): string | undefined => (told.violation === undefined ? undefined : inWords(told))

test('whatever fails, nothing is exported twice, lost, or exported unapproved', async () => {
  const histories = runs(300, 3_000)
  console.log(`${String(histories)} histories, SEED=${String(seed)}`)
  const coverage = new Coverage()
  for (let at = 0; at < histories; at += 1) {
    const wanted = { seed: seed + at }
    const told = await live(wanted)
    expect(storyOf(told.violation === undefined ? told : await shrunk(wanted, told))).toBeUndefined()
    coverage.add(told)
  }
  console.log(coverage.inWords().join('\n'))
  expect([...coverage.states].toSorted()).toEqual(
    expect.arrayContaining(['locked exported', 'locked sent', 'locked synced', 'unlocked rejected']),
  )
}, 3_600_000)

test('a history is the same whenever it is lived through', async () => {
  const [once, again] = [await live({ seed }), await live({ seed })]
  expect(again.story).toEqual(once.story)
})

// Each call that the product makes anywhere in these histories; all of them under LONG.
test('a function that is killed at any of its calls, before or after it, loses and doubles nothing', async () => {
  const firstSeen = new Map<string, number>()
  for (let of = 1; of <= runs(10, 200); of += 1)
    for (const site of (await live({ seed: of })).sites.keys())
      if (!firstSeen.has(site)) firstSeen.set(site, of)
  const points = [...firstSeen].flatMap(([site, of]) =>
    faults.filter((fault) => fault.startsWith('killed')).map((fault) => ({ site, of, fault })),
  )
  const struck = drawsFrom(seed).shuffled(points).slice(0, runs(25, points.length))
  for (const { site, of, fault } of struck) {
    const told = await live({ seed: of, strike: { site, fault } })
    expect([site, fault, storyOf(told), told.sites.get(site)?.faults.has(fault)]).toEqual([
      site,
      fault,
      undefined,
      true,
    ])
  }
}, 3_600_000)

test.each(defects)('the product holds what the defect "$name" spoils', ({ file, from }) => {
  expect(readFileSync(file, 'utf8').split(from)).toHaveLength(2)
})
