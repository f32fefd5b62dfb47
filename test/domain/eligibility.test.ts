import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ApprovalPolicy, defaultPolicy, type PolicyStep } from '../../shared/domain/approval.ts'
import { type Cents, cents, noCents } from '../../shared/domain/cents.ts'
import {
  anyEligible,
  approvalAmount,
  approversOf,
  eligibleToAccept,
  mayAccept,
  mayReject,
  noEligibleApprover,
  stepsThatApply,
} from '../../shared/domain/eligibility.ts'
import type { PartEntries } from '../../shared/domain/export.ts'
import { Day, Instant } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import { tried } from '../arbitraries.ts'
import { codeOf, concrete, earthwork, givenApproval, givenPerson, id, noon, painting } from '../given.ts'

const parts: PartEntries[] = [
  { mode: 'original_estimate', entries: [{ code: concrete, cents: cents(300) }] },
  {
    mode: 'approved_estimate_change',
    entries: [
      { code: earthwork, cents: cents(-500) },
      { code: painting, cents: cents(40) },
    ],
  },
]

describe('the amount of an approval', () => {
  test.each([
    ['larger', 700, 840],
    ['larger', 9_000, 9_000],
    ['revised_total', 700, 700],
    ['revised_total', -700, 700],
    ['moved', 9_000, 840],
  ] as const)('by %s of a budget of %i cents that moves 840 is %i', (amount, original, expected) => {
    expect(approvalAmount({ amount }, { original: cents(original), changes: noCents }, parts)).toBe(expected)
  })

  test('counts approved changes into the revised total', () => {
    const totals = { original: cents(700), changes: cents(-200) }
    expect(approvalAmount({ amount: 'revised_total' }, totals, parts)).toBe(500)
  })
})

const stepFrom = (name: string, from_amount?: number): PolicyStep => ({
  name,
  approvers: [],
  accepts: 1,
  ...(from_amount !== undefined && { from_amount: cents(from_amount) }),
})
const namesAt = (steps: PolicyStep[], amount: number): string[] =>
  stepsThatApply({ steps }, cents(amount)).map(({ name }) => name)

describe('the steps that apply', () => {
  const steps = [stepFrom('Accounting'), stepFrom('Controller', 1_000), stepFrom('Owner', 5_000)]

  test.each([
    [0, ['Accounting']],
    [999, ['Accounting']],
    [1_000, ['Accounting', 'Controller']],
    [5_000, ['Accounting', 'Controller', 'Owner']],
  ])('to %i cents are %o', (amount, expected) => {
    expect(namesAt(steps, amount)).toEqual(expected)
  })

  test('are never none: below every amount the step that begins lowest applies', () => {
    expect(namesAt([stepFrom('Owner', 5_000), stepFrom('Controller', 1_000)], 10)).toEqual(['Controller'])
  })
})

const million = 100_000_000
const largest = 800_000_000

/** So much taken off one line and put on others, in a budget whose total stays what it is. */
function transferOf(amount: number, shares: readonly number[] = []): PartEntries[] {
  const last = amount - shares.reduce((sum, share) => sum + share, 0)
  const up = [...shares, last].map((share, i) => ({
    code: { ...painting, sub_job: String(i) },
    cents: cents(share),
  }))
  return [{ mode: 'approved_estimate_change', entries: [{ code: concrete, cents: cents(-amount) }, ...up] }]
}

const seenBy = (amount: ApprovalPolicy['amount'], transfer: readonly PartEntries[], total = million): Cents =>
  approvalAmount({ amount }, { original: cents(total), changes: noCents }, transfer)

const ownerFrom = (amount: number): PolicyStep[] => [stepFrom('Accounting'), stepFrom('Owner', amount)]

describe('a transfer that nets to zero', () => {
  test.each(['larger', 'moved'] as const)('of five million is seen by %s at a step from there on', (by) => {
    const seen = seenBy(by, transferOf(5 * million))
    expect(namesAt(ownerFrom(5 * million), seen)).toEqual(['Accounting', 'Owner'])
  })

  test.each(['larger', 'moved'] as const)('of five million is over a limit below it, by %s', (by) => {
    const limited = givenPerson('ann', { limit: cents(5 * million - 1) })
    const amount = seenBy(by, transferOf(5 * million))
    const approval = givenApproval({ amount, sender: id('pam'), editors: [] })
    expect(codeOf(mayAccept({ person: limited, people: [limited], approval, at: noon }))).toBe('NOT_ELIGIBLE')
  })

  test('is below no threshold that it reaches, however it is cut up', () => {
    const transfer = fc
      .integer({ min: 1, max: largest })
      .chain((amount) =>
        fc.tuple(
          fc.constant(amount),
          fc.array(fc.integer({ min: 0, max: Math.floor(amount / 10) }), { maxLength: 9 }),
          fc.integer({ min: 0, max: amount }),
          fc.integer({ min: -largest, max: largest }),
          fc.constantFrom('larger' as const, 'moved' as const),
        ),
      )
    fc.assert(
      fc.property(transfer, ([amount, shares, threshold, total, by]) => {
        const seen = seenBy(by, transferOf(amount, shares), total)
        expect(namesAt(ownerFrom(threshold), seen)).toContain('Owner')
      }),
      tried(200, 5_000),
    )
  })

  // The consequence is told in docs/approval.md.
  test('is not seen by revised_total, which looks at the total alone', () => {
    const seen = seenBy('revised_total', transferOf(5 * million))
    expect(namesAt(ownerFrom(5 * million), seen)).toEqual(['Accounting'])
  })
})

