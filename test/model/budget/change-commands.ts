import * as fc from 'fast-check'
import { bob, mia } from '../../functions/api/acme.ts'
import { type Asked, command, type Done, onTheWay } from './command.ts'
import { askToLock } from './cycle-commands.ts'
import { anyCents } from './line-commands.ts'
import { type Adjustment, keyOf, type PlainBudget, type PlainChange } from './plain-budget.ts'
import { codeShown, decimal } from './plain-line.ts'

const anyMove = fc.record({
  at: fc.nat({ max: 999 }),
  amount: fc.oneof(
    { weight: 12, arbitrary: fc.bigInt(-1_000_000n, 50_000_000n) },
    { weight: 1, arbitrary: anyCents },
  ),
})

export const anyChange = fc.record({
  title: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom('Deeper foundation', 'Façade, "north"') },
    { weight: 1, arbitrary: fc.constant('') },
  ),
  status: fc.constantFrom('draft' as const, 'under_review' as const),
  moves: fc.oneof(
    { weight: 30, arbitrary: fc.array(anyMove, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(anyMove, { maxLength: 0 }) },
  ),
  /** Whether one more line makes it a transfer. */
  balanced: fc.constantFrom(true, true, true, true, true, false),
  /** Whether it names lines that stand, where there are any. */
  standing: fc.constantFrom(true, true, true, true, true, true, false),
})
type Drawn = typeof anyChange extends fc.Arbitrary<infer T> ? T : never

const net = (lines: readonly Adjustment[]): bigint => lines.reduce((total, { amount }) => total + amount, 0n)

function adjustments(plain: PlainBudget, { moves, balanced, standing }: Drawn): Adjustment[] {
  const lines = plain.sorted()
  const codeAt = (at: number) => (standing ? lines[at % lines.length]?.code : undefined) ?? plain.codeAt(at)
  const drawn = moves.map(({ at, amount }, i) => ({ code: codeAt(at), amount, comment: `Line ${String(i)}` }))
  return balanced && moves.length > 0
    ? [...drawn, { code: codeAt(0), amount: -net(drawn), comment: '' }]
    : drawn
}

const largest = 99_999_999_999n
const readable = ({ amount }: Adjustment): boolean => amount >= -largest && amount <= largest

const sent = (lines: readonly Adjustment[]) =>
  lines.map(({ code, amount, comment }) => ({ ...codeShown(code), amount: decimal(amount), comment }))

type Written = Pick<PlainChange, 'title' | 'lines'>

function whyNotWritten(plain: PlainBudget, { title, lines }: Written): string | undefined {
  if (title === '' || lines.length === 0) return 'INVALID_INPUT'
  if (net(lines) !== 0n && !plain.oneSided) return 'CHANGE_NOT_BALANCED'
  return lines.every(({ code }) => plain.lines.has(keyOf(code))) ? undefined : 'CHANGE_LINE_MISSING'
}

const wrote = (plain: PlainBudget, status: number, number: number): Done => {
  plain.wrote()
  return { status, wrote: true, says: plain.shownChanges()[number - 1]! }
}

const asManager = { as: mia, key: 'required' } as const

export function askToMake(plain: PlainBudget, drawn: Drawn): Asked {
  const { title, status } = drawn
  const lines = adjustments(plain, drawn)
  return {
    ...asManager,
    name: 'make a change',
    method: 'POST',
    path: '/budget_changes',
    body: { title, status, adjustment_line_items: sent(lines) },
    ifMatch: 'optional',
    unread: lines.every(readable) ? undefined : 'INVALID_INPUT',
    decide(stale) {
      if (stale !== undefined) return stale
      const refused = whyNotWritten(plain, { title, lines })
      if (refused !== undefined) return refused
      const number = plain.changes.length + 1
      plain.changes.push({
        number,
        title,
        description: '',
        status,
        approvedIn: null,
        fromSage: false,
        lines,
      })
      return wrote(plain, 201, number)
    },
  }
}

export const makeChange = command('make a change', anyChange, askToMake)

type Statuses = readonly PlainChange['status'][]
const written: Statuses = ['draft', 'under_review']

/** Which change a command is about: mostly one that is apt for it; also any one, and one that is not there. */
const anyWhich = fc.record({
  at: fc.nat({ max: 999 }),
  aim: fc.constantFrom('apt', 'apt', 'any', 'none'),
  /** What is made where no change is apt. */
  change: anyChange,
})
type Which = typeof anyWhich extends fc.Arbitrary<infer T> ? T : never

/** Its number; undefined where none is apt. */
function numberOf(plain: PlainBudget, { at, aim }: Which, apt: Statuses): number | undefined {
  if (aim === 'none') return plain.changes.length + 1
  const changes = plain.changes.filter(
    (change) => aim === 'any' || (apt.includes(change.status) && !plain.isHeld(change)),
  )
  return changes[at % changes.length]?.number
}

