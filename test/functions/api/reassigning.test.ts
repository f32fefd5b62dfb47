import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { mailCode, reassignApproval, resendMail } from '../../../shared/approving/ask-approver.ts'
import { type ApprovalPolicy, defaultPolicy } from '../../../shared/domain/approval.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { projectPk } from '../../../shared/store/keys.ts'
import { OutboxRow } from '../../../shared/store/outbox.ts'
import { acme, ada, ann, mia, personOf, setUpAcme } from './acme.ts'
import type { SignIn } from './api-event.ts'
import { type Came, idempotencyKey, useMemoryApi } from './local-api.ts'
import { keyOf, lockedProject, retrievedProject, send, sentProject, shownOf } from './workflow-by-hand.ts'

const api = useMemoryApi()
const amy: SignIn = { sub: 'sub-amy', groups: ['acme:accounting_approver'] }
const ben: SignIn = { sub: 'sub-ben', groups: ['acme:accounting_approver'] }
const noon = '2026-11-22T19:38:31.000Z'

beforeAll(async () => {
  await setUpAcme(api())
  for (const name of ['amy', 'ben']) await putApprover(name)
})

afterEach(async () => {
  api().clock.set(noon)
  await api().companies.putPolicy(acme, defaultPolicy, 'system')
  await putApprover('ann')
  await putApprover('ben')
})

const putApprover = async (name: string, but: object = {}): Promise<unknown> =>
  await api().companies.putPerson(acme, { ...personOf(name, ['accounting_approver']), ...but }, 'system')

const ask =
  (name: 'reassign' | 'resend') =>
  async (project: string, body: object, as: SignIn = ada, headers = {}): Promise<Came> =>
    await api().command(`/projects/${project}/budget/${name}`, { as, body, headers })
const reassign = ask('reassign')
const resend = ask('resend')

const accept = async (project: string, as: SignIn, shown?: object): Promise<Came> => {
  const body = { choice: 'accept', ...(shown ?? (await shownOf(api(), project))) }
  return await api().command(`/erp/budgets/${project}/decision`, { as, body })
}

const refused = ({ status, json: { type, errors } }: Came) => [status, type, errors?.[0]?.pointer]
const notEligible = [403, problemType('NOT_ELIGIBLE'), undefined]
const wrong = (pointer: string) => [400, problemType('INVALID_INPUT'), pointer]

/** A project that was sent while the policy named these people, of whom so many must accept. */
async function sentTo(names: readonly string[], accepts = 1): Promise<string> {
  const approvers = names.map((name) => PersonId.parse(name))
  const policy: ApprovalPolicy = {
    ...defaultPolicy,
    steps: [{ name: 'Accounting', approvers, accepts }],
  }
  await api().companies.putPolicy(acme, policy, 'system')
  const project = await lockedProject(api())
  await send(api(), project)
  return project
}

const mailsOf = async (project: string) => {
  const rows = await api().rows.list(projectPk(keyOf(project)), { begins: 'OUTBOX#' })
  const messages = rows.map((row) => OutboxRow.parse(row).message)
  return messages.flatMap((message) => (message.kind === 'mail' ? [message.mail] : []))
}

