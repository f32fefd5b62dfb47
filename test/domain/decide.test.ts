import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Approval } from '../../shared/domain/approval.ts'
import { cents } from '../../shared/domain/cents.ts'
import {
  type AcceptChoice,
  type Already,
  decide,
  type Decided,
  type Deciding,
  mayAcceptNow,
  type RejectChoice,
} from '../../shared/domain/decide.ts'
import { Day, Instant } from '../../shared/domain/ids.ts'
import { isRefusal } from '../../shared/domain/refusal.ts'
import { tried } from '../arbitraries.ts'
import {
  concrete,
  day,
  givenApproval,
  givenHead,
  givenPerson,
  granted,
  hash,
  id,
  noon,
  refused,
} from '../given.ts'

const approval = givenApproval()
const head = givenHead({
  edit: 'locked',
  erp: 'sent',
  version: 3,
  sent_version: 3,
  send: 2,
  approval_step: 1,
})
const version = { number: 3, hash: hash('b') }
const sage = { time_zone: 'America/Los_Angeles', entry_date_window: { before: 5, after: 2 } }
const ann = givenPerson('ann')
const bob = givenPerson('bob')

const accept: AcceptChoice = {
  choice: 'accept',
  shown: {
    version_hash: hash('b'),
    export_hash: hash('c'),
    parts: [
      { part: 1, total: cents(32_500_000) },
      { part: 2, total: cents(1_500_000) },
    ],
  },
  ticks: ['import_from_sage_closes'],
  by: 'link',
}
const reject: RejectChoice = { choice: 'reject', reason: 'Concrete twice', by: 'sign_in' }

const deciding = (but: Partial<Deciding> = {}): Deciding => ({
  head,
  approval,
  version,
  person: ann,
  people: [ann, bob],
  choice: accept,
  at: noon,
  sage,
  ...but,
})

function decidedBy(but: Partial<Deciding> = {}): Decided {
  const answer = granted(decide(deciding(but)))
  if ('already' in answer) throw new Error('already decided')
  return answer
}

function alreadyBy(but: Partial<Deciding>): Already['already'] {
  const answer = granted(decide(deciding(but)))
  if (!('already' in answer)) throw new Error('decided anew')
  return answer.already
}

const codeBy = (but: Partial<Deciding>): string => refused(decide(deciding(but))).code

