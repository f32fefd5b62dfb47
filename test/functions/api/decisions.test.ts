import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { having, textLike } from './answer-body.ts'
import { type ApprovalPolicy, defaultPolicy } from '../../../shared/domain/approval.ts'
import { cents } from '../../../shared/domain/cents.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { acme, ann, bob, mia, newProject, pat, personOf, setUpAcme } from './acme.ts'
import type { SignIn } from './api-event.ts'
import { type Came, idempotencyKey, useMemoryApi } from './local-api.ts'
import { acceptIt, keyOf, lockedProject, send, sentProject, shownOf, step } from './workflow-by-hand.ts'

const api = useMemoryApi()
const amy: SignIn = { sub: 'sub-amy', groups: ['acme:accounting_approver'] }

beforeAll(async () => {
  await setUpAcme(api())
  await api().companies.putPerson(acme, personOf('amy', ['accounting_approver']), 'system')
})

afterEach(async () => {
  api().clock.set('2026-11-22T19:38:31.000Z')
  await api().companies.putPolicy(acme, defaultPolicy, 'system')
})

const decide = async (project: string, body: unknown, as = ann, headers = {}): Promise<Came> =>
  await api().command(`/erp/budgets/${project}/decision`, { as, body, headers })

const accept = async (project: string, more: object = {}, as = ann): Promise<Came> =>
  await decide(project, { choice: 'accept', ...(await shownOf(api(), project)), ...more }, as)

const reject = async (project: string, reason = 'The concrete is too dear.', as = ann): Promise<Came> =>
  await decide(project, { choice: 'reject', reason }, as)

const signals = async (project: string): Promise<string[]> => {
  const key = keyOf(project)
  const { cycle } = (await api().store.head(key))!
  return (await api().store.signals(key, cycle)).map(({ kind }) => kind)
}

const refused = (came: Came) => [came.status, came.json.type]

const listedAs = async (project: string, name: string, as = ann) =>
  (await api().call('GET', `/projects/${project}/budget`, { as })).json.commands.find(
    ({ command }) => command === name,
  )

const inList = async (project: string, as = ann) =>
  (await api().call('GET', '/erp/budgets', { as, query: { limit: '100' } })).json.budgets.find(
    (budget) => budget.project === project,
  )!

const twoOfTwo = async (): Promise<unknown> =>
  await api().companies.putPolicy(
    acme,
    { ...defaultPolicy, steps: [{ name: 'Accounting', approvers: [], accepts: 2 }] },
    'system',
  )

const may = { command: 'accept', allowed: true }
const mayNot = (code: string, sentence: RegExp) => ({
  command: 'accept',
  allowed: false,
  code,
  sentence: textLike(sentence),
  what_to_do: textLike(/./),
})

