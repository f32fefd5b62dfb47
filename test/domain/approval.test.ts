import { expect, test } from 'vitest'
import {
  Approval,
  ApprovalPolicy,
  ApprovalStep,
  approvalId,
  ConfirmationCode,
  Decision,
  defaultPolicy,
  PartTotal,
} from '../../shared/domain/approval.ts'
import { concrete, day, givenApproval, hash, id, noon } from '../given.ts'

const asStored = (value: object): unknown => JSON.parse(JSON.stringify(value))

const step = {
  name: 'Accounting',
  approvers: [id('ann')],
  accepts: 1,
  from_amount: 5,
  reminder: { after: 'P3D', every: 'P2D' },
  escalation: { after: 'P5D', to: id('cara') },
  expiry: 'P9D',
}
const decisions = [
  { person: 'ann', choice: 'accept', at: noon, comments: [], entry_date: '2026-03-16', by: 'link' },
  {
    person: 'bob',
    choice: 'reject',
    at: noon,
    reason: 'Twice',
    comments: [{ code: concrete, comment: 'Twice' }],
    by: 'sign_in',
  },
]

test('an approval is read as it was stored', () => {
  const stored = {
    ...givenApproval(),
    steps: [step],
    expiry: 'P9D',
    reminded: 1,
    escalated_at: noon,
    nobody_since: noon,
    resent: [{ to: 'ann', at: noon }],
    codes_mailed: [{ to: 'ann', at: noon }],
    code_from_amount: 7,
    ticks: ['import_from_sage_closes', 'job_has_no_estimate', 'create_job'],
    decisions,
    ended_at: day('2026-03-20'),
  }
  for (const outcome of ['accepted', 'rejected', 'retrieved', 'expired'])
    expect(Approval.parse(asStored({ ...stored, outcome }))).toEqual({ ...stored, outcome })
})

test.each(['link', 'link_and_code', 'sign_in'])('a decision by %s is read as it was stored', (by) => {
  expect(Decision.parse(asStored({ ...decisions[0], by }))).toEqual({ ...decisions[0], by })
})

test('what goes with an approval is read as it was stored', () => {
  const total = { ...givenApproval().parts[0]!, increases: 7 }
  const code = { sha256: hash('a'), until: noon }
  const which = { version: 3, send: 2, step: 1 }
  expect([PartTotal.parse(asStored(total)), ConfirmationCode.parse(code), ApprovalStep.parse(which)]).toEqual(
    [total, code, which],
  )
  expect(ApprovalStep.safeParse({ version: 3 }).success).toBe(false)
})

test.each(['larger', 'revised_total', 'moved'])(
  'a policy that compares %s is read as it was stored',
  (amount) => {
    const policy = { ...defaultPolicy, steps: [step, { ...step, accepts: 2 }], amount, code_from_amount: 7 }
    expect(ApprovalPolicy.parse(asStored(policy))).toEqual(policy)
  },
)

test.each([
  ['no step', { steps: [] }],
  ['a step that nobody need accept', { steps: [{ ...step, accepts: 0 }] }],
])('a policy with %s is none', (_, but) => {
  expect(ApprovalPolicy.safeParse({ ...defaultPolicy, ...but }).success).toBe(false)
})

test('where a company chose nothing, one approver decides the larger amount within thirty days', () => {
  expect(defaultPolicy).toEqual({
    steps: [{ name: 'Accounting', approvers: [], accepts: 1 }],
    amount: 'larger',
    separation_of_duties: true,
    expiry: 'P30D',
  })
})

test('a step is named in the logs by project, version, send and number', () => {
  expect(approvalId('clinic', { version: 3, send: 2, step: 1 })).toBe('clinic-v3-s2-1')
})