describe('an accept', () => {
  test('of the last step ends the approval and tells the workflow', () => {
    const answer = decidedBy()
    expect([answer.approval.outcome, answer.approval.ended_at, answer.signal, answer.last]).toEqual([
      'accepted',
      noon,
      true,
      true,
    ])
  })

  test('is stored with person, time, way and entry date', () => {
    expect(decidedBy().approval.decisions).toEqual([
      { person: 'ann', choice: 'accept', at: noon, comments: [], entry_date: '2026-03-16', by: 'link' },
    ])
  })

  test('of a step before the last ends that step only', () => {
    const steps = [approval.steps[0]!, { name: 'Controller', approvers: [], accepts: 1 }]
    const answer = decidedBy({ approval: { ...approval, steps } })
    expect([answer.approval.outcome, answer.signal, answer.last]).toEqual(['accepted', true, false])
  })

  test('that completes no step tells nobody, and the approval stays open', () => {
    const steps = [{ name: 'Accounting', approvers: [], accepts: 2 }]
    const answer = decidedBy({ approval: { ...approval, steps } })
    expect([answer.approval.outcome, answer.signal, answer.last]).toEqual([undefined, false, false])
  })

  test('by the second of two needed completes the step', () => {
    const steps = [{ name: 'Accounting', approvers: [], accepts: 2 }]
    const first = decidedBy({ approval: { ...approval, steps } })
    const second = decidedBy({ approval: first.approval, person: bob })
    expect([second.approval.outcome, second.signal]).toEqual(['accepted', true])
  })

  test.each<[string, Partial<AcceptChoice['shown']>]>([
    ['another version', { version_hash: hash('0') }],
    ['another export', { export_hash: hash('0') }],
    ['another total', { parts: [accept.shown.parts[0]!, { part: 2, total: cents(1_500_001) }] }],
    ['one part too few', { parts: [accept.shown.parts[0]!] }],
    ['one part too many', { parts: [...accept.shown.parts, { part: 3, total: cents(0) }] }],
    ['parts in another order', { parts: accept.shown.parts.toReversed() }],
  ])('of %s than is stored is refused', (_, shown) => {
    expect(codeBy({ choice: { ...accept, shown: { ...accept.shown, ...shown } } })).toBe(
      'SHOWN_IS_NOT_STORED',
    )
  })

  test.each([
    ['number', { number: 4, hash: hash('b') }],
    ['hash', { number: 3, hash: hash('0') }],
  ])('is refused when the stored version has another %s', (_, other) => {
    expect(codeBy({ version: other })).toBe('SHOWN_IS_NOT_STORED')
  })

  test('needs every tick that was asked for', () => {
    const ticks: Approval['ticks'] = ['import_from_sage_closes', 'job_has_no_estimate']
    const answer = refused(decide(deciding({ approval: { ...approval, ticks } })))
    expect([answer.code, answer.places]).toMatchObject([
      'TICK_MISSING',
      [{ pointer: '/ticks', code: 'job_has_no_estimate' }],
    ])
  })

  test('names in words every tick that is missing', () => {
    const ticks: Approval['ticks'] = ['import_from_sage_closes', 'job_has_no_estimate', 'create_job']
    const choice = { ...accept, ticks: [] }
    expect(refused(decide(deciding({ approval: { ...approval, ticks }, choice }))).sentence).toBe(
      'Not ticked: importing this budget from Sage ends with its first export. ' +
        'Not ticked: the job has no estimate in Sage yet. Not ticked: the job is to be created in Sage.',
    )
  })

  test('is dated by the day of the decision where the company is', () => {
    const lateEvening = Instant.parse('2026-03-17T04:00:00.000Z')
    expect(decidedBy({ at: lateEvening }).approval.decisions[0]?.entry_date).toBe('2026-03-16')
  })

  test.each([
    ['2026-03-10', false],
    ['2026-03-11', true],
    ['2026-03-18', true],
    ['2026-03-19', false],
  ])('with entry date %s is within the open window: %s', (text, allowed) => {
    const answer = decide(deciding({ choice: { ...accept, entry_date: Day.parse(text) } }))
    expect(isRefusal(answer) ? answer.places : []).toMatchObject(
      allowed ? [] : [{ pointer: '/entry_date', code: 'DATE_NOT_ALLOWED' }],
    )
    expect(isRefusal(answer) ? answer.code : 'accepted').toBe(allowed ? 'accepted' : 'DATE_NOT_ALLOWED')
  })

  const typed = hash('d')
  const until = Instant.parse('2026-03-16T12:00:00.001Z')
  const mailed = { sha256: typed, until }
  const from = (code_from_amount: number): Approval => ({
    ...approval,
    code_from_amount: cents(code_from_amount),
  })

  test.each<[string, Partial<Deciding>, string | undefined]>([
    ['no code below its amount', { approval: from(approval.amount + 1) }, undefined],
    ['a code from its amount on', { approval: from(approval.amount) }, 'CODE_MISSING'],
    ['a code that was mailed', { choice: { ...accept, code: typed } }, 'CODE_NOT_VALID'],
    [
      'no other code than the mailed',
      { choice: { ...accept, code: hash('e') }, code: mailed },
      'CODE_NOT_VALID',
    ],
    ['that code', { choice: { ...accept, code: typed }, code: mailed }, undefined],
    [
      'no code at its end',
      { choice: { ...accept, code: typed }, code: { ...mailed, until: noon } },
      'CODE_NOT_VALID',
    ],
    ['no code from who has signed in', { choice: { ...accept, by: 'sign_in' } }, undefined],
    ['no code for a reject', { choice: { ...reject, by: 'link' } }, undefined],
    ['the ticks first', { choice: { ...accept, ticks: [] } }, 'TICK_MISSING'],
  ])('by a link takes %s', (_, but, code) => {
    const answer = decide(deciding({ approval: from(approval.amount), ...but }))
    expect(isRefusal(answer) ? answer.code : undefined).toBe(code)
  })

  test('by a link names the place of the code that is missing', () => {
    const { places } = refused(decide(deciding({ approval: from(0) })))
    expect(places).toMatchObject([{ pointer: '/code', code: 'CODE_MISSING' }])
  })

  test.each([
    [0, 'link', 'link_and_code'],
    [approval.amount + 1, 'link', 'link'],
    [0, 'sign_in', 'sign_in'],
  ] as const)('with a code from %i on, by %s, is stored as by %s', (amount, by, stored) => {
    const answer = decidedBy({ approval: from(amount), choice: { ...accept, code: typed, by }, code: mailed })
    expect(answer.approval.decisions[0]?.by).toBe(stored)
  })

  test('by somebody who may not is refused', () => {
    expect(codeBy({ person: givenPerson('pam'), people: [givenPerson('pam')] })).toBe('NOT_ELIGIBLE')
  })
})