describe('budgets ready to be exported', () => {
  test('show what an accept must repeat', async () => {
    const project = await sentProject(api())
    const { budgets } = (await api().call('GET', '/erp/budgets', { as: ann })).json
    expect(budgets.find((budget) => budget.project === project)).toMatchObject({
      erp_state: 'sent',
      totals: { revised_estimate: '505750.00' },
      approval: {
        version: 1,
        send: 1,
        step: 1,
        version_hash: textLike(/^[0-9a-f]{64}$/),
        export_hash: textLike(/^[0-9a-f]{64}$/),
        parts: [{ part: 1, mode: 'original_estimate', entries: 2, total: '505750.00' }],
        ticks: ['import_from_sage_closes', 'job_has_no_estimate'],
        step_name: 'Accounting',
        amount: '505750.00',
        sender: 'mia',
        sender_name: 'Mia',
        waiting_days: 0,
        until: '2026-12-22T19:38:31.000Z',
        accepts: 0,
        accepts_needed: 1,
      },
    })
  })

  test('are those in the state asked for', async () => {
    const project = await lockedProject(api())
    const came = await api().call('GET', '/erp/budgets', {
      as: ann,
      query: { state: 'not_sent', limit: '100' },
    })
    const found = came.json.budgets.find((budget) => budget.project === project)
    expect(found).toMatchObject({ erp_state: 'not_sent', approval: null })
  })

  test('say for how many whole days they wait', async () => {
    const project = await sentProject(api())
    api().clock.set('2026-11-25T19:38:30.000Z')
    expect((await inList(project)).approval).toMatchObject({ waiting_days: 2 })
  })

  test('say when they waited no longer', async () => {
    const project = await sentProject(api())
    await accept(project)
    expect((await inList(project)).approval).toMatchObject({ waiting_days: null, outcome: 'accepted' })
  })

  test('say who may accept, and who may not and why', async () => {
    const project = await sentProject(api())
    await api().companies.putPerson(
      acme,
      { ...personOf('amy', ['accounting_approver']), limit: cents(100) },
      'system',
    )
    const seen = [ann, amy, pat].map(async (as) => (await inList(project, as)).accept)
    expect(await Promise.all(seen)).toEqual([
      may,
      mayNot('NOT_ELIGIBLE', /may accept up to 1\.00/),
      mayNot('NOT_ALLOWED', /accounting approver/),
    ])
    await api().companies.putPerson(acme, personOf('amy', ['accounting_approver']), 'system')
  })

  test('say once the time is up that nobody may', async () => {
    const project = await sentProject(api())
    api().clock.set('2026-12-22T19:38:31.000Z')
    expect((await inList(project)).accept).toEqual(mayNot('APPROVAL_ENDED', /time to decide is over/))
  })

  test('say to whom has accepted that it was done', async () => {
    await twoOfTwo()
    const project = await lockedProject(api())
    await send(api(), project)
    await accept(project)
    expect((await inList(project)).accept).toEqual(mayNot('APPROVAL_ENDED', /decided this budget already/))
    expect((await inList(project, amy)).accept).toEqual(may)
  })

  test('in a state in which nobody decides say so', async () => {
    const project = await lockedProject(api())
    const came = await api().call('GET', '/erp/budgets', {
      as: ann,
      query: { state: 'not_sent', limit: '100' },
    })
    const found = came.json.budgets.find((budget) => budget.project === project)
    expect(found?.accept).toEqual(mayNot('NOT_SENT', /does not wait for a decision/))
  })

  test('are not listed by a state that nobody knows', async () => {
    const came = await api().call('GET', '/erp/budgets', { as: ann, query: { state: 'gone' } })
    expect(came.json.errors).toMatchObject([{ pointer: '/state' }])
  })
})

