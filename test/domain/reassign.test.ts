import { describe, expect, test } from 'vitest'
import type { Approval, AskedMails, PolicyStep } from '../../shared/domain/approval.ts'
import { cents } from '../../shared/domain/cents.ts'
import { Day, Instant, type PersonId } from '../../shared/domain/ids.ts'
import {
  type AskedOfStep,
  askCode,
  reachedInPlaceOf,
  reassign,
  resend,
} from '../../shared/domain/reassign.ts'
import { isRefusal, type Refusal } from '../../shared/domain/refusal.ts'
import { givenApproval, givenHead, givenPerson, id, noon } from '../given.ts'

const [ann, ben, cleo] = [id('ann'), id('ben'), id('cleo')]
const people = [
  ...['ann', 'cleo', 'dee'].map((name) => givenPerson(name)),
  givenPerson('ben', { name: 'Ben Berg' }),
  givenPerson('ed'),
  givenPerson('gus', { active: false }),
  givenPerson('pam', { roles: ['project_manager'] }),
]
const step = (name: string, approvers: readonly PersonId[], accepts = 1): PolicyStep => ({
  name,
  approvers: [...approvers],
  accepts,
})
const head = givenHead({ edit: 'locked', erp: 'sent', version: 3, send: 2, sent_version: 3 })
const asked = (approval: Partial<Approval> = {}, but: Partial<AskedOfStep> = {}): AskedOfStep => ({
  head,
  approval: givenApproval({ steps: [step('Accounting', [ann])], approvers: [ann], ...approval }),
  by: ann,
  admin: false,
  people,
  at: noon,
  ...but,
})
const passed = (answer: Approval | Refusal): Approval => {
  if (isRefusal(answer)) throw new Error(answer.code)
  return answer
}
const whyNot = (answer: Approval | Refusal): unknown =>
  isRefusal(answer) ? [answer.code, answer.places?.[0]?.code] : 'not refused'

describe('an open step that is passed on', () => {
  test('names the new approver in the place of the old one, in that step alone', () => {
    const steps = [step('Accounting', [ann, cleo]), step('Board', [ann])]
    const before = asked({ steps, approvers: [ann, cleo] })
    expect(reassign(before, ann, ben)).toEqual({
      ...before.approval,
      steps: [{ ...steps[0], approvers: [cleo, ben] }, steps[1]],
      approvers: [cleo, ben],
    })
  })

  test('names nobody twice', () => {
    const before = asked({ steps: [step('Accounting', [ann, ben, cleo])], approvers: [ann, ben, cleo] })
    const { steps, approvers } = passed(reassign(before, ann, ben))
    expect([steps[0]?.approvers, approvers]).toEqual([
      [cleo, ben],
      [cleo, ben],
    ])
  })

  test('that names nobody is everyone’s with the role who is active', () => {
    const before = asked({ steps: [step('Accounting', [])] })
    expect(passed(reassign(before, ann, ben)).steps[0]?.approvers).toEqual([cleo, id('dee'), id('ed'), ben])
    expect(whyNot(reassign(before, id('gus'), ben))).toEqual(['INVALID_INPUT', 'NOT_APPROVER'])
  })
})

describe('an open step is not passed on', () => {
  const decisions = [{ person: cleo } as Approval['decisions'][number]]
  const steps = [step('Accounting', [ann, cleo])]

  test.each<[string, PersonId, PersonId, string, string]>([
    ['to the same person', ann, ann, 'SAME_PERSON', 'One person is named twice.'],
    ['from somebody else', ben, ann, 'NOT_APPROVER', 'Ben Berg is not an approver of the open step.'],
    ['from somebody who has decided', cleo, ben, 'DECIDED_ALREADY', 'cleo has decided already.'],
    ['to somebody who has decided', ann, cleo, 'DECIDED_ALREADY', 'cleo has decided already.'],
    [
      'to somebody without the role',
      ann,
      id('pam'),
      'NOT_ELIGIBLE',
      'pam is not an active accounting approver.',
    ],
    ['to somebody who has left', ann, id('gus'), 'NOT_ELIGIBLE', 'gus is not an active accounting approver.'],
    ['to nobody', ann, id('x'), 'NOT_ELIGIBLE', 'x is not an active accounting approver.'],
    ['to who may not accept', ann, id('ed'), 'NOT_ELIGIBLE', 'ed has changed this budget'],
  ])('%s', (_, from, to, code, sentence) => {
    expect(reassign(asked({ steps, decisions }), from, to)).toMatchObject({
      code: 'INVALID_INPUT',
      places: [{ code, sentence: expect.stringContaining(sentence) as string }],
    })
  })
})