const commentsOf = (...lengths: readonly number[]) =>
  lengths.map((length) => ({ code: concrete, comment: ` ${'x'.repeat(length)} ` }))

describe('a reject', () => {
  test('ends the approval at any step and tells the workflow', () => {
    const steps = [approval.steps[0]!, { name: 'Controller', approvers: [], accepts: 1 }]
    const answer = decidedBy({ approval: { ...approval, steps }, choice: reject })
    expect([answer.approval.outcome, answer.signal, answer.last]).toEqual(['rejected', true, true])
  })

  test('is stored with its reason and comments, trimmed, and without an entry date', () => {
    const comments = [
      { code: concrete, comment: ' counted twice ' },
      { code: concrete, comment: ' ' },
    ]
    const answer = decidedBy({ choice: { ...reject, reason: ' Concrete\n', comments } })
    expect(answer.approval.decisions).toEqual([
      {
        person: 'ann',
        choice: 'reject',
        at: noon,
        reason: 'Concrete',
        comments: [{ code: concrete, comment: 'counted twice' }],
        by: 'sign_in',
      },
    ])
  })

  test.each(['', '  \n'])('with %o for a reason is refused', (reason) => {
    expect(refused(decide(deciding({ choice: { ...reject, reason } })))).toMatchObject({
      code: 'REASON_MISSING',
      places: [{ pointer: '/reason', code: 'REASON_MISSING' }],
    })
  })

  test.each([
    [2_000, undefined],
    [2_001, 'INVALID_INPUT'],
  ])('with a reason of %i characters: %s', (length, code) => {
    const choice = { ...reject, reason: ` ${'x'.repeat(length)} ` }
    const answer = decide(deciding({ choice }))
    expect(isRefusal(answer) ? answer.code : undefined).toBe(code)
  })

  test('with a reason that is too long is told how long it may be', () => {
    const { places } = refused(decide(deciding({ choice: { ...reject, reason: 'x'.repeat(2_001) } })))
    expect(places).toEqual([
      { pointer: '/reason', code: 'TEXT_TOO_LONG', sentence: 'At most 2,000 characters are kept here.' },
    ])
  })

  const twenty = Array.from({ length: 20 }, () => 2_000)

  test.each<[string, RejectChoice['comments'], object[]]>([
    ['a thousand comments', commentsOf(...Array.from({ length: 1_000 }, () => 1)), []],
    [
      'one comment more',
      commentsOf(...Array.from({ length: 1_001 }, () => 1)),
      [{ pointer: '/comments', code: 'TOO_MANY' }],
    ],
    ['as many characters as one stored item holds', commentsOf(...twenty), []],
    [
      'one character more',
      commentsOf(...twenty, 1),
      [{ pointer: '/comments', code: 'TEXT_TOO_LONG', sentence: 'At most 40,000 characters are kept here.' }],
    ],
    [
      'a comment that is too long',
      commentsOf(1, 2_001),
      [
        {
          pointer: '/comments/1/comment',
          code: 'TEXT_TOO_LONG',
          sentence: 'At most 2,000 characters are kept here.',
        },
      ],
    ],
  ])('with %s', (_, comments, places) => {
    const answer = decide(deciding({ choice: { ...reject, ...(comments && { comments }) } }))
    expect(isRefusal(answer) ? [answer.code, answer.places] : ['taken', []]).toMatchObject(
      places.length > 0 ? ['INVALID_INPUT', places] : ['taken', []],
    )
  })

  test.each(['pam', 'ed'])('by %s, who sent or edited the budget, counts', (name) => {
    const person = givenPerson(name)
    expect(decidedBy({ person, people: [person], choice: reject }).approval.outcome).toBe('rejected')
  })

  test('that was shown other figures is refused', () => {
    const shown = { ...accept.shown, export_hash: hash('0') }
    expect(codeBy({ choice: { ...reject, shown } })).toBe('SHOWN_IS_NOT_STORED')
  })

  test('needs neither ticks nor a date', () => {
    const closed = { ...sage, entry_date_window: { before: 0, after: 0 } }
    expect(decidedBy({ choice: reject, sage: closed }).approval.outcome).toBe('rejected')
  })
})

