import { expect } from 'vitest'
import { cents } from '../../../local/sage/amounts.ts'
import type { EntryKind, Key } from '../../../local/sage/company-tables.ts'
import { entriesOf } from '../../../shared/cycle/export-parts.ts'
import { budgetCode, keyOf } from '../../../shared/domain/budget-code.ts'
import type { ExportMode } from '../../../shared/domain/export.ts'
import { type LineItem, lineKey } from '../../../shared/domain/line-item.ts'
import { acknowledge } from '../../../shared/exporting/acknowledge.ts'
import {
  accept,
  close,
  command,
  declare,
  edit,
  exporting,
  failure,
  giveBack,
  head,
  key,
  line,
  poster,
  receipt,
  reject,
  retry,
} from '../../statemachines/cycle/clinic.ts'
import {
  type ClinicAndSage,
  handIn,
  importAndPost,
  importFile,
  importFromSage,
  job,
} from './clinic-and-sage.ts'
import type { Draws } from './dealt.ts'

export interface History extends ClinicAndSage {
  readonly draws: Draws
  lines: readonly LineItem[]
  /** What others moved in Sage, by key, in cents. */
  readonly made: Map<string, Amounts>
  /** Of the export under way, cents by key that were closed as not taken. */
  left: Map<string, number>
}

export type Amounts = readonly [original: number, changes: number]
type Act = (history: History) => Promise<void>

const day = '2026-01-06'

export const codes = ['', 'SITE'].flatMap((sub) =>
  ['03-3000', '09-9000', '31-2000'].flatMap((cost) =>
    ['L', 'M', 'S'].map((type) => budgetCode(sub, cost, type)),
  ),
)

export const anyAmount = (draws: Draws): number => draws.whole(1, 9_000_000) * draws.one([1, 1, 1, -1])

const anyLine = (draws: Draws, { sub_job, cost_code, cost_type }: LineItem['code'], changes = 0): LineItem =>
  line(sub_job, cost_code, cost_type, anyAmount(draws), changes)

const codeIn = ({ extra, costCode, category }: Omit<Key, 'job'>) => budgetCode(extra, costCode, category)

/** What Sage shows, by key. */
const shown = ({ sage }: History): Map<string, Amounts> =>
  new Map(
    [...sage.tables().categories.values()].map((row) => [keyOf(codeIn(row)), [row.original, row.approved]]),
  )

const amountOf = (amounts: ReadonlyMap<string, Amounts>, of: string): Amounts => amounts.get(of) ?? [0, 0]

export const sumOf = ([original, changes]: Amounts): number => original + changes

export const revised = ({ original, changes }: LineItem): number => original + changes

/** What Sage shows less what others made there, by key. */
export function ours(history: History): Map<string, Amounts> {
  const sage = shown(history)
  const keys = new Set([...sage.keys(), ...history.made.keys()])
  return new Map(
    [...keys].map((of) => {
      const [[original, changes], made] = [amountOf(sage, of), amountOf(history.made, of)]
      return [of, [original - made[0], changes - made[1]]]
    }),
  )
}

/** Keys whose revised estimate Sage does not have. */
export function due(history: History, lines: readonly LineItem[]): number {
  const sage = ours(history)
  const budget = new Map(lines.map((each) => [lineKey(each), revised(each)]))
  return [...new Set<string>([...sage.keys(), ...budget.keys()])].filter(
    (of) => (budget.get(of as never) ?? 0) !== sumOf(amountOf(sage, of)),
  ).length
}

const withLine = (lines: readonly LineItem[], at: number, altered: LineItem): LineItem[] =>
  lines.with(at, altered)

const withChange = ({ code, original, changes }: LineItem, amount: number): LineItem =>
  line(code.sub_job, code.cost_code, code.cost_type, original, changes + amount)

export const changed = ({ draws }: History, lines: readonly LineItem[]): LineItem[] => {
  const at = draws.whole(0, lines.length - 1)
  return withLine(lines, at, withChange(lines[at]!, anyAmount(draws)))
}

