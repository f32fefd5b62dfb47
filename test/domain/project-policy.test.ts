import { describe, expect, test } from 'vitest'
import type { ApprovalPolicy } from '../../shared/domain/approval.ts'
import { cents } from '../../shared/domain/cents.ts'
import { narrowedPolicy, notNarrower, type ProjectPolicy } from '../../shared/domain/project-policy.ts'
import { id } from '../given.ts'

const company: ApprovalPolicy = {
  steps: [
    { name: 'Accounting', approvers: [], accepts: 1, reminder: { after: 'P3D' } },
    {
      name: 'Controller',
      approvers: [id('ann'), id('ben')],
      accepts: 2,
      from_amount: cents(1_000),
      expiry: 'P10D',
    },
  ],
  amount: 'larger',
  separation_of_duties: false,
  expiry: 'P30D',
  code_from_amount: cents(5_000),
}

const controller = (but: object): ProjectPolicy => ({ steps: [{ name: 'Controller', ...but }] })

describe('a project’s policy', () => {
  test('changes nothing that it leaves out', () => {
    expect(narrowedPolicy(company, { steps: [] })).toEqual(company)
  })

  test('narrows the steps that it names, and those alone', () => {
    const steps = [{ name: 'Accounting', approvers: [id('cara')], accepts: 1, expiry: 'P5D' }]
    const code_from_amount = cents(4_000)
    expect(narrowedPolicy(company, { steps, separation_of_duties: true, code_from_amount })).toEqual({
      ...company,
      code_from_amount,
      separation_of_duties: true,
      steps: [{ ...company.steps[0], approvers: ['cara'], expiry: 'P5D' }, company.steps[1]],
    })
  })

  test.each([
    ['P7D', ['P7D', 'P7D']],
    ['P20D', ['P20D', 'P10D']],
  ])('that expires after %s lets its steps expire after %j', (expiry, ends) => {
    const narrowed = narrowedPolicy(company, { steps: [], expiry })
    expect(narrowed.steps.map((step) => step.expiry ?? narrowed.expiry)).toEqual(ends)
  })

  test.each<[string, ProjectPolicy]>([
    ['nothing', { steps: [] }],
    ['one of the approvers and the same accepts', controller({ approvers: [id('ann'), id('ben')] })],
    ['more accepts', controller({ accepts: 3 })],
    ['a lower amount', controller({ from_amount: cents(999) })],
    ['a shorter time', controller({ expiry: 'P9D' })],
    ['a code from the same amount on', { steps: [], code_from_amount: cents(5_000) }],
    ['anybody where the company names nobody', { steps: [{ name: 'Accounting', approvers: [id('zoe')] }] }],
  ])('with %s is narrower', (_, policy) => {
    expect(notNarrower(company, policy)).toEqual([])
  })

  test.each<[string, ProjectPolicy, string]>([
    [
      'an approver whom the company does not name',
      controller({ approvers: [id('zoe')] }),
      '/steps/0/approvers',
    ],
    ['fewer accepts', controller({ accepts: 1 }), '/steps/0/accepts'],
    ['a higher amount', controller({ from_amount: cents(1_001) }), '/steps/0/from_amount'],
    ['a longer time', controller({ expiry: 'P11D' }), '/steps/0/expiry'],
    [
      'an amount for a step that always applies',
      { steps: [{ name: 'Accounting', from_amount: cents(0) }] },
      '/steps/0/from_amount',
    ],
    ['a step that the company has not', { steps: [{ name: 'Owner' }] }, '/steps/0/name'],
    [
      'a step named twice',
      { steps: [{ name: 'Accounting' }, { name: 'Accounting', accepts: 2 }] },
      '/steps/1/name',
    ],
    ['a later end', { steps: [], expiry: 'P31D' }, '/expiry'],
    ['a code from a higher amount on', { steps: [], code_from_amount: cents(5_001) }, '/code_from_amount'],
    ['an end before the reminder of a step', { steps: [], expiry: 'P3D' }, '/expiry'],
  ])('with %s is not narrower', (_, policy, pointer) => {
    expect(notNarrower(company, policy).map((place) => place.pointer)).toEqual([pointer])
  })

  test('names no step of which the company has two by that name', () => {
    const twice = { ...company, steps: [...company.steps, ...company.steps] }
    expect(notNarrower(twice, controller({ accepts: 3 }))[0]?.pointer).toBe('/steps/0/name')
  })
})
