import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AdjustmentLine, BudgetChange } from '../../shared/domain/budget-change.ts'
import { type CodeKey, keyOf } from '../../shared/domain/budget-code.ts'
import { ErpState } from '../../shared/domain/budget-head.ts'
import { cents, noCents } from '../../shared/domain/cents.ts'
import { checkChange, type ChangeInput } from '../../shared/domain/change-form.ts'
import { heldByLedger, openOrTaken, touchedKeys } from '../../shared/domain/change-in-ledger.ts'
import {
  approve,
  deleteChanges,
  type ChangeDone,
  editChange,
  newChange,
  reopen,
  voidChange,
} from '../../shared/domain/changes.ts'
import { frozen } from '../../shared/domain/lifecycle.ts'
import { type LineItem, lineKey, totalsOf } from '../../shared/domain/line-item.ts'
import { anyLines, transferOver, tried } from '../arbitraries.ts'
import {
  byKey,
  concrete,
  day,
  earthwork,
  givenChange,
  givenHead,
  givenLine,
  granted,
  id,
  painting,
  refused,
} from '../given.ts'

const transfersOnly = { settings: { one_sided_changes: false } }
const oneSided = { settings: { one_sided_changes: true } }
const locked = givenHead({ edit: 'locked', version: 3 })
const doing = { by: id('pam'), at: day('2026-03-17') }
const lines = byKey(givenLine(concrete), givenLine(earthwork))

const adjustment = (amount: number, code = concrete): AdjustmentLine => ({
  code,
  amount: cents(amount),
  comment: '',
})
const { title, description, lines: transfer } = givenChange()
const input = (but: Partial<ChangeInput> = {}): ChangeInput => ({
  title,
  description,
  status: 'draft',
  lines: transfer,
  ...but,
})

/** A change whose texts have so many characters together, its codes among them. */
function ofCharacters(wanted: number): Partial<ChangeInput> {
  const texts = { title: 'x'.repeat(100), description: 'x'.repeat(1_000) }
  const each = keyOf(concrete).length + 1_900
  const whole = Array.from({ length: 41 }, () => ({ ...adjustment(0), comment: 'x'.repeat(1_900) }))
  const rest = wanted - 1_100 - whole.length * each - keyOf(concrete).length
  return { ...texts, lines: [...whole, { ...adjustment(0), comment: 'x'.repeat(rest) }] }
}

describe('a budget change as written', () => {
  test('is a transfer that nets to zero', () => {
    expect(checkChange(input(), transfersOnly, lines)).toBeUndefined()
  })

  test('may be one-sided only where the project lets it', () => {
    const change = input({ lines: [adjustment(100)] })
    const answer = refused(checkChange(change, transfersOnly, lines))
    expect([answer.code, answer.sentence.includes(' 1.00;')]).toEqual(['CHANGE_NOT_BALANCED', true])
    expect(checkChange(change, oneSided, lines)).toBeUndefined()
  })

  test('names lines of the budget only', () => {
    const change = input({ lines: [adjustment(100), adjustment(-100, painting)] })
    const answer = refused(checkChange(change, transfersOnly, lines))
    expect([answer.code, answer.places]).toMatchObject([
      'CHANGE_LINE_MISSING',
      [{ pointer: '/lines/1', code: 'CHANGE_LINE_MISSING' }],
    ])
  })

  test.each<[string, Partial<ChangeInput>, string, string]>([
    ['without a title', { title: ' ' }, '/title', 'MISSING'],
    ['with a title over two lines', { title: 'a\r\nBcc: b' }, '/title', 'CONTROL_CHARACTER'],
    ['with a title of 201 characters', { title: 'x'.repeat(201) }, '/title', 'TEXT_TOO_LONG'],
    [
      'with a description of 2,001 characters',
      { description: 'x'.repeat(2_001) },
      '/description',
      'TEXT_TOO_LONG',
    ],
    ['without lines', { lines: [] }, '/lines', 'MISSING'],
    ['with 1,001 lines', { lines: Array.from({ length: 1_001 }, () => adjustment(0)) }, '/lines', 'TOO_MANY'],
    [
      'with an amount past all bounds',
      { lines: [adjustment(100_000_000_000)] },
      '/lines/0/amount',
      'OUT_OF_RANGE',
    ],
    [
      'with a comment of 2,001 characters',
      { lines: [{ ...adjustment(0), comment: 'x'.repeat(2_001) }] },
      '/lines/0/comment',
      'TEXT_TOO_LONG',
    ],
    ['with more text than one stored item holds', ofCharacters(80_001), '', 'TEXT_TOO_LONG'],
  ])('is refused %s', (_, but, pointer, code) => {
    const answer = refused(checkChange(input(but), transfersOnly, lines))
    expect([answer.code, answer.places]).toMatchObject(['INVALID_INPUT', [{ pointer, code }]])
  })

  test.each<[string, Partial<ChangeInput>]>([
    ['a title of 200 characters', { title: 'x'.repeat(200) }],
    ['a description of 2,000 characters', { description: 'x'.repeat(2_000) }],
    ['1,000 lines', { lines: Array.from({ length: 1_000 }, () => adjustment(0)) }],
    [
      'the largest amounts of a line',
      { lines: [adjustment(99_999_999_999), adjustment(-99_999_999_999, earthwork)] },
    ],
    ['a comment of 2,000 characters', { lines: [{ ...adjustment(0), comment: 'x'.repeat(2_000) }] }],
    ['as much text as one stored item holds', ofCharacters(80_000)],
  ])('is taken with %s', (_, but) => {
    expect(checkChange(input(but), transfersOnly, lines)).toBeUndefined()
  })
})