export const editChange = command(
  'edit a change',
  fc.record({ which: anyWhich, change: anyChange, keepLines: fc.boolean() }),
  (plain, { which, change: drawn, keepLines }): Asked => {
    const number = numberOf(plain, which, written)
    if (number === undefined) return onTheWay(askToMake(plain, drawn))
    const before = plain.changes[number - 1]
    const { title, status } = drawn
    const given = keepLines ? undefined : adjustments(plain, drawn)
    return {
      name: 'edit a change',
      as: mia,
      method: 'PATCH',
      path: `/budget_changes/${String(number)}`,
      body: { title, status, ...(given && { adjustment_line_items: sent(given) }) },
      ifMatch: 'required',
      key: 'optional',
      unread: given?.every(readable) === false ? 'INVALID_INPUT' : undefined,
      decide(stale) {
        if (!before) return 'NOT_FOUND'
        if (stale !== undefined) return stale
        if (!written.includes(before.status)) return 'CHANGE_STATUS'
        const lines = given ?? before.lines
        const refused = whyNotWritten(plain, { title, lines })
        if (refused !== undefined) return refused
        plain.changes[number - 1] = { ...before, title, status, lines }
        return wrote(plain, 200, number)
      },
    }
  },
)

type Act = (plain: PlainBudget, change: PlainChange) => string | Pick<PlainChange, 'status' | 'approvedIn'>

const approve: Act = (plain, change) => {
  if (!plain.locked) return 'BUDGET_NOT_LOCKED'
  if (!written.includes(change.status)) return 'CHANGE_STATUS'
  return whyNotWritten(plain, change) ?? { status: 'approved', approvedIn: plain.versions.length + 1 }
}

const reopen: Act = (plain, change) => {
  if (change.status !== 'approved') return 'CHANGE_STATUS'
  return plain.isHeld(change) ? 'CHANGE_HELD' : { status: 'draft', approvedIn: null }
}

const voidIt: Act = (plain, change) => {
  if (change.status === 'void') return 'CHANGE_STATUS'
  return change.status === 'approved' && plain.isHeld(change)
    ? 'CHANGE_HELD'
    : { status: 'void', approvedIn: null }
}

const askTo = (name: 'approve' | 'reopen' | 'void', act: Act, plain: PlainBudget, number: number): Asked => ({
  ...asManager,
  name: `${name} a change`,
  method: 'POST',
  path: `/budget_changes/${String(number)}/${name}`,
  ifMatch: 'required',
  decide(stale) {
    const before = plain.changes[number - 1]
    if (!before) return 'NOT_FOUND'
    if (stale !== undefined) return stale
    const after = act(plain, before)
    if (typeof after === 'string') return after
    plain.changes[number - 1] = { ...before, ...after }
    return wrote(plain, 200, number)
  },
})

/** Where it is not the time yet, mostly a step on the way: a change is made, the budget locked. */
function askToApprove(plain: PlainBudget, which: Which): Asked {
  const number = numberOf(plain, which, written)
  if (number === undefined) return onTheWay(askToMake(plain, which.change))
  return plain.locked || which.aim !== 'apt'
    ? askTo('approve', approve, plain, number)
    : onTheWay(askToLock(plain, false))
}

export const approveChange = command('approve a change', anyWhich, askToApprove)

export const reopenChange = command('reopen a change', anyWhich, (plain, which) => {
  const number = numberOf(plain, which, ['approved'])
  return number === undefined ? onTheWay(askToApprove(plain, which)) : askTo('reopen', reopen, plain, number)
})

export const voidChange = command('void a change', anyWhich, (plain, which) => {
  const number = numberOf(plain, which, [...written, 'approved'])
  return number === undefined
    ? onTheWay(askToMake(plain, which.change))
    : askTo('void', voidIt, plain, number)
})

export const setOneSided = command(
  'set one-sided changes',
  fc.record({ oneSided: fc.boolean(), byManager: fc.boolean() }),
  (plain, { oneSided, byManager }): Asked => ({
    name: 'set one-sided changes',
    as: byManager ? mia : bob,
    method: 'PUT',
    path: '',
    body: { name: 'Bridge', job: plain.job ?? null, settings: { one_sided_changes: oneSided } },
    ifMatch: 'required',
    key: 'optional',
    // Who may not do it is told so before a key is looked at.
    unread: byManager ? 'NOT_ALLOWED' : undefined,
    decide(stale) {
      if (stale !== undefined) return stale
      plain.oneSided = oneSided
      plain.wrote()
      return { status: 200, wrote: true, says: { settings: { one_sided_changes: oneSided } } }
    },
  }),
)