describe('a budget that is passed on', () => {
  test('is decided by the new approver, and no longer by the old one', async () => {
    const project = await sentTo(['ann'])
    const came = await reassign(project, { from: 'ann', to: 'amy' })
    expect([came.status, came.json]).toEqual([
      200,
      { version: 1, send: 1, step: 1, approvers: ['amy'], mailed: ['amy'] },
    ])
    expect(refused(await accept(project, ann))).toEqual(notEligible)
    expect((await accept(project, amy)).json.outcome).toBe('accepted')
  })

  test('is mailed to the new approver, and is told in its history', async () => {
    const project = await sentTo(['ann'])
    await reassign(project, { from: 'ann', to: 'amy' })
    expect((await mailsOf(project)).filter(({ mail }) => mail === 'reassigned')).toMatchObject([
      { to: ['amy'], approval: { version: 1, send: 1, step: 1 } },
    ])
    const rows = await api().store.history(keyOf(project), { limit: 100 })
    expect(rows.at(-1)).toMatchObject({
      event: 'reassigned',
      by: 'ada',
      detail: { version: 1, send: 1, step: 1, from: 'ann', to: 'amy' },
    })
  })

  test('leaves a step for everyone with the role to all of them but the old one', async () => {
    const project = await sentProject(api())
    const came = await reassign(project, { from: 'ann', to: 'amy' })
    expect(came.json.approvers.toSorted()).toEqual(['amy', 'ben'])
    expect(refused(await accept(project, ann))).toEqual(notEligible)
    expect((await accept(project, ben)).json.outcome).toBe('accepted')
  })

  test('goes from somebody who has left to somebody who is there', async () => {
    const project = await sentTo(['ann'])
    const shown = await shownOf(api(), project)
    await putApprover('ann', { active: false })
    expect((await reassign(project, { from: 'ann', to: 'amy' })).status).toBe(200)
    expect((await accept(project, amy, shown)).json.outcome).toBe('accepted')
  })

  test('is mailed to who stands in for the new approver, who may decide as well', async () => {
    const project = await sentTo(['ann'])
    const delegate = { person: PersonId.parse('amy'), from: '2026-11-01', until: '2026-11-30' }
    await putApprover('ben', { delegate })
    expect((await reassign(project, { from: 'ann', to: 'ben' })).json.mailed.toSorted()).toEqual([
      'amy',
      'ben',
    ])
    expect((await accept(project, amy)).json.outcome).toBe('accepted')
  })

  test('is mailed to who stands in on that day in the time zone of the Sage company', async () => {
    const project = await sentTo(['ann'])
    const delegate = { person: PersonId.parse('amy'), from: '2026-11-01', until: '2026-11-22' }
    await putApprover('ben', { delegate })
    api().clock.set('2026-11-23T03:00:00.000Z')
    expect((await reassign(project, { from: 'ann', to: 'ben' })).json.mailed).toContain('amy')
  })

  test('is still decided by the old approver as the delegate of another', async () => {
    const project = await sentTo(['ann', 'ben'])
    const delegate = { person: PersonId.parse('ann'), from: '2026-11-01', until: '2026-11-30' }
    await putApprover('ben', { delegate })
    await reassign(project, { from: 'ann', to: 'amy' })
    expect((await accept(project, ann)).json.outcome).toBe('accepted')
  })

  test('is not passed on to somebody who leaves at the same moment', async () => {
    const project = await sentTo(['ann'])
    const [by, from, to] = [PersonId.parse('ada'), PersonId.parse('ann'), PersonId.parse('ben')]
    const { companies } = api()
    const people: typeof companies.people = async (company) => {
      const found = await companies.people(company)
      await putApprover('ben', { active: false })
      return found
    }
    const meanwhile = { ...api(), companies: { ...companies, people } }
    const wanted = { key: keyOf(project), by, admin: true, from, to }
    await expect(reassignApproval(meanwhile, { by }, wanted)).rejects.toMatchObject({
      refusal: { code: 'INVALID_INPUT' },
    })
  })

  test('may be passed on by an approver of the step', async () => {
    expect((await reassign(await sentTo(['ann']), { from: 'ann', to: 'amy' }, ann)).status).toBe(200)
  })

  test('is not passed on by an approver of another step', async () => {
    const came = await reassign(await sentTo(['ann']), { from: 'ann', to: 'ben' }, amy)
    expect(refused(came)).toEqual(notEligible)
  })

  test('passed on again with the same key is passed on once', async () => {
    const project = await sentTo(['ann'])
    const headers = { 'idempotency-key': idempotencyKey() }
    const first = await reassign(project, { from: 'ann', to: 'amy' }, ada, headers)
    const again = await reassign(project, { from: 'ann', to: 'amy' }, ada, headers)
    expect([again.status, again.json]).toEqual([200, first.json])
    expect((await mailsOf(project)).filter(({ mail }) => mail === 'reassigned')).toHaveLength(1)
  })

  test.each([
    ['who is not an approver of the step', { from: 'ben', to: 'amy' }, '/from'],
    ['to somebody who has no such role', { from: 'ann', to: 'pat' }, '/to'],
    ['to somebody who is not there', { from: 'ann', to: 'nobody' }, '/to'],
    ['to the same person', { from: 'ann', to: 'ann' }, '/to'],
  ])('is not passed on from or to somebody %s', async (_, body, pointer) => {
    expect(refused(await reassign(await sentTo(['ann']), body))).toEqual(wrong(pointer))
  })

  test('is not passed on to somebody who sent it', async () => {
    await api().companies.putPerson(
      acme,
      personOf('mia', ['project_manager', 'accounting_approver']),
      'system',
    )
    const came = await reassign(await sentTo(['ann']), { from: 'ann', to: 'mia' })
    await api().companies.putPerson(acme, personOf('mia'), 'system')
    expect([refused(came), came.text]).toEqual([wrong('/to'), expect.stringContaining('sent this budget')])
  })

  test('is not passed on to somebody whose limit it is over', async () => {
    await putApprover('ben', { limit: 100 as never })
    expect(refused(await reassign(await sentTo(['ann']), { from: 'ann', to: 'ben' }))).toEqual(wrong('/to'))
  })

  test('is not passed on from or to somebody who has accepted', async () => {
    const project = await sentTo(['ann', 'amy'], 2)
    await accept(project, ann)
    expect(refused(await reassign(project, { from: 'ann', to: 'ben' }))).toEqual(wrong('/from'))
    expect(refused(await reassign(project, { from: 'amy', to: 'ann' }))).toEqual(wrong('/to'))
  })

  test('keeps as many approvers as must accept', async () => {
    const project = await sentTo(['ann', 'amy'], 2)
    expect(refused(await reassign(project, { from: 'ann', to: 'amy' }))).toEqual(notEligible)
  })

  test.each([
    ['was retrieved', retrievedProject, 'NOT_SENT'],
    ['was never sent', lockedProject, 'NOT_SENT'],
  ] as const)('that %s is not passed on', async (_, make, code) => {
    const came = await reassign(await make(api()), { from: 'ann', to: 'amy' })
    expect(refused(came)).toEqual([409, problemType(code), undefined])
  })

  test('whose time is over is not passed on', async () => {
    const project = await sentProject(api())
    api().clock.set('2026-12-22T19:38:31.000Z')
    const came = await reassign(project, { from: 'ann', to: 'amy' })
    expect(refused(came)).toEqual([409, problemType('APPROVAL_ENDED'), undefined])
  })

  test.each([
    ['accept', async (project: string) => await accept(project, ann)],
    [
      'retrieve',
      async (project: string) => await api().command(`/projects/${project}/budget/retrieve`, { as: mia }),
    ],
  ])('and %sd at the same time has one outcome', async (_, other) => {
    const project = await sentTo(['ann'])
    const both = await Promise.all([other(project), reassign(project, { from: 'ann', to: 'amy' })])
    const { outcome, steps } = (await api().store.approval(keyOf(project), { version: 1, send: 1, step: 1 }))!
    const won = both.map(({ status }) => status < 300)
    // A retrieve may follow a reassign; an accept of the old approver may not, nor a reassign anything.
    expect(won).toContain(true)
    expect(outcome !== undefined).toBe(won[0])
    expect(steps[0]?.approvers).toEqual(won[1] ? ['amy'] : ['ann'])
  })
})