test.each(['draft', 'under_review', 'approved', 'void'] as const)(
  'a change that is %s is read as stored',
  (status) => {
    const change = givenChange({ status, ...(status === 'approved' && { approved_in: 4 }) })
    expect(BudgetChange.parse(structuredClone(change))).toEqual(change)
  },
)

test('a new change takes the next number and is not from Sage', () => {
  const head = givenHead({ last_change: 11 })
  const change = granted(newChange({ head, project: transfersOnly, input: input(), lines, ...doing }))
  expect(change).toMatchObject({ number: 12, status: 'draft', from_sage: false, created_by: 'pam' })
})

test('a change keeps what was written, without blanks around it', () => {
  const head = givenHead()
  const blanks = transfer.map((line) => ({ ...line, comment: ' Survey ' }))
  const written = input({ description: ' As built ', lines: blanks })
  const change = granted(newChange({ head, project: transfersOnly, input: written, lines, ...doing }))
  expect(change).toMatchObject({
    description: 'As built',
    lines: transfer.map((line) => ({ ...line, comment: 'Survey' })),
  })
})

const editing = (change: BudgetChange, but: Partial<ChangeInput> = {}, head = locked) =>
  editChange({ head, change, project: transfersOnly, input: input(but), lines, ...doing, by: id('ed') })

describe('editing', () => {
  test.each(['draft', 'under_review'] as const)('is open for a change that is %s', (status) => {
    expect(granted(editing(givenChange({ status }), { title: ' Higher roof ' }))).toMatchObject({
      title: 'Higher roof',
      created_by: 'pam',
      updated_by: 'ed',
    })
  })

  test.each([
    ['approved', 'Reopen it first.'],
    ['void', 'Make a new budget change.'],
  ] as const)('is closed for a change that is %s: %s', (status, what_to_do) => {
    expect(refused(editing(givenChange({ status })))).toMatchObject({ code: 'CHANGE_STATUS', what_to_do })
  })

  test('puts a draft under review', () => {
    expect(granted(editing(givenChange(), { status: 'under_review' })).status).toBe('under_review')
  })
})

const headIn = (erp: ErpState) => givenHead({ edit: 'locked', erp })