const ann = givenPerson('ann')
const pam = givenPerson('pam', { roles: ['project_manager'] })
const everyone: PolicyStep = { name: 'Accounting', approvers: [], accepts: 1 }
const vacation = { from: Day.parse('2026-03-10'), until: Day.parse('2026-03-20') }
const away = givenPerson('ann', { delegate: { person: id('dee'), ...vacation } })
const dee = givenPerson('dee', { roles: ['viewer'] })

const approverNames = (step: PolicyStep, people: Person[], at = noon): string[] =>
  approversOf(step, people, at)

describe('approvers of a step', () => {
  test('are all active accounting approvers where none is named', () => {
    expect(
      approverNames(everyone, [ann, pam, givenPerson('bob'), givenPerson('old', { active: false })]),
    ).toEqual(['ann', 'bob'])
  })

  test('are those named, if they have the role and are active', () => {
    const named = { ...everyone, approvers: ['bob', 'pam', 'old', 'gone'].map(id) }
    expect(
      approverNames(named, [ann, pam, givenPerson('bob'), givenPerson('old', { active: false })]),
    ).toEqual(['bob'])
  })

  test.each([
    ['2026-03-09T12:00:00.000Z', ['ann']],
    ['2026-03-10T00:00:00.000Z', ['ann', 'dee']],
    ['2026-03-20T23:59:59.999Z', ['ann', 'dee']],
    ['2026-03-21T00:00:00.000Z', ['ann']],
  ])('on %s are %o, a delegate among them on the days named', (at, expected) => {
    expect(approverNames(everyone, [away, dee], Instant.parse(at))).toEqual(expected)
  })

  test('count the days of a delegation in the time zone of the company', () => {
    const lateEvening = Instant.parse('2026-03-21T05:00:00.000Z')
    expect(approversOf(everyone, [away, dee], lateEvening, 'America/Los_Angeles')).toEqual(['ann', 'dee'])
  })

  test('are no delegates of somebody who is not an approver', () => {
    const manager = { ...away, roles: ['project_manager'] satisfies Person['roles'] }
    expect(approverNames(everyone, [manager, dee])).toEqual([])
  })

  test('are no delegates of somebody inactive', () => {
    expect(approverNames(everyone, [{ ...away, active: false }, dee])).toEqual([])
  })

  test('are no delegates who are inactive themselves', () => {
    expect(approverNames(everyone, [away, { ...dee, active: false }])).toEqual(['ann'])
  })

  test('are no delegates of a delegate', () => {
    const further = { ...dee, delegate: { person: id('eve'), ...vacation } }
    expect(approverNames(everyone, [away, further, givenPerson('eve', { roles: [] })])).toEqual([
      'ann',
      'dee',
    ])
  })

  test('are each named once', () => {
    const both = givenPerson('dee')
    expect(approverNames(everyone, [away, both])).toEqual(['ann', 'dee'])
  })
})