describe('an accept', () => {
  test('is recorded with its entry date and told to the workflow', async () => {
    const project = await sentProject(api())
    const came = await accept(project, { entry_date: '2026-11-30' })
    expect([came.status, came.json, await signals(project)]).toEqual([
      202,
      {
        decided: 'now',
        outcome: 'accepted',
        decision: {
          person: 'ann',
          choice: 'accept',
          at: '2026-11-22T19:38:31.000Z',
          comments: [],
          entry_date: '2026-11-30',
          by: 'sign_in',
        },
      },
      ['send', 'accepted'],
    ])
  })

  test('tells in the history how the person was known, and from which network and program', async () => {
    const project = await sentProject(api())
    await accept(project)
    const { json } = await api().call('GET', `/projects/${project}/budget/history`, { as: bob })
    expect(json['history']).toContainEqual(
      having({
        event: 'decision_accept',
        by: 'ann',
        detail: having({
          by: 'sign_in',
          decided_from: { family: 'IPv4', network: '127.0.0.0/24', agent: 'test' },
        }),
      }),
    )
  })

  test('carries the day of the decision in the company’s time zone when none is chosen', async () => {
    api().clock.set('2026-11-23T03:00:00.000Z')
    expect((await accept(await sentProject(api()))).json.decision.entry_date).toBe('2026-11-22')
  })

  test('sent again with its key is answered as before', async () => {
    const project = await sentProject(api())
    const body = { choice: 'accept', ...(await shownOf(api(), project)) }
    const headers = { 'idempotency-key': idempotencyKey() }
    const first = await decide(project, body, ann, headers)
    await step(api(), project, 'exportBudget')
    const again = await decide(project, body, ann, headers)
    expect([again.status, again.json, again.headers['idempotent-replayed']]).toEqual([
      202,
      first.json,
      'true',
    ])
  })

  test('given a second time changes nothing', async () => {
    const project = await sentProject(api())
    const body = { choice: 'accept', ...(await shownOf(api(), project)) }
    const first = await decide(project, body)
    const again = await decide(project, body)
    expect([
      again.status,
      again.json,
      (await signals(project)).filter((kind) => kind === 'accepted'),
    ]).toEqual([202, { ...first.json, decided: 'before' }, ['accepted']])
  })

  test('after another has decided is refused', async () => {
    const project = await sentProject(api())
    const body = { choice: 'accept', ...(await shownOf(api(), project)) }
    await reject(project)
    expect(refused(await decide(project, body, amy))).toEqual([409, problemType('APPROVAL_ENDED')])
  })

  test('of what is not stored is refused', async () => {
    const project = await sentProject(api())
    const { shown, ticks } = await shownOf(api(), project)
    const other = { ...shown, export_hash: 'f'.repeat(64) }
    expect(refused(await decide(project, { choice: 'accept', shown: other, ticks }))).toEqual([
      409,
      problemType('SHOWN_IS_NOT_STORED'),
    ])
  })

  test('of another total is refused', async () => {
    const project = await sentProject(api())
    const { shown, ticks } = await shownOf(api(), project)
    const other = { ...shown, parts: [{ part: 1, total: '505750.01' }] }
    expect(refused(await decide(project, { choice: 'accept', shown: other, ticks }))).toEqual([
      409,
      problemType('SHOWN_IS_NOT_STORED'),
    ])
  })

  test('without the ticks of a first export is refused, naming them', async () => {
    const came = await accept(await sentProject(api()), { ticks: [] })
    expect({ refused: refused(came), errors: came.json.errors }).toMatchObject({
      refused: [422, problemType('TICK_MISSING')],
      errors: [{ code: 'import_from_sage_closes' }, { code: 'job_has_no_estimate' }],
    })
  })

  test('with a date outside the window is refused', async () => {
    const came = await accept(await sentProject(api()), { entry_date: '2025-01-01' })
    expect(refused(came)).toEqual([422, problemType('DATE_NOT_ALLOWED')])
  })

  test('of an editor is refused', async () => {
    const project = await lockedProject(api())
    const sally = { sub: 'sub-sally', groups: ['acme:project_manager', 'acme:accounting_approver'] }
    const both = personOf('sally', ['project_manager', 'accounting_approver'])
    await api().companies.putPerson(acme, both, 'system')
    const body = {
      title: 'Nothing much',
      adjustment_line_items: [
        { cost_code: '03-3000', cost_type: 'S', amount: '-1.00' },
        { cost_code: '05-1200', cost_type: 'M', amount: '1.00' },
      ],
    }
    await api().command(`/projects/${project}/budget_changes`, { as: sally, body })
    await send(api(), project)
    expect(refused(await accept(project, {}, sally))).toEqual([403, problemType('NOT_ELIGIBLE')])
  })

  test('over the approver’s limit is refused', async () => {
    const project = await sentProject(api())
    await api().companies.putPerson(
      acme,
      { ...personOf('amy', ['accounting_approver']), limit: 100 as never },
      'system',
    )
    const came = await accept(project, {}, amy)
    await api().companies.putPerson(acme, personOf('amy', ['accounting_approver']), 'system')
    expect(refused(came)).toEqual([403, problemType('NOT_ELIGIBLE')])
  })

  test('after the time is over is refused', async () => {
    const project = await sentProject(api())
    const shown = await shownOf(api(), project)
    api().clock.set('2026-12-22T19:38:31.000Z')
    expect(refused(await decide(project, { choice: 'accept', ...shown }))).toEqual([
      409,
      problemType('APPROVAL_ENDED'),
    ])
  })

  test('after the time is over is listed as refused, while retrieving is not', async () => {
    const project = await sentProject(api())
    api().clock.set('2026-12-22T19:38:31.000Z')
    expect([
      await listedAs(project, 'accept'),
      await listedAs(project, 'reject'),
      await listedAs(project, 'retrieve', mia),
    ]).toMatchObject([
      { allowed: false, code: 'APPROVAL_ENDED' },
      { allowed: false, code: 'APPROVAL_ENDED' },
      { allowed: true },
    ])
    const came = await api().command(`/projects/${project}/budget/retrieve`, { as: mia })
    expect(came.status).toBe(202)
  })

  test('of a budget that was not sent is refused', async () => {
    const shown = { version_hash: 'a'.repeat(64), export_hash: 'a'.repeat(64), parts: [] }
    expect((await decide(await lockedProject(api()), { choice: 'accept', shown })).json.type).toBe(
      problemType('NOT_SENT'),
    )
  })

  test('needs an Idempotency-Key', async () => {
    const project = await sentProject(api())
    const body = { choice: 'reject', reason: 'No.' }
    const came = await api().call('POST', `/erp/budgets/${project}/decision`, { as: ann, body })
    expect(refused(came)).toEqual([400, problemType('IDEMPOTENCY_KEY_MISSING')])
  })

  test('by ten approvers at once is recorded once', async () => {
    const project = await sentProject(api())
    const body = { choice: 'accept', ...(await shownOf(api(), project)) }
    const came = await Promise.all([ann, amy, ann, amy].map(async (as) => await decide(project, body, as)))
    expect(came.filter(({ json }) => json.decided === 'now')).toHaveLength(1)
  })
})

