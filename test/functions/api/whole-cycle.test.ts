import { beforeAll, expect, test } from 'vitest'
import { pat, setUpAcme, vera } from './acme.ts'
import { useLocalApi } from './local-api.ts'
import { exportedProject, step, syncedProject } from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const stateOf = async (project: string) =>
  (await api().call('GET', `/projects/${project}/budget`, { as: vera })).json

test('a budget goes from its first line to posted through the API alone, step by step', async () => {
  const project = await syncedProject(api())
  expect(await stateOf(project)).toMatchObject({
    edit_state: 'locked',
    erp_state: 'synced',
    shown_as: 'Posted in Sage (confirmed by Pat)',
    confirmed: 'declared',
    export: null,
    totals: { line_items: 2, original_budget_amount: '505750.00', revised_estimate: '505750.00' },
  })
})

test('a poster who says posted twice is answered twice with the same', async () => {
  const project = await exportedProject(api())
  const said = async () =>
    await api().command(`/exports/${project}-e1/posted`, { as: pat, body: { part: 1 } })
  const first = await said()
  await step(api(), project, 'closeCycle')
  const second = await said()
  expect([first.status, second.status, second.json]).toEqual([202, 202, first.json])
})