describe('too late', () => {
  test.each([
    ['one millisecond before the end', '2026-04-14T11:59:59.999Z', undefined],
    ['at the end', '2026-04-14T12:00:00.000Z', 'APPROVAL_ENDED'],
    ['later', '2026-05-01T00:00:00.000Z', 'APPROVAL_ENDED'],
  ])('%s', (_, at, code) => {
    const answer = decide(deciding({ at: Instant.parse(at), choice: reject }))
    expect(isRefusal(answer) ? answer.code : undefined).toBe(code)
  })

  test.each<[string, Partial<typeof head>]>([
    ['sent again', { send: 3 }],
    ['sent in another version', { sent_version: 4 }],
    ['at another step', { approval_step: 2 }],
  ])('the budget was %s since', (_, but) => {
    expect(codeBy({ head: { ...head, ...but } })).toBe('APPROVAL_ENDED')
  })

  test('the budget is not with the approvers any more', () => {
    expect(codeBy({ head: { ...head, erp: 'retrieved' } })).toBe('NOT_SENT')
  })

  test('the project is taking the budget back at this moment', () => {
    const pending = { command: 'retrieve' as const, by: id('pam'), at: noon }
    expect(codeBy({ head: { ...head, pending } })).toBe('COMMAND_PENDING')
  })
})

describe('whether somebody may accept now', () => {
  const first = decidedBy({
    approval: { ...approval, steps: [{ name: 'Accounting', approvers: [], accepts: 2 }] },
  }).approval
  const two = [approval.steps[0]!, { name: 'Controller', approvers: [], accepts: 1 }]

  test.each<[string, Partial<Deciding>, string | undefined]>([
    ['yes, while the step is open', {}, undefined],
    ['no, having decided', { approval: first }, 'APPROVAL_ENDED'],
    ['yes, where only somebody else has', { approval: first, person: bob }, undefined],
    [
      'not while the next step is being opened',
      { approval: { ...approval, steps: two, outcome: 'accepted' } },
      'COMMAND_PENDING',
    ],
    [
      'not in a step that ended before the one under way',
      { head: { ...head, approval_step: 2 }, approval: { ...approval, steps: two, outcome: 'accepted' } },
      'APPROVAL_ENDED',
    ],
    ['not after the last step', { approval: { ...approval, outcome: 'accepted' } }, 'APPROVAL_ENDED'],
    [
      'not after a reject of the first',
      { approval: { ...approval, steps: two, outcome: 'rejected' } },
      'APPROVAL_ENDED',
    ],
    ['not once it was taken back', { head: { ...head, erp: 'retrieved' } }, 'NOT_SENT'],
    ['not after its time', { at: Instant.parse('2026-04-14T12:00:00.000Z') }, 'APPROVAL_ENDED'],
    ['not without the role', { people: [bob] }, 'NOT_ELIGIBLE'],
  ])('%s', (_, but, code) => {
    const answer = mayAcceptNow({ ...deciding(but), timeZone: undefined })
    expect(answer?.code).toBe(code)
  })

  test.each<[string, Partial<typeof head>, string]>([
    [
      'the budget was sent again',
      { send: 3 },
      'The budget was sent again since; this approval no longer counts.',
    ],
    ['another step is under way', { approval_step: 2 }, 'This step has ended.'],
  ])('where %s, it is said so', (_, but, sentence) => {
    expect(mayAcceptNow({ ...deciding({ head: { ...head, ...but } }), timeZone: undefined })?.sentence).toBe(
      sentence,
    )
  })
})

