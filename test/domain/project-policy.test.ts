import { describe, expect, test } from 'vitest'
import type { ApprovalPolicy } from '../../shared/domain/approval.ts'
import { cents } from '../../shared/domain/cents.ts'
import {
  narrowedPolicy,
  notNarrowed,
  notNarrower,
  ProjectPolicy,
} from '../../shared/domain/project-policy.ts'
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

  test('takes more accepts and a lower amount for a step', () => {
    const { steps } = narrowedPolicy(company, controller({ accepts: 3, from_amount: cents(0) }))
    expect(steps[1]).toMatchObject({ accepts: 3, from_amount: 0 })
    expect(notNarrowed).toEqual({ steps: [] })
  })

  test('is read as it was stored', () => {
    const step = { name: 'Controller', approvers: [id('ann')], accepts: 2, from_amount: 5, expiry: 'P9D' }
    const stored = { steps: [step], separation_of_duties: true, expiry: 'P9D', code_from_amount: 5 }
    expect(ProjectPolicy.parse(structuredClone(stored))).toEqual(stored)
    const taken = (but: object) => ProjectPolicy.safeParse({ ...stored, ...but }).success
    expect([
      taken({ separation_of_duties: false }),
      taken({ steps: [{ ...step, approvers: [] }] }),
      taken({ steps: [{ ...step, accepts: 0 }] }),
      taken({ steps: [{ ...step, approvers: [id('ann'), id('ben')] }] }),
    ]).toEqual([false, false, false, true])
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
    ['the same accepts', controller({ accepts: 2 })],
    ['more accepts', controller({ accepts: 3 })],
    ['the same amount', controller({ from_amount: cents(1_000) })],
    ['the same time', controller({ expiry: 'P10D' })],
    ['the same end', { steps: [], expiry: 'P30D' }],
    ['a lower amount', controller({ from_amount: cents(999) })],
    ['a shorter time', controller({ expiry: 'P9D' })],
    ['a code from the same amount on', { steps: [], code_from_amount: cents(5_000) }],
    ['anybody where the company names nobody', { steps: [{ name: 'Accounting', approvers: [id('zoe')] }] }],
  ])('with %s is narrower', (_, policy) => {
    expect(notNarrower(company, policy)).toEqual([])
  })

  test.each<[string, ProjectPolicy, string, string?]>([
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
    ['a step that the company has not', { steps: [{ name: 'Owner' }] }, '/steps/0/name', 'NOT_FOUND'],
    [
      'a step named twice',
      { steps: [{ name: 'Accounting' }, { name: 'Accounting', accepts: 2 }] },
      '/steps/1/name',
      'NAMED_TWICE',
    ],
    ['a later end', { steps: [], expiry: 'P31D' }, '/expiry'],
    ['a code from a higher amount on', { steps: [], code_from_amount: cents(5_001) }, '/code_from_amount'],
    ['an end before the reminder of a step', { steps: [], expiry: 'P3D' }, '/expiry', 'AFTER_EXPIRY'],
  ])('with %s is not narrower', (_, policy, pointer, code = 'NOT_NARROWER') => {
    expect(notNarrower(company, policy).map((place) => [place.pointer, place.code])).toEqual([
      [pointer, code],
    ])
  })

  test('names no step of which the company has two by that name', () => {
    const twice = { ...company, steps: [...company.steps, ...company.steps] }
    expect(notNarrower(twice, controller({ accepts: 3 }))[0]?.pointer).toBe('/steps/0/name')
  })
})