describe('while the budget is with accounting', () => {
  const frozenStates = ErpState.options.filter(frozen)
  test.each(frozenStates)('%s: drafts are made, edited and voided', (erp) => {
    const head = headIn(erp)
    const common = { head, project: transfersOnly, input: input(), lines, ...doing }
    const answers = [
      newChange(common),
      editChange({ ...common, change: givenChange() }),
      voidChange({ head, change: givenChange(), held: false, lines, ...doing }),
    ]
    expect(answers.map((answer) => 'refused' in answer)).toEqual([false, false, false])
  })

  test.each(frozenStates)('%s: everything that is no draft is held', (erp) => {
    const head = headIn(erp)
    const common = { head, project: transfersOnly, lines, ...doing }
    const underReview = givenChange({ status: 'under_review' })
    const approved = givenChange({ status: 'approved' })
    const answers = [
      newChange({ ...common, input: input({ status: 'under_review' }) }),
      editChange({ ...common, input: input(), change: underReview }),
      editChange({ ...common, input: input({ status: 'under_review' }), change: givenChange() }),
      approve({ ...common, change: underReview }),
      approve({ ...common, change: givenChange() }),
      reopen({ ...common, change: approved, held: false }),
      voidChange({ ...common, change: underReview, held: false }),
      voidChange({ ...common, change: approved, held: false }),
    ]
    expect(answers.map((answer) => refused(answer).code)).toEqual(answers.map(() => 'CHANGE_HELD'))
  })
})

const approving = (change: BudgetChange, but: { head?: typeof locked; project?: typeof oneSided } = {}) =>
  approve({ head: locked, project: transfersOnly, change, lines, ...doing, ...but })

describe('approving', () => {
  test.each(['draft', 'under_review'] as const)(
    'adds the amounts of a change that is %s to the lines',
    (status) => {
      const { change, edits } = granted(approving(givenChange({ status })))
      expect(change).toMatchObject({ status: 'approved', updated_by: 'pam', updated_at: doing.at })
      expect([...edits.values()].map((line) => line.changes)).toEqual([1_500_000, -1_500_000])
    },
  )

  test('remembers the first version that will hold the change', () => {
    expect(granted(approving(givenChange())).change.approved_in).toBe(4)
  })

  test.each([
    ['approved', 'There is nothing left to do.'],
    ['void', 'Make a new budget change.'],
  ] as const)('is refused for a change that is %s: %s', (status, what_to_do) => {
    expect(refused(approving(givenChange({ status })))).toMatchObject({ code: 'CHANGE_STATUS', what_to_do })
  })

  test('needs a locked budget', () => {
    expect(refused(approving(givenChange(), { head: givenHead() })).code).toBe('BUDGET_NOT_LOCKED')
  })

  test('looks again at what the project lets changes do', () => {
    const change = givenChange({ lines: [adjustment(100)] })
    expect(refused(approving(change)).code).toBe('CHANGE_NOT_BALANCED')
    expect('refused' in approving(change, { project: oneSided })).toBe(false)
  })

  test('looks again whether the lines are there', () => {
    const change = givenChange({ lines: [adjustment(100), adjustment(-100, painting)] })
    expect(refused(approving(change)).code).toBe('CHANGE_LINE_MISSING')
  })

  test('leaves out lines whose adjustments cancel out', () => {
    const change = givenChange({ lines: [adjustment(100), adjustment(-100)] })
    expect(granted(approving(change)).edits.size).toBe(0)
  })
})

const reopening = (change: BudgetChange, held = false) =>
  reopen({ head: locked, change, held, lines, ...doing })

describe('reopening', () => {
  const approved = givenChange({ status: 'approved', approved_in: 4 })
  test('makes the change a draft that no version holds', () => {
    const { change } = granted(reopening(approved))
    expect([change.status, 'approved_in' in change]).toEqual(['draft', false])
    expect(change).toMatchObject({ updated_by: doing.by, updated_at: doing.at })
  })

  test.each([
    ['draft', 'Edit it as it is.'],
    ['under_review', 'Edit it as it is.'],
    ['void', 'Make a new budget change.'],
  ] as const)('is refused for a change that is %s: %s', (status, what_to_do) => {
    expect(refused(reopening(givenChange({ status })))).toMatchObject({ code: 'CHANGE_STATUS', what_to_do })
  })

  test('is refused while amounts are in the ledger', () => {
    expect(refused(reopening(approved, true)).code).toBe('CHANGE_HELD')
  })

  test('is refused for the change From Sage', () => {
    expect(refused(reopening({ ...approved, from_sage: true })).code).toBe('CHANGE_HELD')
  })

  test('is open in an unlocked budget', () => {
    const answer = reopen({
      head: givenHead({ erp: 'rejected' }),
      change: approved,
      held: false,
      lines,
      ...doing,
    })
    expect(granted(answer).change.status).toBe('draft')
  })
})

