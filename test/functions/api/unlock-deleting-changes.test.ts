import { beforeAll, describe, expect, test } from 'vitest'
import { peopleOf } from '../../../shared/domain/editor.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { having } from './answer-body.ts'
import { bob, etagOf, mia, setUpAcme, vera } from './acme.ts'
import { useLocalApi } from './local-api.ts'
import { putBack } from './put-back.ts'
import {
  decideChange,
  keyOf,
  lockedProject,
  makeChange,
  retrievedProject,
  step,
  syncedProject,
  unlock,
} from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const inWords = { budget_changes: 'delete', confirm: 'delete all budget changes' }

const over = async (project: string, seen: string | undefined, body?: unknown, as = bob) =>
  await api().command(`/projects/${project}/budget/unlock`, {
    as,
    body,
    ...(seen !== undefined && { headers: { 'if-match': seen } }),
  })

/** Asked by one who looked at the budget as it stands. */
const asked = async (project: string, body?: unknown, as = bob) =>
  await over(project, await etagOf(api(), project), body, as)

const get = async (path: string) => (await api().call('GET', path, { as: vera })).json
const budget = async (project: string) => await get(`/projects/${project}/budget`)
const changes = async (project: string) =>
  (await get(`/projects/${project}/budget_changes`)).budget_changes as unknown as readonly {
    readonly status: string
  }[]

async function approved(project: string): Promise<number> {
  const number = await makeChange(api(), project)
  const came = await decideChange(api(), project, 'approve', number)
  expect(came.status).toBe(200)
  return number
}

/** A locked project with an approved change, a draft and a void one. */
const withChanges = putBack(async () => {
  const project = await lockedProject(api())
  await approved(project)
  await makeChange(api(), project)
  const third = await makeChange(api(), project)
  await decideChange(api(), project, 'void', third)
  return project
})

const statuses = async (project: string) => (await changes(project)).map(({ status }) => status)

describe('an unlock preserves budget changes', () => {
  test.each([
    ['without a body', undefined],
    ['with an empty one', {}],
    ['when it says so', { budget_changes: 'preserve' }],
  ])('%s', async (_, body) => {
    const project = await withChanges(api())
    await over(project, undefined, body)
    await step(api(), project, 'unlockBudget')
    const { totals } = (await budget(project)) as unknown as { totals: unknown }
    expect([await statuses(project), totals]).toEqual([
      ['approved', 'draft', 'void'],
      having({ budget_changes: '0.00' }),
    ])
    const lines = (await get(`/projects/${project}/budget/line_items`)).line_items
    expect(lines.map((line) => line.budget_changes)).toEqual(['-15000.00', '15000.00'])
  })
})

