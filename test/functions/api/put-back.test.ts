import { beforeAll, expect, test } from 'vitest'
import { verifyHistory } from '../../../shared/store/history.ts'
import { acme, east, jobOf, pat, setUpAcme } from './acme.ts'
import { useLocalApi } from './local-api.ts'
import { putBack, storedOf } from './put-back.ts'
import { acceptIt, deliver, fail, keyOf, sentProject, step } from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const exporting = putBack(async () => {
  const project = await sentProject(api())
  await acceptIt(api(), project)
  return project
})

/** A second file, and Sage's totals of the job: what is stored elsewhere than in the project's rows. */
async function correct(project: string): Promise<void> {
  await deliver(api(), project)
  const lines = [{ cost_code: '03-3000', cost_type: 'S' }]
  await api().command(`/exports/${project}-e1/rejects`, { as: pat, body: { part: 1, lines } })
  await step(api(), project, 'exportCorrections')
  const totals = { job: jobOf(project), as_of: api().clock.now(), totals: [] }
  await api().companies.putJobTotals(acme, east, totals)
}

const given: { readonly project: string; readonly stored: Awaited<ReturnType<typeof storedOf>> }[] = []

test.each([
  ['failed', async (project: string) => await fail(api(), project)],
  ['was corrected', correct],
  ['is looked at', async () => await Promise.resolve()],
])('a project that %s is for the next test what it was at first', async (_, carryOn) => {
  const project = await exporting(api())
  const stored = await storedOf(api(), project)
  given.push({ project, stored })
  expect(given.at(-1)).toEqual(given[0])
  expect(await api().companies.jobTotals(acme, east, jobOf(project))).toBeUndefined()
  const head = (await api().store.head(keyOf(project)))!
  expect(verifyHistory(await api().store.history(keyOf(project), { limit: 100 }), head)).toBeUndefined()
  await carryOn(project)
})

test('asked for twice within one test, it is two projects', async () => {
  expect(await exporting(api())).not.toBe(await exporting(api()))
})

test('a project that was carried on is not the one of the place before', async () => {
  const [sent, further] = [await sentProject(api()), await exporting(api())]
  expect(sent).not.toBe(further)
  expect(await api().store.head(keyOf(sent))).toMatchObject({ erp: 'sent' })
})
