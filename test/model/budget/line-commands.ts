import * as fc from 'fast-check'
import { ed, mia } from '../../functions/api/acme.ts'
import { type Asked, command, type Done } from './command.ts'
import { fileText, linesOfFile, maybeColumns, mergeInto } from './plain-file.ts'
import { keyOf, type PlainBudget } from './plain-budget.ts'
import {
  type Code,
  codeShown,
  decimal,
  factor,
  lineOf,
  type PlainLine,
  sameLine,
  type Typed,
  typedAs,
} from './plain-line.ts'

export const anyCents: fc.Arbitrary<bigint> = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt(0n, 50_000_000n) },
  { weight: 2, arbitrary: fc.bigInt(-1_000_000n, 1_000_000n) },
  { weight: 3, arbitrary: fc.constantFrom(0n, 1n, -1n) },
  { weight: 1, arbitrary: fc.constantFrom(99_999_999_999n, -99_999_999_999n, 100_000_000_000n) },
)

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
const anyTyped = fc.record({
  at: anyIndex,
  description: anyDescription,
  strategy: fc.constantFrom(undefined, undefined, 'manual' as const, 'automatic' as const),
  quantity: anyFactor,
  uom: fc.constantFrom('', 'hr', 'm²'),
  unitCost: anyFactor,
  amount: anyAmount,
  // Most automatic lines leave the amount to us.
  leaveAmount: fc.boolean(),
})
type Drawn = typeof anyTyped extends fc.Arbitrary<infer T> ? T : never

/** Mostly the code of a line that stands. */
const codeToDelete = (plain: PlainBudget, at: number): Code =>
  (at % 6 > 0 ? plain.sorted()[at % plain.lines.size]?.code : undefined) ?? codeAt(plain, at)

/** Now and then a code that is none. */
const codeAt = (plain: PlainBudget, at: number): Code => (at > 985 ? ['', '', 'L'] : plain.codeAt(at))

function typed(plain: PlainBudget, { at, leaveAmount, ...drawn }: Drawn): Typed {
  const automatic = drawn.strategy !== 'manual' && drawn.quantity !== null && drawn.unitCost !== null
  return {
    ...drawn,
    code: codeAt(plain, at),
    amount: automatic && leaveAmount ? undefined : drawn.amount,
  }
}

const sent = ({ code, amount, quantity, unitCost, strategy, description, uom }: Typed) => ({
  ...codeShown(code),
  description,
  uom,
  quantity: factor(quantity),
  unit_cost: factor(unitCost),
  ...(strategy && { calculation_strategy: strategy }),
  ...(amount !== undefined && {
    original_budget_amount: typeof amount === 'bigint' ? decimal(amount) : amount,
  }),
})

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
function editLines(plain: PlainBudget, lines: readonly PlainLine[], deletes: readonly Code[]): string | Done {
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

function batch(plain: PlainBudget, { upserts, deletes }: Batch, byManager: boolean): Asked {
  const lines = upserts.map(lineOf)
  const valid = lines.filter((line) => line !== undefined)
  const empty = upserts.length + deletes.length === 0
  return {
    as: byManager ? mia : ed,
    method: 'PATCH',
    path: '/budget/line_items',
    body: { upserts: upserts.map(sent), deletes: deletes.map(codeShown) },
    ifMatch: 'required',
    key: 'optional',
    unread: empty ? 'INVALID_INPUT' : valid.length < lines.length ? 'LINE_INVALID' : undefined,
    decide: (stale) =>
      plain.locked && !byManager ? 'NOT_ALLOWED' : (stale ?? editLines(plain, valid, deletes)),
  }
}

export const edit = command(
  'edit lines',
  fc.record({
    upserts: fc.array(anyTyped, { maxLength: 3 }),
    deletes: fc.array(anyIndex, { maxLength: 2 }),
    byManager: fc.boolean(),
  }),
  (plain, { upserts, deletes, byManager }) =>
    batch(
      plain,
      {
        upserts: upserts.map((drawn) => typed(plain, drawn)),
        deletes: deletes.map((at) => codeToDelete(plain, at)),
      },
      byManager,
    ),
)

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
    )
  },
)

export const deleteManyLines = command(
  'delete many lines',
  fc.record({ from: anyIndex, count: fc.integer({ min: 20, max: 400 }) }),
  (plain, { from, count }) => {
    const codes = plain.sorted().map(({ code }) => code)
    const start = codes.length === 0 ? 0 : from % codes.length
    return batch(plain, { upserts: [], deletes: codes.slice(start, start + count) }, false)
  },
)

function decideImport(
  plain: PlainBudget,
  lines: readonly PlainLine[],
  columns: ReadonlySet<(typeof maybeColumns)[number]>,
  { mode, dryRun }: { mode: string; dryRun: boolean },
): string | Done {
  if (plain.locked) return 'BUDGET_LOCKED'
  const { edits, counts } = mergeInto(plain, lines, columns, mode)
  const before = plain.totals().original_budget_amount
  const wrote = !dryRun && plain.store(edits)
  const after = { original_budget_amount: { before, after: plain.totals().original_budget_amount } }
  return { status: 200, wrote, says: { stored: !dryRun, mode, counts, ...(dryRun ? {} : after) } }
}

export const importFile = command(
  'import a file',
  fc.record({
    rows: fc.array(anyTyped, { maxLength: 5 }),
    /** Every n-th line that stands is in the file too, as it is. */
    everyNth: fc.constantFrom(0, 1, 1, 2, 3),
    columns: fc.subarray([...maybeColumns]),
    mode: fc.constantFrom('merge', 'replace'),
    dryRun: fc.constantFrom(true, false, false, false),
  }),
  (plain, { rows, everyNth, columns, mode, dryRun }) => {
    const drawn = rows.map((row) => typed(plain, row))
    const named = new Set(drawn.map(({ code }) => keyOf(code)))
    const standing = plain
      .sorted()
      .filter((line, i) => everyNth > 0 && i % everyNth === 0 && !named.has(keyOf(line.code)))
    const typedRows = [...drawn, ...standing.map(typedAs)]
    const used = new Set(columns)
    const lines = linesOfFile(typedRows, used)
    return {
      as: ed,
      method: 'POST',
      path: '/budget/import',
      query: { mode, dry_run: String(dryRun) },
      file: fileText(typedRows, used),
      ifMatch: dryRun ? 'none' : 'required',
      key: dryRun ? 'none' : 'optional',
      unread: typeof lines === 'string' ? lines : undefined,
      decide: (stale) =>
        stale ?? decideImport(plain, typeof lines === 'string' ? [] : lines, used, { mode, dryRun }),
    }
  },
)