const free = (lines: readonly LineItem[]) =>
  codes.filter((code) => !lines.some((each) => lineKey(each) === keyOf(code)))

/** What becomes of the lines before they are sent. */
export const edits: Readonly<Record<string, (history: History) => LineItem[]>> = {
  'a one-sided change': (history) => changed(history, history.lines),
  'a transfer': ({ draws, lines }) => {
    const [from, to] = draws.shuffled(lines)
    const amount = anyAmount(draws)
    return lines.map((each) =>
      withChange(each, (each === from ? 0 - amount : 0) + (each === to ? amount : 0)),
    )
  },
  'a corrected original': ({ draws, lines }) => {
    const at = draws.whole(0, lines.length - 1)
    return withLine(lines, at, anyLine(draws, lines[at]!.code, lines[at]!.changes))
  },
  'a line gone': ({ draws, lines }) => lines.toSpliced(draws.whole(0, lines.length - 1), 1),
  'a line deleted and added again': (history) => {
    const { draws, lines } = history
    const gone = [...shown(history).keys()].filter((of) => !lines.some((each) => lineKey(each) === of))
    const again = codes.find((code) => gone.includes(keyOf(code)))
    if (again) return [...lines, anyLine(draws, again)]
    const [deleted, ...others] = draws.shuffled(lines)
    return [...others, anyLine(draws, deleted!.code)]
  },
  'a recoded line': ({ draws, lines }) => {
    const at = draws.whole(0, lines.length - 1)
    return withLine(lines, at, { ...lines[at]!, code: draws.one(free(lines)) })
  },
  'a new line': ({ draws, lines }) => [...lines, anyLine(draws, draws.one(free(lines)))],
  'a new extra': ({ draws, lines, sage }) => {
    // One that neither Sage has nor a line that never got there.
    const here = lines.map(({ code }) => Number(/^CO-(\d+)$/.exec(code.sub_job)?.[1] ?? -1))
    const extra = `CO-${String(Math.max(sage.tables().extras.size, ...here.map((number) => number + 1)))}`
    return [...lines, anyLine(draws, budgetCode(extra, '03-3000', draws.one(['L', 'M', 'S'])))]
  },
}

/** Edits that an approved change makes of a budget that stays locked. */
export const byChange = new Set(['a one-sided change', 'a transfer'])

/** What the approver says of it. */
export const decisions: Readonly<Record<string, Act>> = {
  'accepted at once': async ({ machine }) => await accept(machine),
  'rejected, then sent again': async ({ machine }) => {
    await reject(machine)
    await command(machine, 'lock')
    await command(machine, 'send')
    await accept(machine)
  },
}

/** How the file gets to accounting. */
export const ways: Readonly<Record<string, Act>> = {
  delivered: async ({ machine }) => await receipt(machine),
  'failed and retried': async ({ machine }) => {
    await failure(machine)
    await retry(machine)
    await receipt(machine)
  },
}

const otherMode = (mode: ExportMode): ExportMode =>
  mode === 'original_estimate' ? 'approved_estimate_change' : 'original_estimate'

async function stands({ machine }: History, erp: string): Promise<void> {
  expect((await head(machine)).erp).toBe(erp)
}

/** The files that remain are imported and posted as they should be. */
export async function theRest(history: History): Promise<void> {
  while ((await head(history.machine)).open_export !== undefined) {
    if ((await head(history.machine)).erp === 'exporting') await receipt(history.machine)
    await importAndPost(history)
  }
}

/** A close that withdraws what was never handed over: the changes of a first export wait for the next one. */
async function secondFileIsLeft(history: History): Promise<void> {
  if ((await exporting(history.machine)).parts.length === 1) return
  for (const each of history.lines) if (each.changes !== 0) leave(history, lineKey(each), each.changes)
}

const leave = ({ left }: History, of: string, amount: number) => left.set(of, (left.get(of) ?? 0) + amount)

