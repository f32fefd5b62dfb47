import * as fc from 'fast-check'
import { ed, mia } from '../../functions/api/acme.ts'
import { type Asked, command, type Done } from './command.ts'
import { keyOf, type PlainBudget } from './plain-budget.ts'
import { type Columns, maybeColumns, upserted } from './plain-file.ts'
import {
  type Code,
  codeShown,
  decimal,
  factor,
  type PlainLine,
  product,
  sameLine,
  type Typed,
} from './plain-line.ts'

export const anyCents: fc.Arbitrary<bigint> = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt(0n, 50_000_000n) },
  { weight: 2, arbitrary: fc.bigInt(-1_000_000n, 1_000_000n) },
  { weight: 3, arbitrary: fc.constantFrom(0n, 1n, -1n) },
  { weight: 1, arbitrary: fc.constantFrom(99_999_999_999n, -99_999_999_999n, 100_000_000_000n) },
)

const largest = 99_999_999_999n

const anyAmount: fc.Arbitrary<Typed['amount']> = fc.oneof(
  { weight: 24, arbitrary: anyCents },
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('1e3', '1,000.00', '(500)', '１２', 'NaN', '0.005', '+1') },
)

const anyFactor = fc.option(fc.oneof(fc.bigInt(-500_000n, 90_000_000n), fc.constantFrom(0n, 1n, 3_333n)))

const anyDescription = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.constantFrom(
      '',
      'Cast-in-place concrete',
      'Stair "A", level 2',
      '=1+1',
      '-5 % discount',
      'Béton armé – façade; 钢筋',
      'a\u00a0b',
    ),
  },
  { weight: 1, arbitrary: fc.constant('x'.repeat(256)) },
)

const anyIndex = fc.nat({ max: 999 })

/** A line as typed but for its code, which depends on the budget. */
export const anyTyped = fc.record({
  at: anyIndex,
  description: anyDescription,
  strategy: fc.constantFrom(undefined, undefined, 'manual' as const, 'automatic' as const),
  quantity: anyFactor,
  uom: fc.constantFrom('', 'hr', 'm²'),
  unitCost: anyFactor,
  amount: anyAmount,
  // Most automatic lines leave the amount to us.
  leaveAmount: fc.boolean(),
  /** Members that an upsert leaves out. */
  leaves: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray([...maybeColumns]) },
  ),
  /** Whether it is made one that can stand. */
  sound: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
})
type Drawn = typeof anyTyped extends fc.Arbitrary<infer T> ? T : never

/** Mostly the code of a line that stands. */
const codeToDelete = (plain: PlainBudget, at: number): Code =>
  (at % 6 > 0 ? plain.sorted()[at % plain.lines.size]?.code : undefined) ?? codeAt(plain, at)

/** Now and then a code that is none. */
export const codeAt = (plain: PlainBudget, at: number): Code => (at > 985 ? ['', '', 'L'] : plain.codeAt(at))

function soundly(drawn: Omit<Typed, 'code'>, leaveAmount: boolean): Omit<Typed, 'code'> {
  const { quantity, unitCost, amount, strategy } = drawn
  if (strategy !== 'manual' && quantity !== null && unitCost !== null)
    return {
      ...drawn,
      strategy: 'automatic',
      amount: leaveAmount ? undefined : product(quantity, unitCost),
    }
  const readable = typeof amount === 'bigint' && amount <= largest ? amount : 100n
  return { ...drawn, strategy: 'manual', amount: readable }
}

/** Mostly one row per code, the last; a row whose strategy is left out, which no sound one does, leaves all. */
export const distinct = (rows: readonly Typed[]): Typed[] =>
  rows.some(({ strategy }) => strategy === undefined)
    ? [...rows]
    : [...new Map(rows.map((row) => [keyOf(row.code), row])).values()]

export function typed(plain: PlainBudget, { at, leaveAmount, sound, ...drawn }: Drawn): Typed {
  const some = drawn.leaves.length > 0
  if (sound) {
    const line = { ...soundly(drawn, leaveAmount), code: plain.codeAt(at) }
    return some && leaveAmount ? { ...line, amount: undefined } : line
  }
  const automatic = drawn.strategy !== 'manual' && drawn.quantity !== null && drawn.unitCost !== null
  return {
    ...drawn,
    code: codeAt(plain, at),
    amount: automatic && leaveAmount ? undefined : drawn.amount,
  }
}

const columnsOf = ({ leaves = [] }: Typed): Columns =>
  new Set(maybeColumns.filter((column) => !leaves.includes(column)))

function sent(row: Typed) {
  const { code, amount, quantity, unitCost, strategy, description, uom } = row
  const columns = columnsOf(row)
  return {
    ...codeShown(code),
    ...(columns.has('description') && { description }),
    ...(columns.has('uom') && { uom }),
    ...(columns.has('quantity') && { quantity: factor(quantity) }),
    ...(columns.has('unitCost') && { unit_cost: factor(unitCost) }),
    ...(columns.has('strategy') && strategy && { calculation_strategy: strategy }),
    ...(amount !== undefined && {
      original_budget_amount: typeof amount === 'bigint' ? decimal(amount) : amount,
    }),
  }
}