describe('accepting', () => {
  const approval = givenApproval({ amount: cents(5_000), sender: id('sue'), editors: [id('ed')] })
  const may = (person: Person, but: Partial<typeof approval> = {}, people = [person]) =>
    codeOf(mayAccept({ person, people, approval: { ...approval, ...but }, at: noon }))

  test('is open to an approver who did nothing else with the budget', () => {
    expect(may(ann)).toBeUndefined()
  })

  test.each(['sue', 'ed'])('is closed to %s, who sent or edited it', (name) => {
    expect(may(givenPerson(name))).toBe('NOT_ELIGIBLE')
  })

  test.each([
    ['sue', 'sent this budget'],
    ['ed', 'has changed this budget'],
    ['pam', 'not an approver of the step Accounting'],
  ])('is closed to %s with the reason: %s', (name, reason) => {
    const person = name === 'pam' ? pam : givenPerson(name)
    const came = mayAccept({ person, people: [person], approval, at: noon })
    expect(came?.sentence).toContain(reason)
  })

  test.each(['sue', 'ed'])('is open to %s where the company does not separate duties', (name) => {
    expect(may(givenPerson(name), { separation_of_duties: false })).toBeUndefined()
  })

  test.each([
    [4_999, 'NOT_ELIGIBLE'],
    [5_000, undefined],
  ])('of 5,000 cents with a limit of %i: %s', (limit, expected) => {
    expect(may(givenPerson('ann', { limit: cents(limit) }))).toBe(expected)
  })

  test('is closed to somebody without the role, or inactive, or not in the directory any more', () => {
    expect([may(pam), may({ ...ann, active: false }), may(ann, {}, [])]).toEqual([
      'NOT_ELIGIBLE',
      'NOT_ELIGIBLE',
      'NOT_ELIGIBLE',
    ])
  })

  test('is closed to somebody whom the step does not name', () => {
    expect(may(ann, { steps: [{ ...everyone, approvers: [id('bob')] }] })).toBe('NOT_ELIGIBLE')
  })

  test('goes by the directory of today, not by the list of those who were mailed', () => {
    expect(may(givenPerson('new'))).toBeUndefined()
    expect(may({ ...ann, roles: ['viewer'] })).toBe('NOT_ELIGIBLE')
  })

  test('goes by the step that is open', () => {
    const steps = [everyone, { ...everyone, approvers: [id('bob')] }]
    expect(may(ann, { steps, step: 1 })).toBeUndefined()
    expect(may(ann, { steps, step: 2 })).toBe('NOT_ELIGIBLE')
  })

  test('is open to a delegate', () => {
    expect(may(dee, {}, [away, dee])).toBeUndefined()
  })

  test('is closed to a delegate who edited the budget', () => {
    expect(may(dee, { editors: [id('dee')] }, [away, dee])).toBe('NOT_ELIGIBLE')
  })

  test('by a delegate ends where the right of the one who delegated ends', () => {
    const limited = { ...away, limit: cents(4_999) }
    expect(may(dee, {}, [limited, dee])).toBe('NOT_ELIGIBLE')
    expect(may(dee, { sender: away.id }, [away, dee])).toBe('NOT_ELIGIBLE')
  })

  test('is open to somebody who may by one right of two', () => {
    const limited = { ...away, limit: cents(1) }
    const approver = givenPerson('dee')
    expect(may(approver, {}, [limited, approver])).toBeUndefined()
  })
})

describe('rejecting', () => {
  const approval = givenApproval({ amount: cents(5_000), sender: id('sue'), editors: [id('ed')] })
  const may = (person: Person) => codeOf(mayReject({ person, people: [person], approval, at: noon }))

  test.each(['ann', 'sue', 'ed'])('is open to %s, being an approver', (name) => {
    expect(may(givenPerson(name, { limit: cents(1) }))).toBeUndefined()
  })

  test('is closed to everybody else', () => {
    expect([may(pam), may({ ...ann, active: false })]).toEqual(['NOT_ELIGIBLE', 'NOT_ELIGIBLE'])
    const told = mayReject({ person: pam, people: [pam], approval, at: noon })
    expect(told?.sentence).toContain('not an approver of the step Accounting')
  })
})