/** Posts some of an import and not all; the accepted lines of which nothing is posted. */
async function postSome(history: History) {
  const { acceptedLines } = await importFile(history)
  const [first, ...others] = history.draws.shuffled(acceptedLines)
  const some = history.draws.whole(0, others.length - 1)
  const posted = [first!, ...others.slice(0, some)]
  history.sage.postEntries({ ids: posted.map(({ entry }) => entry) })
  await history.readBack()
  await stands(history, 'partly_posted')
  return { posted, unposted: others.slice(some) }
}

/** Closes a cost code in Sage or opens it again: on the job where it is set up there, else on the standard list. */
function closeInSage({ sage }: History, { extra, costCode }: Omit<Key, 'job'>, closed: boolean): void {
  const onJob = [...sage.tables().costCodes.values()].some(
    (row) => row.extra === extra && row.costCode === costCode,
  )
  sage.setUp(
    onJob
      ? { jobs: [{ job, costCodes: [{ extra, costCode, closed }] }] }
      : { standardCostCodes: [{ costCode, closed }] },
  )
}

/** The place in Sage of one entry of the file that is due. */
async function anEntry({ machine, draws }: History): Promise<Omit<Key, 'job'>> {
  const { part } = await exporting(machine)
  const { sub_job, cost_code, cost_type } = draws.one(await entriesOf(machine, key, part)).code
  return { extra: sub_job, costCode: cost_code, category: cost_type }
}

/** What is done with the first file, and what ends it. */
export const ends: Readonly<Record<string, Act>> = {
  posted: async (history) => await importAndPost(history),
  'said to be posted before Sage is read': async (history) => {
    await importFile(history)
    history.sage.postEntries({ all: true })
    await declare(history.machine)
  },
  'rejects and their correction': async (history) => {
    const of = await anEntry(history)
    closeInSage(history, of, true)
    const report = await importFile(history)
    if (history.sage.newEntries().length > 0) history.sage.postEntries({ all: true })
    await history.readBack()
    await handIn(history, report)
    closeInSage(history, of, false)
    await importAndPost(history)
  },
  'the wrong box, then closed as it stands': async (history) => {
    const { part } = await exporting(history.machine)
    await importAndPost(history, { wrongBox: true })
    await stands(history, 'mismatch')
    await secondFileIsLeft(history)
    await close(history.machine, { outcome: 'taken', mode: otherMode(part.mode) })
  },
  'the wrong box, then corrected in Sage': async (history) => {
    const { part } = await exporting(history.machine)
    await importFile(history, { wrongBox: true })
    const { posted } = history.sage.postEntries({ all: true })
    await history.readBack()
    await stands(history, 'mismatch')
    for (const { run, sequence } of posted) history.sage.editPosted({ run, sequence }, { kind: part.mode })
    await history.readBack()
  },
  'twice, then reversed': async (history) => {
    await importFile(history)
    history.sage.postEntries({ all: true })
    await importFile(history, { again: true })
    const { posted } = history.sage.postEntries({ all: true })
    await history.readBack()
    await stands(history, 'mismatch')
    for (const { extra, costCode, category, kind, date, amount } of posted)
      history.sage.handEntry({ job, extra, costCode, category, kind, date, amount: cents(0 - amount) })
    await history.readBack()
  },
  'in part, then the rest': async (history) => {
    await postSome(history)
    history.sage.postEntries({ all: true })
    await history.readBack()
  },
  'in part, the rest withdrawn': async (history) => {
    const { posted, unposted } = await postSome(history)
    for (const entry of unposted) {
      history.sage.deleteEntry(entry.entry)
      leave(history, keyOf(codeIn(entry)), entry.amount)
    }
    await secondFileIsLeft(history)
    const taken = posted.map(({ extra, costCode, category }) => line(extra, costCode, category, 0))
    await close(history.machine, { outcome: 'withdrawn' }, ...taken)
  },
  'entries deleted, then imported again': async (history) => {
    await importFile(history)
    for (const { entry } of history.sage.newEntries()) history.sage.deleteEntry(entry)
    await history.readBack()
    await stands(history, 'exported')
    await importAndPost(history, { again: true })
  },
  'rejects and left out': async (history) => {
    const of = await anEntry(history)
    closeInSage(history, of, true)
    await importFile(history)
    closeInSage(history, of, false)
    const posted = history.sage.newEntries()
    if (posted.length > 0) history.sage.postEntries({ all: true })
    await history.readBack()
    const { part } = await exporting(history.machine)
    const [entries, taken] = [await entriesOf(history.machine, key, part), posted.map(codeIn)]
    for (const { code, cents: amount } of entries)
      if (!taken.some((each) => keyOf(each) === keyOf(code))) leave(history, keyOf(code), amount)
    await secondFileIsLeft(history)
    const lines = taken.map(({ sub_job, cost_code, cost_type }) => line(sub_job, cost_code, cost_type, 0))
    await close(history.machine, { outcome: 'rejected' }, ...lines)
  },
  'withdrawn whole': async (history) => {
    await close(history.machine, { outcome: 'withdrawn' })
    await stands(history, 'rejected')
  },
  returned: async (history) => {
    await failure(history.machine)
    await giveBack(history.machine)
    await stands(history, 'rejected')
  },
}