const voiding = (change: BudgetChange, held = false) =>
  voidChange({ head: locked, change, held, lines, ...doing })

describe('voiding', () => {
  test.each(['draft', 'under_review'] as const)('of a change that is %s leaves the lines alone', (status) => {
    const { change, edits } = granted(voiding(givenChange({ status })))
    expect([change.status, edits.size]).toEqual(['void', 0])
    expect(change).toMatchObject({ updated_by: doing.by, updated_at: doing.at })
  })

  test('of an approved change takes its amounts out again', () => {
    const { edits } = granted(voiding(givenChange({ status: 'approved' })))
    expect([...edits.values()].map((line) => line.changes)).toEqual([-1_500_000, 1_500_000])
  })

  test('of a draft does not ask the ledger', () => {
    expect(granted(voiding(givenChange(), true)).change.status).toBe('void')
  })

  test('is done once', () => {
    expect(refused(voiding(givenChange({ status: 'void' }))).code).toBe('CHANGE_STATUS')
  })

  test('of an approved change is refused while amounts are in the ledger', () => {
    expect(refused(voiding(givenChange({ status: 'approved' }), true)).code).toBe('CHANGE_HELD')
  })

  test('of the change From Sage is refused', () => {
    expect(refused(voiding(givenChange({ status: 'approved', from_sage: true }))).code).toBe('CHANGE_HELD')
  })
})

const stored = (
  before: ReadonlyMap<CodeKey, LineItem>,
  { edits }: ChangeDone,
): ReadonlyMap<CodeKey, LineItem> => new Map([...before, ...edits])

const approveAll = (before: ReadonlyMap<CodeKey, LineItem>, changes: readonly BudgetChange[]) => {
  const approved: BudgetChange[] = []
  let after = before
  for (const change of changes) {
    const done = granted(approve({ head: locked, project: transfersOnly, change, lines: after, ...doing }))
    approved.push(done.change)
    after = stored(after, done)
  }
  return { approved, after }
}

const changesOf = (transfers: readonly AdjustmentLine[][]): BudgetChange[] =>
  transfers.map((moves, index) => givenChange({ number: index + 1, lines: moves }))

const bare = (line: LineItem): LineItem => ({ ...line, changes: noCents })