describe('a reject', () => {
  test('is recorded with its reason and comments, and gives the budget back unlocked', async () => {
    const project = await sentProject(api())
    const comments = [{ cost_code: '03-3000', cost_type: 'S', comment: 'Ask the supplier again.' }]
    await decide(project, { choice: 'reject', reason: ' Too dear. ', comments })
    await step(api(), project, 'rejectBudget')
    const approval = await api().store.approval(keyOf(project), { version: 1, send: 1, step: 1 })
    const budget = (await api().call('GET', `/projects/${project}/budget`, { as: mia })).json
    expect([budget.erp_state, budget.edit_state, approval?.decisions]).toMatchObject([
      'rejected',
      'unlocked',
      [{ reason: 'Too dear.', comments: [{ comment: 'Ask the supplier again.' }] }],
    ])
  })

  test('without a reason is refused', async () => {
    expect(refused(await reject(await sentProject(api()), '  '))).toEqual([
      422,
      problemType('REASON_MISSING'),
    ])
  })

  test('needs no tick and nothing that was shown', async () => {
    expect((await reject(await sentProject(api()))).json.outcome).toBe('rejected')
  })

  test('after one’s own accept is refused', async () => {
    const project = await sentProject(api())
    await accept(project)
    expect(refused(await reject(project))).toEqual([409, problemType('APPROVAL_ENDED')])
  })
})

test.each([
  ['accept', { entry_date: '2026-11-30' }],
  ['reject', { reason: 'The concrete is too dear.' }],
] as const)(
  'an %s is told to the workflow, and kept with the hashes of what was decided on',
  async (choice, said) => {
    const project = await sentProject(api())
    const { shown, ticks } = await shownOf(api(), project)
    await decide(project, { choice, ...said, ...(choice === 'accept' && { shown, ticks }) })
    expect((await api().store.signals(keyOf(project), 1)).at(-1)).toMatchObject({
      kind: `${choice}ed`,
      reference: { version: 1, send: 1, step: 1 },
    })
    const row = (await api().store.history(keyOf(project), { limit: 100 })).at(-1)
    expect(row).toMatchObject({ event: `decision_${choice}`, by: 'ann', request: textLike(/^request-/) })
    expect(row?.detail).toEqual({
      version: 1,
      send: 1,
      step: 1,
      version_hash: shown.version_hash,
      export_hash: shown.export_hash,
      by: 'sign_in',
      ...said,
      decided_from: { family: 'IPv4', network: '127.0.0.0/24', agent: 'test' },
    })
  },
)