// A mail or a code of so many milliseconds ago.
const mailed = (to: PersonId, ...ago: readonly number[]): AskedMails =>
  ago.map((milliseconds) => ({
    to,
    at: Instant.parse(new Date(Date.parse(noon) - milliseconds).toISOString()),
  }))
const hour = 3_600_000

describe('a mail that is sent again', () => {
  test('is remembered with when', () => {
    const before = asked()
    expect(resend(before, ann)).toEqual({ ...before.approval, resent: [{ to: ann, at: noon }] })
  })

  test.each([
    ['three within the hour are enough', mailed(ann, 0, 1, hour - 1), 'TOO_MANY_MAILS'],
    ['one of a whole hour ago does not count', mailed(ann, 0, 1, hour), undefined],
    ['those to another do not count', mailed(ben, 0, 1, 2), undefined],
  ])('%s', (_, resent, code) => {
    const came = resend(asked({ resent }), ann)
    expect(isRefusal(came) ? [came.code, came.retry_after] : undefined).toEqual(code && [code, 3600])
  })

  test('is remembered with those of the last hour alone', () => {
    const resent = [...mailed(ann, hour, hour + 1), ...mailed(ben, 5)]
    expect(passed(resend(asked({ resent }), ann)).resent).toEqual([...mailed(ben, 5), { to: ann, at: noon }])
  })
})

describe('a code that is mailed', () => {
  const takesCode = { amount: cents(500), code_from_amount: cents(500) }

  test('is remembered with when', () => {
    const before = asked(takesCode)
    expect(askCode(before)).toEqual({ ...before.approval, codes_mailed: [{ to: ann, at: noon }] })
  })

  test.each<[string, Partial<Approval>, Partial<AskedOfStep>, string]>([
    ['to nobody where none is needed', { ...takesCode, amount: cents(499) }, {}, 'INVALID_INPUT'],
    ['to nobody who is not an approver of the step', takesCode, { by: ben }, 'NOT_ELIGIBLE'],
    ['to nobody who is not in the directory', takesCode, { by: id('nobody') }, 'NOT_ELIGIBLE'],
    ['to nobody once the time is over', { ...takesCode, until: noon }, {}, 'APPROVAL_ENDED'],
    [
      'to nobody more than three times an hour',
      { ...takesCode, codes_mailed: mailed(ann, 0, 1, 2) },
      {},
      'TOO_MANY_MAILS',
    ],
  ])('goes %s', (_, approval, but, code) => {
    expect(whyNot(askCode(asked(approval, but)))).toEqual([code, undefined])
  })

  test('may be asked for again in an hour', () => {
    const codes_mailed = mailed(ann, 0, 1, 2)
    expect(askCode(asked({ ...takesCode, codes_mailed }))).toMatchObject({ retry_after: 3600 })
    expect(isRefusal(askCode(asked({ ...takesCode, codes_mailed: mailed(ann, 0, 1, hour) })))).toBe(false)
  })
})

describe('a mail to an approver reaches', () => {
  const delegate = { person: ben, from: Day.parse('2026-03-01'), until: Day.parse('2026-03-31') }

  test('who stands in as well, but nobody who has decided', () => {
    const some = people.map((person) => (person.id === ann ? { ...person, delegate } : person))
    const { approval } = asked()
    const reached = { approval, people: some, at: noon, timeZone: undefined }
    expect(reachedInPlaceOf(reached, [ann]).toSorted()).toEqual([ann, ben])
    const decisions = [{ person: ben } as Approval['decisions'][number]]
    expect(reachedInPlaceOf({ ...reached, approval: { ...approval, decisions } }, [ann])).toEqual([ann])
  })
})
