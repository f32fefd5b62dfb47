import { beforeAll, describe, expect, test } from 'vitest'
import { CompanyId } from '../../../shared/domain/ids.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { ann, personOf, setUpAcme } from './acme.ts'
import type { SignIn } from './api-event.ts'
import { type Came, idempotencyKey, useLocalApi } from './local-api.ts'
import { keyOf, lockedProject, send, sentProject, shownOf, step } from './workflow-by-hand.ts'

const api = useLocalApi()

beforeAll(async () => {
  await setUpAcme(api())
})

const several = async (decisions: readonly object[], headers = {}, as = ann): Promise<Came> =>
  await api().command('/erp/budgets/decisions', { as, body: { decisions }, headers })

const acceptOf = async (project: string) => ({
  project,
  choice: 'accept',
  ...(await shownOf(api(), project)),
})

const rejection = (project: string) => ({ project, choice: 'reject', reason: 'No.' })

const signals = async (project: string): Promise<string[]> =>
  (await api().store.signals(keyOf(project), 1)).map(({ kind }) => kind)

describe('several decisions at once', () => {
  test('are each recorded on its own merits', async () => {
    const projects = [await sentProject(api()), await sentProject(api()), await sentProject(api())] as const
    const [good, badShown, other] = await Promise.all(projects.map(acceptOf))
    const bad = { ...badShown!, shown: { ...badShown!.shown, export_hash: 'f'.repeat(64) } }
    const nowhere = { project: 'nowhere', choice: 'reject', reason: 'No.' }
    const reasonless = { project: projects[2], choice: 'reject', reason: ' ' }
    const came = await several([bad, good!, nowhere, reasonless])
    expect([came.status, came.json]).toMatchObject([
      202,
      {
        recorded: 1,
        decisions: [
          {
            project: projects[1],
            status: 409,
            decided: null,
            problem: { type: problemType('SHOWN_IS_NOT_STORED') },
          },
          {
            project: projects[0],
            status: 202,
            decided: { decided: 'now', outcome: 'accepted' },
            problem: null,
          },
          { project: 'nowhere', status: 404, problem: { type: problemType('NOT_FOUND') } },
          { project: projects[2], status: 422, problem: { type: problemType('REASON_MISSING') } },
        ],
      },
    ])
    expect(await Promise.all(projects.map(signals))).toEqual([['send', 'accepted'], ['send'], ['send']])
    expect((await several([other!])).json).toMatchObject({ recorded: 1 })
  })

  test('sent again with their key are answered as before, and what was refused is decided anew', async () => {
    const [one, two] = [await sentProject(api()), await lockedProject(api())]
    const decisions = [await acceptOf(one), { project: two, choice: 'reject', reason: 'Too dear.' }]
    const headers = { 'idempotency-key': idempotencyKey() }
    const first = await several(decisions, headers)
    await send(api(), two)
    await step(api(), one, 'exportBudget')
    const again = await several(decisions, headers)
    const third = await several(decisions, headers)
    expect([first, again, third].map(({ json }) => json.decisions)).toMatchObject([
      [{ status: 202 }, { status: 409 }],
      [{ status: 202 }, { status: 202, decided: { decided: 'now', outcome: 'rejected' } }],
      [{ status: 202 }, { status: 202, decided: { decided: 'now', outcome: 'rejected' } }],
    ])
    expect([again, third].map((came) => came.headers['idempotent-replayed'])).toEqual([undefined, 'true'])
    expect(third.text).toBe(again.text)
  })

  test('under a key that one of them had with another request: that one is refused, the others are recorded', async () => {
    const [one, two] = [await sentProject(api()), await sentProject(api())]
    const headers = { 'idempotency-key': idempotencyKey() }
    await several([await acceptOf(one)], headers)
    const came = await several([await acceptOf(two), await acceptOf(one)], headers)
    expect(came.json.decisions).toMatchObject([
      { project: two, status: 202 },
      { project: one, status: 422, problem: { type: problemType('IDEMPOTENCY_KEY_REUSED') } },
    ])
  })

  test.each<[string, readonly object[], string]>([
    ['none', [], '/decisions'],
    ['26', Array.from({ length: 26 }, (_, i) => rejection(`p${String(i)}`)), '/decisions'],
    ['two of one project', [rejection('tower'), rejection('tower')], '/decisions'],
    ['one without a choice', [{ project: 'tower' }], '/decisions/0/choice'],
    ['one without a project', [{ choice: 'reject', reason: 'No.' }], '/decisions/0/project'],
    ['a member that nobody knows', [{ ...rejection('tower'), force: true }], '/decisions/0/force'],
  ])('%s are refused, and none is recorded', async (_, decisions, pointer) => {
    const came = await several(decisions)
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, pointer])
  })

  test('25 are answered in one call', async () => {
    const came = await several(Array.from({ length: 25 }, (_, i) => rejection(`nowhere-${String(i)}`)))
    expect([came.status, came.json]).toMatchObject([202, { recorded: 0 }])
  })

  test('of another company’s project are answered as of none', async () => {
    const project = await sentProject(api())
    const foreign: SignIn = { sub: 'sub-zoe', groups: ['globex:accounting_approver'] }
    await api().companies.putPerson(
      CompanyId.parse('globex'),
      { ...personOf('zoe', ['accounting_approver']) },
      'system',
    )
    const came = await several([rejection(project)], {}, foreign)
    expect(came.json.decisions).toMatchObject([{ project, status: 404 }])
    expect(await signals(project)).toEqual(['send'])
  })
})