/** Ends after which nothing of the export is in Sage. */
export const nothingTaken = new Set(['withdrawn whole', 'returned'])

const joins = ({ made }: History, of: string, [original, changes]: Amounts): void => {
  const before = amountOf(made, of)
  made.set(of, [before[0] + original, before[1] + changes])
}

/** Moves one of these keys in Sage by an entry that is not ours. */
export function moveInSage(history: History, kind: EntryKind, of: readonly LineItem['code'][]): void {
  const { sage, draws } = history
  const code = draws.one(of)
  const amount = anyAmount(draws)
  const place = { ...placeOf(code), amount: cents(amount) }
  if (kind === 'original_estimate') sage.handEntry({ job, kind, date: day, ...place })
  else sage.ownerChangeOrder({ job, number: '7', date: day, lines: [place] })
  joins(history, keyOf(code), kind === 'original_estimate' ? [amount, 0] : [0, amount])
}

export async function acknowledged(history: History): Promise<void> {
  await history.readBack()
  const number = (await head(history.machine)).export
  const parts = await history.machine.store.parts(key, number)
  const drift = parts.findLast(({ observation }) => observation?.kind === 'drift')
  expect(drift, 'drift').toBeDefined()
  const wanted = { key, export: number, part: drift!.part, note: 'Made in Sage on purpose.' }
  await acknowledge(history.machine, { by: poster }, wanted)
  await history.readBack()
}

const placeOf = ({ sub_job, cost_code, cost_type }: LineItem['code']) => ({
  extra: sub_job,
  costCode: cost_code,
  category: cost_type,
})

/** Where the first lines come from. */
export const starts: Readonly<Record<string, Act>> = {
  'begun in the project': async () => await Promise.resolve(),
  'imported from Sage': async (history) => {
    const { machine, sage, draws } = history
    for (const kind of ['original_estimate', 'approved_estimate_change'] as const)
      for (const { code } of draws.shuffled(history.lines).slice(0, 3))
        sage.handEntry({ job, kind, date: day, ...placeOf(code), amount: cents(anyAmount(draws)) })
    await history.readBack()
    // An import is refused once a change is approved here.
    await edit(
      machine,
      history.lines.map((each) => withChange(each, 0 - each.changes)),
    )
    await importFromSage(machine)
    history.lines = await machine.store.lines(key, (await head(machine)).manifest)
    const budget = new Map<string, number>(history.lines.map((each) => [lineKey(each), revised(each)]))
    for (const [of, amounts] of ours(history)) expect([of, budget.get(of)]).toEqual([of, sumOf(amounts)])
  },
}

/** What others do in Sage, and when. */
export const moves: Readonly<
  Record<string, { readonly when: 'never' | 'waiting' | 'after'; readonly kind: EntryKind }>
> = {
  'nothing else': { when: 'never', kind: 'original_estimate' },
  'an owner change order while it waits': { when: 'waiting', kind: 'approved_estimate_change' },
  'an owner change order afterwards': { when: 'after', kind: 'approved_estimate_change' },
  'a hand entry afterwards': { when: 'after', kind: 'original_estimate' },
}