describe('folding changes into lines', () => {
  const someLines = anyLines().filter(({ length }) => length > 0)
  const linesAndTransfers = someLines.chain((drawn) =>
    fc.tuple(fc.constant(drawn), fc.array(transferOver(drawn), { maxLength: 5 })),
  )
  test('in any order gives the same lines', () => {
    fc.assert(
      fc.property(linesAndTransfers, fc.integer(), ([drawn, transfers], turn) => {
        const changes = changesOf(transfers)
        const cut = changes.length === 0 ? 0 : Math.abs(turn) % changes.length
        const turned = [...changes.slice(cut), ...changes.slice(0, cut)].toReversed()
        expect(approveAll(byKey(...drawn), turned).after).toEqual(approveAll(byKey(...drawn), changes).after)
      }),
      tried(100, 5_000),
    )
  })

  test('of a transfer leaves the total alone', () => {
    fc.assert(
      fc.property(linesAndTransfers, ([drawn, transfers]) => {
        const { after } = approveAll(byKey(...drawn), changesOf(transfers))
        expect(totalsOf(after.values())).toEqual(totalsOf(drawn))
      }),
      tried(100, 5_000),
    )
  })

  test.each([
    ['reopened', reopen],
    ['voided', voidChange],
  ])('and %s again gives the lines back', (_, undo) => {
    fc.assert(
      fc.property(linesAndTransfers, ([drawn, transfers]) => {
        const before = byKey(...drawn)
        let { approved, after } = approveAll(before, changesOf(transfers))
        for (const change of approved)
          after = stored(after, granted(undo({ head: locked, change, held: false, lines: after, ...doing })))
        expect(after).toEqual(before)
      }),
      tried(50, 2_000),
    )
  })

  test('and deleted by an unlock, all of them at once, gives the lines back', () => {
    fc.assert(
      fc.property(linesAndTransfers, ([drawn, transfers]) => {
        const before = byKey(...drawn)
        const { approved, after } = approveAll(before, changesOf(transfers))
        const { changes, edits } = deleteChanges(approved, after, doing)
        expect(new Map([...after, ...edits])).toEqual(before)
        expect(changes.every(({ status, approved_in }) => status === 'void' && !approved_in)).toBe(true)
      }),
      tried(50, 2_000),
    )
  })

  test('touches nothing of a line but its figure of changes', () => {
    fc.assert(
      fc.property(linesAndTransfers, ([drawn, transfers]) => {
        const { after } = approveAll(byKey(...drawn), changesOf(transfers))
        expect([...after.values()].map(bare)).toEqual([...byKey(...drawn).values()].map(bare))
      }),
      tried(50, 2_000),
    )
  })
})

describe('a change is held by the ledger', () => {
  const approved = givenChange({ status: 'approved', approved_in: 4 })
  const live = new Set([keyOf(concrete)])

  test('when a version that holds it was exported and one of its keys is open or taken there', () => {
    expect(heldByLedger(approved, [{ version: 4, live }])).toBe(true)
    expect(heldByLedger(approved, [{ version: 7, live }])).toBe(true)
  })

  test('not by an export of an earlier version', () => {
    expect(heldByLedger(approved, [{ version: 3, live }])).toBe(false)
  })

  test('not by an export that holds other keys only', () => {
    expect(heldByLedger(approved, [{ version: 4, live: new Set([keyOf(painting)]) }])).toBe(false)
  })

  test('not when nothing was exported', () => {
    expect(heldByLedger(approved, [])).toBe(false)
  })

  test.each(['draft', 'under_review', 'void'] as const)('not while it is %s', (status) => {
    expect(heldByLedger({ ...approved, status }, [{ version: 4, live }])).toBe(false)
  })

  test('always when it came from Sage', () => {
    expect(heldByLedger({ ...approved, from_sage: true }, [])).toBe(true)
  })
})

test.each([
  ['open', 2],
  ['taken', 2],
  ['rejected', 0],
  ['withdrawn', 0],
] as const)('of a part that is %s, %i of two keys are open or taken', (outcome, count) => {
  const entries = [concrete, painting].map((code) => ({ code, cents: cents(1) }))
  expect(openOrTaken({ outcome, exceptions: [] }, entries).size).toBe(count)
})

test('an entry goes by its own outcome where that differs from the part', () => {
  const entries = [concrete, painting].map((code) => ({ code, cents: cents(1) }))
  const exceptions = [{ code: painting, outcome: 'rejected' as const }]
  expect(openOrTaken({ outcome: 'taken', exceptions }, entries)).toEqual(new Set([keyOf(concrete)]))
})

const inStatus = (number: number, status: BudgetChange['status'], code: typeof concrete) => ({
  number,
  status,
  lines: [adjustment(1, code)],
})

test('every change but a void one touches its lines', () => {
  const keys = touchedKeys([
    inStatus(1, 'draft', concrete),
    inStatus(2, 'approved', earthwork),
    inStatus(3, 'void', painting),
    inStatus(4, 'under_review', concrete),
  ])
  expect(keys).toEqual(
    new Map([
      [lineKey(givenLine(concrete)), new Set([1, 4])],
      [lineKey(givenLine(earthwork)), new Set([2])],
    ]),
  )
})