/** A project that was sent while the policy said so. */
async function sentUnder(policy: ApprovalPolicy): Promise<string> {
  await api().companies.putPolicy(acme, policy, 'system')
  const project = await lockedProject(api())
  await send(api(), project)
  return project
}

describe('an approval that needs two', () => {
  const two = { ...defaultPolicy, steps: [{ name: 'Accounting', approvers: [], accepts: 2 }] }

  test('is open after the first accept, and the workflow hears nothing', async () => {
    const project = await sentUnder(two)
    const came = await accept(project)
    expect([came.json.outcome, (await signals(project)).includes('accepted')]).toEqual([undefined, false])
  })

  test('ends with the second', async () => {
    const project = await sentUnder(two)
    await accept(project)
    expect((await accept(project, {}, amy)).json.outcome).toBe('accepted')
  })
})

describe('an approval of two steps', () => {
  const steps = ['ann', 'amy'].map((id) => ({ name: id, approvers: [PersonId.parse(id)], accepts: 1 }))
  const two = { ...defaultPolicy, steps }

  test('goes on to the second after the first', async () => {
    const project = await sentUnder(two)
    await accept(project)
    expect(await signals(project)).toContain('step_accepted')
  })

  test('cannot be retrieved while the next step is being opened', async () => {
    const project = await sentUnder(two)
    await accept(project)
    const came = await api().command(`/projects/${project}/budget/retrieve`, { as: mia })
    expect(refused(came)).toEqual([409, problemType('COMMAND_PENDING')])
    const { commands } = (await api().call('GET', `/projects/${project}/budget`, { as: mia })).json
    expect(commands).toContainEqual(having({ command: 'retrieve', allowed: false, code: 'COMMAND_PENDING' }))
  })

  test.each([
    ['accept', async (project: string) => await accept(project, {}, amy)],
    ['reject', async (project: string) => await reject(project, 'Too dear.', amy)],
  ])('takes no %s while the next step is being opened, and says so', async (choice, decideNow) => {
    const project = await sentUnder(two)
    await accept(project)
    const listed = await listedAs(project, choice, amy)
    const came = await decideNow(project)
    expect([refused(came), listed]).toEqual([
      [409, problemType('COMMAND_PENDING')],
      having({ allowed: false, code: 'COMMAND_PENDING' }),
    ])
    expect(came.text).toContain('the next one is being opened')
  })

  test('lets the second approver wait for the first', async () => {
    expect(refused(await accept(await sentUnder(two), {}, amy))).toEqual([403, problemType('NOT_ELIGIBLE')])
  })
})

describe('the body of a decision', () => {
  test.each([
    ['nothing to choose', {}, '/choice'],
    ['a choice that nobody knows', { choice: 'maybe' }, '/choice'],
    ['an accept of nothing shown', { choice: 'accept' }, '/shown'],
    ['a reject without the field', { choice: 'reject' }, '/reason'],
    ['a field of the other choice', { choice: 'reject', reason: 'x', ticks: [] }, '/ticks'],
  ])('with %s is refused at its place', async (_, body, pointer) => {
    const came = await decide(await newProject(api()), body)
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, pointer])
  })
})

test('what was accepted is what is exported', async () => {
  const project = await sentProject(api())
  const { shown } = await shownOf(api(), project)
  await acceptIt(api(), project)
  expect((await api().store.export(keyOf(project), 1))?.export_hash).toBe(shown.export_hash)
})