test('nothing is asked of a budget or of a step that is not there', async () => {
  const project = await sentTo(['ann'])
  const by = PersonId.parse('ann')
  const resent = resendMail(api(), { by }, { key: keyOf('nowhere'), by, admin: true, to: by })
  const coded = mailCode(api(), keyOf(project), { version: 1, send: 1, step: 9 }, by)
  const notFound = { refusal: { code: 'NOT_FOUND' } }
  await expect(resent).rejects.toMatchObject(notFound)
  await expect(coded).rejects.toMatchObject(notFound)
})

describe('the mail that is sent again', () => {
  test('goes to the approver, and is told in the history', async () => {
    const project = await sentTo(['ann'])
    const came = await resend(project, { to: 'ann' }, ann)
    expect([came.status, came.json.mailed]).toEqual([200, ['ann']])
    const ready = (await mailsOf(project)).filter(({ mail }) => mail === 'ready_for_review')
    expect([ready.length, new Set(ready.map(({ id }) => id)).size]).toEqual([2, 2])
    const rows = await api().store.history(keyOf(project), { limit: 100 })
    expect(rows.at(-1)).toMatchObject({ event: 'mail_resent', by: 'ann', detail: { to: 'ann' } })
  })

  test('goes to one person three times an hour', async () => {
    const project = await sentTo(['ann', 'amy'])
    for (const _ of [1, 2, 3]) expect((await resend(project, { to: 'ann' })).status).toBe(200)
    expect(refused(await resend(project, { to: 'ann' }))).toEqual([
      429,
      problemType('TOO_MANY_MAILS'),
      undefined,
    ])
    expect((await resend(project, { to: 'amy' })).status).toBe(200)
    api().clock.set('2026-11-22T20:38:32.000Z')
    expect((await resend(project, { to: 'ann' })).status).toBe(200)
  })

  test('does not go to somebody who may not decide', async () => {
    expect(refused(await resend(await sentTo(['ann']), { to: 'ben' }))).toEqual(wrong('/to'))
  })

  test('does not go to somebody who has decided', async () => {
    const project = await sentTo(['ann', 'amy'], 2)
    await accept(project, ann)
    expect(refused(await resend(project, { to: 'ann' }))).toEqual(wrong('/to'))
  })

  test('is not asked for by an approver of another step', async () => {
    expect(refused(await resend(await sentTo(['ann']), { to: 'ann' }, ben))).toEqual(notEligible)
  })

  test('of a budget that nobody waits for is refused', async () => {
    expect(refused(await resend(await retrievedProject(api()), { to: 'ann' }))).toEqual([
      409,
      problemType('NOT_SENT'),
      undefined,
    ])
  })
})