describe('again', () => {
  const accepted = decidedBy().approval

  test('by the same person shows the recorded decision, whatever is chosen now', () => {
    expect(alreadyBy({ approval: accepted, choice: reject })).toEqual({
      outcome: 'accepted',
      ended_at: noon,
      decision: accepted.decisions[0],
    })
  })

  test('by the same person does not count as the second of two accepts', () => {
    const steps = [{ name: 'Accounting', approvers: [], accepts: 2 }]
    const first = decidedBy({ approval: { ...approval, steps } }).approval
    expect(alreadyBy({ approval: first })).toEqual({ decision: first.decisions[0] })
  })

  test('by somebody else shows who decided', () => {
    expect(alreadyBy({ approval: accepted, person: bob }).decision?.person).toBe('ann')
    const rejected = decidedBy({ choice: reject }).approval
    expect(alreadyBy({ approval: rejected, person: bob }).decision?.person).toBe('ann')
  })

  test.each(['retrieved', 'expired'] as const)('after it was %s shows that, and no decision', (outcome) => {
    const ended: Approval = { ...approval, outcome, ended_at: day('2026-03-20') }
    expect(alreadyBy({ approval: ended })).toEqual({ outcome, ended_at: day('2026-03-20') })
  })

  test('after a first of two accepted and the budget was retrieved shows to another that it was retrieved', () => {
    const steps = [{ name: 'Accounting', approvers: [], accepts: 2 }]
    const first = decidedBy({ approval: { ...approval, steps } }).approval
    const ended: Approval = { ...first, outcome: 'retrieved', ended_at: day('2026-03-20') }
    expect(alreadyBy({ approval: ended, person: bob }).decision).toBeUndefined()
  })
})

describe('whoever decides whatever, whenever', () => {
  const people = ['ann', 'bob', 'cy', 'pam', 'ed'].map((name) => givenPerson(name))
  const anyChoice = fc.constantFrom<AcceptChoice | RejectChoice>(
    accept,
    reject,
    { ...reject, reason: '' },
    { ...accept, ticks: [] },
    { ...accept, shown: { ...accept.shown, export_hash: hash('0') } },
  )
  const anyMoment = fc
    .integer({ min: 0, max: 40 })
    .map((days) => Instant.parse(new Date(Date.parse(noon) + days * 86_400_000).toISOString()))
  const anyDeed = fc.record({ person: fc.constantFrom(...people), choice: anyChoice, at: anyMoment })
  const history = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.array(anyDeed, { maxLength: 12 }))

  const played = ([accepts, deeds]: [number, Pick<Deciding, 'person' | 'choice' | 'at'>[]]) => {
    const steps = [{ name: 'Accounting', approvers: [], accepts }]
    const signals: string[] = []
    let current: Approval = { ...approval, steps }
    const outcomes: (string | undefined)[] = []
    for (const deed of deeds) {
      const answer = decide(deciding({ approval: current, people, ...deed }))
      if (!isRefusal(answer) && 'approval' in answer) {
        if (answer.signal) signals.push(answer.approval.outcome ?? 'none')
        current = answer.approval
      }
      outcomes.push(current.outcome)
    }
    return { current, outcomes, signals, accepts }
  }

  test('an approval never has two outcomes, and the workflow is told at most once', () => {
    fc.assert(
      fc.property(history, (drawn) => {
        const { outcomes, signals } = played(drawn)
        expect(new Set(outcomes.filter((outcome) => outcome !== undefined)).size).toBeLessThanOrEqual(1)
        expect(signals.length).toBe(outcomes.at(-1) === undefined ? 0 : 1)
      }),
      tried(200, 3_000),
    )
  })

  test('one person decides once', () => {
    fc.assert(
      fc.property(history, (drawn) => {
        const deciders = played(drawn).current.decisions.map(({ person }) => person)
        expect(new Set(deciders).size).toBe(deciders.length)
      }),
      tried(200, 3_000),
    )
  })

  test('accepted means as many accepts as needed and no reject, rejected means one reject at the end', () => {
    fc.assert(
      fc.property(history, (drawn) => {
        const { current, accepts } = played(drawn)
        const choices = current.decisions.map(({ choice }) => choice)
        const expected = {
          accepted: choices.length === accepts && !choices.includes('reject'),
          rejected: choices.indexOf('reject') === choices.length - 1 && choices.length <= accepts,
          open: choices.length < accepts && !choices.includes('reject'),
        }
        expect(
          current.outcome === 'accepted' || current.outcome === 'rejected'
            ? expected[current.outcome]
            : expected.open,
        ).toBe(true)
      }),
      tried(200, 3_000),
    )
  })

  test('neither sender nor editor is among those who accepted', () => {
    fc.assert(
      fc.property(history, (drawn) => {
        const accepted = played(drawn).current.decisions.filter(({ choice }) => choice === 'accept')
        expect(accepted.filter(({ person }) => person === id('pam') || person === id('ed'))).toEqual([])
      }),
      tried(200, 3_000),
    )
  })
})