describe('an unlock that deletes the budget changes', () => {
  test('is refused without the words, which it tells', async () => {
    const project = await withChanges(api())
    const came = await asked(project, { budget_changes: 'delete', confirm: 'yes' })
    expect([came.status, came.json.errors]).toEqual([
      400,
      [
        having({
          pointer: '/confirm',
          code: 'CONFIRMATION_MISSING',
          sentence:
            'Deleting budget changes cannot be undone. Write here, word for word: delete all budget changes',
        }),
      ],
    ])
  })

  test('is refused with the words alone: nothing is left to be understood', async () => {
    const project = await lockedProject(api())
    const came = await asked(project, { confirm: inWords.confirm })
    expect(came.json.errors).toMatchObject([{ pointer: '/confirm', code: 'NOTHING_TO_CONFIRM' }])
  })

  test('is refused without the revision that was looked at', async () => {
    const project = await withChanges(api())
    const came = await over(project, undefined, inWords)
    expect([came.status, came.json.type]).toEqual([428, problemType('IF_MATCH_MISSING')])
  })

  test('is refused over a draft that was made since: nobody voids what he has not seen', async () => {
    const project = await withChanges(api())
    const seen = await etagOf(api(), project)
    await makeChange(api(), project)
    const came = await over(project, seen, inWords)
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
    expect([await statuses(project), await budget(project)]).toEqual([
      ['approved', 'draft', 'void', 'draft'],
      having({ edit_state: 'locked', pending: null }),
    ])
  })

  test('is pending as such until the step has carried it out, and told as such after', async () => {
    const project = await withChanges(api())
    const came = await asked(project, inWords)
    expect([came.status, came.json]).toEqual([202, having({ command: 'unlock', budget_changes: 'delete' })])
    expect(await budget(project)).toMatchObject({ pending: { budget_changes: 'delete' } })
    await step(api(), project, 'unlockBudget')
    expect(await budget(project)).toMatchObject({
      edit_state: 'unlocked',
      pending: null,
      last_command: { command: 'unlock', outcome: 'done', budget_changes: 'delete' },
    })
  })

  test('leaves them void, and every line without budget changes', async () => {
    const project = await withChanges(api())
    await asked(project, inWords)
    await step(api(), project, 'unlockBudget')
    const lines = (await get(`/projects/${project}/budget/line_items`)).line_items
    expect([await statuses(project), lines.map((line) => line.budget_changes)]).toEqual([
      ['void', 'void', 'void'],
      ['0.00', '0.00'],
    ])
  })

  test('is told in history, by number, and makes its giver an editor', async () => {
    const project = await withChanges(api())
    await asked(project, inWords)
    await step(api(), project, 'unlockBudget')
    const history = await api().store.history(keyOf(project), { limit: 100 })
    expect(history.slice(-2)).toMatchObject([
      { event: 'changes_deleted', by: 'bob', detail: { numbers: [1, 2], lines: 2 } },
      { event: 'unlocked', by: 'bob', detail: { budget_changes: 'deleted' } },
    ])
    expect(peopleOf(await api().store.editors(keyOf(project)))).toContain('bob')
  })

  test('lets a line go that only such a change touched', async () => {
    const project = await withChanges(api())
    await asked(project, inWords)
    await step(api(), project, 'unlockBudget')
    const { revision } = (await api().store.head(keyOf(project)))!
    const came = await api().call('PATCH', `/projects/${project}/budget/line_items`, {
      as: mia,
      body: { deletes: [{ cost_code: '05-1200', cost_type: 'M' }] },
      headers: { 'if-match': `"${String(revision)}"` },
    })
    expect(came.status).toBe(200)
  })

  test('deletes more changes than one transaction takes', async () => {
    const project = await lockedProject(api())
    for (let i = 0; i < 25; i += 1) await (i % 2 === 0 ? approved(project) : makeChange(api(), project))
    await asked(project, inWords)
    await step(api(), project, 'unlockBudget')
    const lines = (await get(`/projects/${project}/budget/line_items`)).line_items
    expect([
      new Set((await api().store.changes(keyOf(project))).map(({ status }) => status)),
      lines.map((line) => line.budget_changes),
    ]).toEqual([new Set(['void']), ['0.00', '0.00']])
  })

  test('works in a budget without changes as any unlock does', async () => {
    const project = await lockedProject(api())
    await asked(project, inWords)
    await step(api(), project, 'unlockBudget')
    expect(await budget(project)).toMatchObject({ edit_state: 'unlocked' })
  })

  test('works after a send was retrieved, as nothing is in the ledger', async () => {
    const project = await retrievedProject(api())
    const came = await asked(project, inWords)
    await step(api(), project, 'unlockBudget')
    expect([came.status, await budget(project)]).toEqual([
      202,
      having({ edit_state: 'unlocked', erp_state: 'retrieved' }),
    ])
  })

  test('is refused once amounts are in Sage, while preserving them is not', async () => {
    const project = await syncedProject(api())
    const came = await asked(project, inWords)
    expect([came.status, came.json.type]).toEqual([409, problemType('LEDGER_NOT_EMPTY')])
    await unlock(api(), project)
    expect(await budget(project)).toMatchObject({ edit_state: 'unlocked' })
  })

  test('stands in the list of commands with the reason why not', async () => {
    const of = async (project: string) =>
      (await api().call('GET', `/projects/${project}/budget`, { as: bob })).json.commands.filter(
        ({ command }) => command === 'unlock_deleting_changes',
      )
    expect(await of(await lockedProject(api()))).toEqual([
      { command: 'unlock_deleting_changes', allowed: true },
    ])
    expect(await of(await syncedProject(api()))).toMatchObject([{ allowed: false, code: 'LEDGER_NOT_EMPTY' }])
  })

  test('is for a budget admin, as every unlock', async () => {
    expect((await asked(await lockedProject(api()), inWords, mia)).status).toBe(403)
  })
})