describe('in whatever directory', () => {
  const names = ['ann', 'bob', 'cy', 'dee', 'eve'] as const
  const anyDay = fc.constantFrom('2026-03-15', '2026-03-16', '2026-03-17').map((text) => Day.parse(text))
  const anyPerson = (name: string): fc.Arbitrary<Person> =>
    fc
      .record({
        active: fc.boolean(),
        roles: fc.constantFrom<Person['roles'][]>(
          ['accounting_approver'],
          ['viewer'],
          ['accounting_approver', 'estimator'],
        ),
        limit: fc.option(fc.integer({ min: 0, max: 200 }).map(cents), { nil: undefined }),
        delegate: fc.option(
          fc.record({ person: fc.constantFrom(...names).map(id), from: anyDay, until: anyDay }),
          { nil: undefined },
        ),
      })
      .map(({ limit, delegate, ...rest }) =>
        givenPerson(name, { ...rest, ...(limit !== undefined && { limit }), ...(delegate && { delegate }) }),
      )
  const anyPeople = fc.tuple(...names.map(anyPerson))
  const anyId = fc.constantFrom(...names).map(id)
  const anyApproval = fc
    .record({
      approvers: fc.subarray(names.map(id)),
      accepts: fc.integer({ min: 1, max: 3 }),
      amount: fc.integer({ min: 0, max: 200 }).map(cents),
      sender: anyId,
      editors: fc.array(anyId, { maxLength: 3 }),
      separation_of_duties: fc.boolean(),
    })
    .map(({ approvers, accepts, ...rest }) =>
      givenApproval({ ...rest, steps: [{ name: 'Accounting', approvers, accepts }] }),
    )

  test('with separation of duties neither sender nor editor accepts', () => {
    fc.assert(
      fc.property(anyPeople, anyApproval, (people, drawn) => {
        const approval = { ...drawn, separation_of_duties: true }
        const accepting = eligibleToAccept({ people, approval, at: noon })
        expect(
          accepting.filter((person) => person === approval.sender || approval.editors.includes(person)),
        ).toEqual([])
      }),
      tried(200, 3_000),
    )
  })

  test('everybody who is told to be eligible may accept, and nobody else', () => {
    fc.assert(
      fc.property(anyPeople, anyApproval, (people, approval) => {
        const accepting = people.filter((person) => !mayAccept({ person, people, approval, at: noon }))
        const told = eligibleToAccept({ people, approval, at: noon })
        expect(told.toSorted()).toEqual(accepting.map((person) => person.id).toSorted())
      }),
      tried(100, 3_000),
    )
  })

  test('nobody accepts over the own limit', () => {
    fc.assert(
      fc.property(anyPeople, anyApproval, (people, approval) => {
        const accepting = eligibleToAccept({ people, approval, at: noon })
        const over = people.filter(
          ({ id: person, limit }) =>
            accepting.includes(person) && limit !== undefined && limit < approval.amount,
        )
        expect(over).toEqual([])
      }),
      tried(200, 3_000),
    )
  })

  test('every approver of the step may reject, and nobody else', () => {
    fc.assert(
      fc.property(anyPeople, anyApproval, (people, approval) => {
        const rejecting = people
          .filter((person) => !mayReject({ person, people, approval, at: noon }))
          .map((person) => person.id)
        expect(rejecting.toSorted()).toEqual(approversOf(approval.steps[0]!, people, noon).toSorted())
      }),
      tried(200, 3_000),
    )
  })

  test('whoever may accept may reject', () => {
    fc.assert(
      fc.property(anyPeople, anyApproval, (people, approval) => {
        const accepting = people.filter((person) => !mayAccept({ person, people, approval, at: noon }))
        const refusals = accepting.map((person) => mayReject({ person, people, approval, at: noon }))
        expect(refusals.filter((refusal) => refusal !== undefined)).toEqual([])
      }),
      tried(100, 3_000),
    )
  })

  test('a finding at send stands exactly for a step that cannot be completed', () => {
    fc.assert(
      fc.property(anyPeople, anyApproval, (people, approval) => {
        const { steps, sender, editors, amount, separation_of_duties } = approval
        const findings = noEligibleApprover({
          steps,
          policy: { separation_of_duties },
          people,
          sender,
          editors,
          amount,
          at: noon,
        })
        const enough = eligibleToAccept({ people, approval, at: noon }).length >= steps[0]!.accepts
        expect([findings.length === 0, anyEligible({ people, approval, at: noon })]).toEqual([enough, enough])
      }),
      tried(200, 3_000),
    )
  })
})

describe('the finding that nobody could accept', () => {
  const sending = {
    policy: defaultPolicy,
    steps: defaultPolicy.steps,
    sender: id('sue'),
    editors: [id('ed')],
    amount: cents(5_000),
    at: noon,
  }
  const sentenceFor = (people: Person[], steps = sending.steps): string =>
    noEligibleApprover({ ...sending, steps, people })
      .map(({ sentence }) => sentence)
      .join()

  test.each<[string, Person[], string]>([
    ['the role', [pam], 'the role accounting approver'],
    ['separation of duties', [givenPerson('sue')], 'separation of duties rules out the rest'],
    ['the limits', [givenPerson('ann', { limit: cents(1) })], 'over their limits'],
    ['both', [givenPerson('sue', { limit: cents(1) })], 'separation of duties and limits'],
  ])('names %s and the step', (_, people, words) => {
    expect(sentenceFor(people)).toMatch(new RegExp(`step Accounting: .*${words}`))
  })

  test('names the list of the policy', () => {
    const named = [{ ...everyone, approvers: [id('bob')] }]
    expect(sentenceFor([ann], named)).toContain('the approvers that the policy names')
  })

  test('comes for a step that needs more accepts than there are people', () => {
    expect(sentenceFor([ann], [{ ...everyone, accepts: 2 }])).toContain('needs 2 accepts')
  })

  test('is an error of the check before sending', () => {
    expect(noEligibleApprover({ ...sending, people: [] })).toMatchObject([
      { code: 'NO_ELIGIBLE_APPROVER', severity: 'error' },
    ])
  })

  test('stays away when somebody can', () => {
    expect(noEligibleApprover({ ...sending, people: [ann] })).toEqual([])
  })
})