interface Batch {
  readonly upserts: readonly Typed[]
  readonly deletes: readonly Code[]
}

function whyNotStored(plain: PlainBudget, { original }: PlainLine, key: string): string | undefined {
  return plain.locked && (plain.lines.has(key) || original !== 0n) ? 'BUDGET_LOCKED' : undefined
}

function whyNotDeleted(plain: PlainBudget, key: string): string | undefined {
  const line = plain.lines.get(key)
  if (!line) return 'NOT_FOUND'
  if (plain.isTouched(key)) return 'LINE_IN_USE'
  return plain.locked && line.original !== 0n ? 'BUDGET_LOCKED' : undefined
}

/** One code where all places are refused for the same reason. */
function editLines(plain: PlainBudget, { upserts, deletes }: Batch): string | Done {
  const lines = upserts
    .map((line) => upserted(line, plain.lines.get(keyOf(line.code)), columnsOf(line)))
    .filter((line) => line !== undefined)
  if (lines.length < upserts.length) return 'LINE_INVALID'
  const edits = new Map<string, PlainLine | null>()
  const reasons = new Set<string>()
  const seen = new Set<string>()
  const look = (key: string, why: () => string | undefined): void => {
    const reason = seen.has(key) ? 'LINE_INVALID' : why()
    seen.add(key)
    if (reason !== undefined) reasons.add(reason)
  }
  for (const line of lines) {
    const key = keyOf(line.code)
    look(key, () => whyNotStored(plain, line, key))
    const before = plain.lines.get(key)
    if (!before || !sameLine(before, line)) edits.set(key, line)
  }
  for (const code of deletes) {
    look(keyOf(code), () => whyNotDeleted(plain, keyOf(code)))
    edits.set(keyOf(code), null)
  }
  if (reasons.size > 0) return reasons.size === 1 ? [...reasons].join('') : 'LINE_INVALID'
  const wrote = plain.store(edits)
  return {
    status: 200,
    wrote,
    says: { changed: edits.size, revision: plain.revision, totals: plain.totals() },
  }
}

function batch(
  plain: PlainBudget,
  { upserts, deletes }: Batch,
  byManager: boolean,
  name: Asked['name'] = 'edit lines',
): Asked {
  const empty = upserts.length + deletes.length === 0
  return {
    name,
    as: byManager ? mia : ed,
    method: 'PATCH',
    path: '/budget/line_items',
    body: { upserts: upserts.map(sent), deletes: deletes.map(codeShown) },
    ifMatch: 'required',
    key: 'optional',
    unread: empty ? 'INVALID_INPUT' : undefined,
    decide: (stale) =>
      plain.locked && !byManager ? 'NOT_ALLOWED' : (stale ?? editLines(plain, { upserts, deletes })),
  }
}

export const anyEdit = fc.record({
  upserts: fc.array(anyTyped, { maxLength: 3 }),
  deletes: fc.array(anyIndex, { maxLength: 2 }),
  byManager: fc.boolean(),
})
type DrawnEdit = typeof anyEdit extends fc.Arbitrary<infer T> ? T : never

export const askToEdit = (plain: PlainBudget, { upserts, deletes, byManager }: DrawnEdit): Asked =>
  batch(
    plain,
    {
      upserts: distinct(upserts.map((drawn) => typed(plain, drawn))),
      deletes: deletes.map((at) => codeToDelete(plain, at)),
    },
    byManager,
  )

export const edit = command('edit lines', anyEdit, askToEdit)

const zeroLine = (code: Code): Typed => ({
  code,
  description: 'To be funded by a change',
  strategy: 'manual',
  quantity: null,
  uom: '',
  unitCost: null,
  amount: 0n,
})

export const editZeroLines = command(
  'add and delete zero lines',
  fc.record({ add: fc.option(anyIndex), remove: fc.option(anyIndex) }),
  (plain, { add, remove }) =>
    batch(
      plain,
      {
        upserts: add === null ? [] : [zeroLine(plain.codeAt(add))],
        deletes: remove === null ? [] : [codeToDelete(plain, remove)],
      },
      true,
    ),
)

/** As many as cross the boundaries of several chunks. */
export const addManyLines = command(
  'add many lines',
  fc.record({ section: fc.constantFrom('00', '02', '31', '99'), count: fc.integer({ min: 100, max: 400 }) }),
  (plain, { section, count }) => {
    const codes = Array.from({ length: count }, (_, i): Code => ['', `${section}-${String(1000 + i)}`, 'L'])
    return batch(
      plain,
      { upserts: codes.map((code) => ({ ...zeroLine(code), amount: 100n })), deletes: [] },
      false,
      'add many lines',
    )
  },
)

export const deleteManyLines = command(
  'delete many lines',
  fc.record({ from: anyIndex, count: fc.integer({ min: 20, max: 400 }) }),
  (plain, { from, count }) => {
    const codes = plain.sorted().map(({ code }) => code)
    const start = codes.length === 0 ? 0 : from % codes.length
    return batch(
      plain,
      { upserts: [], deletes: codes.slice(start, start + count) },
      false,
      'delete many lines',
    )
  },
)
