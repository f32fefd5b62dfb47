import { decideApproval } from '../../../shared/approving/decide-approval.ts'
import { budgetCode } from '../../../shared/domain/budget-code.ts'
import { type Cents, cents } from '../../../shared/domain/cents.ts'
import {
  CompanyId,
  type Day,
  PersonId,
  ProjectId,
  type ProjectKey,
  SageCompanyId,
  type Sha256,
} from '../../../shared/domain/ids.ts'
import type { LineItem } from '../../../shared/domain/line-item.ts'
import type { Role } from '../../../shared/domain/person.ts'
import { sageLimits, type SageCompany } from '../../../shared/domain/sage-company.ts'
import {
  type BudgetHead,
  type PendingCommand,
  type Project,
  stepUnderWay,
} from '../../../shared/domain/budget-head.ts'
import { newHead } from '../../../shared/store/head-row.ts'
import { tellCommand, tellSignal } from '../../../shared/store/workflow.ts'
import { closeExport, type EntryEnd } from '../../../shared/exporting/close-export.ts'
import { confirmPosted } from '../../../shared/exporting/confirm-posted.ts'
import { rejectLines } from '../../../shared/exporting/reject-lines.ts'
import { reportStop } from '../../../shared/exporting/report-stop.ts'
import { retryExport } from '../../../shared/exporting/retry-export.ts'
import { returnExport } from '../../../shared/exporting/return-export.ts'
import type { FailureEvent } from '../../../shared/sage/sage-event.ts'
import type { HistoryEvent } from '../../../shared/store/budget-store.ts'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import type { CycleMachine } from './machine.ts'

export const key = { company: CompanyId.parse('northwind'), project: ProjectId.parse('clinic') }
export const sageId = SageCompanyId.parse('nw-main')
export const manager = PersonId.parse('paula')
export const approver = PersonId.parse('anna')
export const poster = PersonId.parse('peter')

export const line = (sub: string, code: string, type: string, original: number, changes = 0): LineItem => ({
  code: budgetCode(sub, code, type),
  description: `${code} ${type}`,
  calculation_strategy: 'manual',
  quantity: null,
  uom: '',
  unit_cost: null,
  original: cents(original),
  changes: cents(changes),
})

export const clinicLines = [
  line('', '03-3000', 'L', 18_500_000),
  line('', '03-3000', 'S', 32_500_000),
  line('SITE', '31-2000', 'S', 50_000_000),
]

export const [labor, concrete, earthwork] = clinicLines as [LineItem, LineItem, LineItem]

/** The same with an approved change: the first export then has two parts. */
export const changedLines = clinicLines.map((each, i) =>
  i === 1 ? { ...each, changes: cents(1_500_000) } : each,
)

/** A company with people, a Sage company with master data, and a project linked to a job, with three lines. */
export async function clinic(
  machine: CycleMachine,
  lines: readonly LineItem[] = clinicLines,
  /** Whether Sage's totals were read before. */
  { read: wasRead = true, project = {} }: { read?: boolean; project?: Partial<Project> } = {},
): Promise<void> {
  const { store, companies, clock } = machine
  const people: [PersonId, Role][] = [
    [manager, 'project_manager'],
    [approver, 'accounting_approver'],
    [poster, 'accounting_poster'],
    [PersonId.parse('otto'), 'operator'],
  ]
  for (const [id, role] of people) {
    const person = {
      id,
      name: `${id} name`,
      email: `${id}@example.com`,
      subjects: [`sub-${id}`],
      roles: [role],
      active: true,
    }
    await companies.putPerson(key.company, person, 'system')
  }
  await sageSettings(machine)
  await masterData(machine)
  if (wasRead) await totals(machine, [])
  const { manifest, totals: sums } = await store.saveLines(key, lines)
  await store.commit(key, undefined, {
    head: { ...newHead(key, manifest, clock.now()), ...sums, creator: manager },
    history: [{ event: 'project_created', by: manager, detail: { before: null, after: {} } }],
    project: {
      project: key.project,
      name: 'Riverside Clinic',
      job: { sage_company: sageId, number: '24-1007' },
      settings: { one_sided_changes: true },
      created_by: manager,
      created_at: clock.now(),
      ...project,
    },
    job_link: { take: { sage_company: sageId, job: '24-1007' } },
  })
}

/** The Sage company; by default nothing may be created by an import. */
export async function sageSettings(
  { companies }: CycleMachine,
  may: Partial<
    Pick<SageCompany, 'jobs_may_be_created' | 'extras_may_be_created' | 'posters' | 'stale_after_days'>
  > = {},
): Promise<void> {
  await companies.putSageCompany(
    key.company,
    {
      id: sageId,
      name: 'Northwind Builders',
      folder: 'NORTHWIND',
      connector: 'agent',
      posters: [],
      time_zone: 'America/Los_Angeles',
      date_order: 'MMDDYYYY',
      comment_character: ';',
      jobs_may_be_created: false,
      extras_may_be_created: false,
      cost_codes_may_be_created: false,
      entry_date_window: { before: 30, after: 30 },
      limits: sageLimits,
      ...may,
    },
    'system',
  )
}

/** What Sage knows; less of it makes the check at export find something, or the export create it. */
export async function masterData(
  { companies, clock }: CycleMachine,
  categories = ['L', 'M', 'S', 'E', 'O'],
  knows = { job: true, extra: true },
): Promise<void> {
  await companies.putMasterData(
    key.company,
    sageId,
    {
      as_of: clock.now(),
      jobs: knows.job
        ? [{ job: '24-1007', description: 'Riverside Clinic', closed: false, original_finalized: false }]
        : [],
      cost_codes: [
        { cost_code: '03-3000', description: 'Cast-in-place concrete', group: false, closed: false },
        { cost_code: '31-2000', description: 'Earthwork', group: false, closed: false },
      ],
      categories: categories.map((category) => ({
        category,
        description: category,
        accumulate_as: category,
      })),
      extras: knows.extra
        ? [{ job: '24-1007', extra: 'SITE', description: 'Site package', closed: false }]
        : [],
    },
    'connector',
  )
}

export type Moved = readonly [
  extra: string,
  cost_code: string,
  category: string,
  original: number,
  changes: number,
]

/** Sage's posted totals as read now, by the connector or uploaded; what follows; the workflow is not told yet. */
export async function read(
  machine: CycleMachine,
  rows: readonly Moved[],
  uploaded_by?: PersonId,
): Promise<string> {
  await machine.companies.putJobTotals(key.company, sageId, {
    job: '24-1007',
    as_of: machine.clock.now(),
    totals: rows.map(([extra, cost_code, category, original, changes]) => ({
      extra,
      cost_code,
      category,
      original: cents(original),
      changes: cents(changes),
    })),
    ...(uploaded_by && { uploaded_by }),
  })
  const event = { v: 1, kind: 'totals', company: key.company, sage_company: sageId, job: '24-1007' }
  return await takeSageEvent(machine, event)
}

/** The same, and what follows from it. */
export async function totals(
  machine: CycleMachine,
  rows: readonly Moved[],
  uploaded_by?: PersonId,
): Promise<void> {
  await read(machine, rows, uploaded_by)
  await machine.settle()
}

type Command = 'lock' | 'unlock' | 'send' | 'retrieve'
type Options = Pick<PendingCommand, 'budget_changes' | 'request'>

/** Records a command of the project side as the API does, and lets the workflow carry it out. */
export async function command(machine: CycleMachine, name: Command, options: Options = {}): Promise<void> {
  await asked(machine, key, name, options)
  await machine.settle()
}

/** The same, recorded and not told yet. */
export async function asked(
  { store, clock }: Pick<CycleMachine, 'store' | 'clock'>,
  of: ProjectKey,
  name: Command,
  options: Options = {},
): Promise<void> {
  await store.decide(of, async (before) => {
    if (!before) throw new Error('no budget')
    const at = clock.now()
    const pending = { ...before, pending: { command: name, by: manager, at, ...options } }
    const told =
      name === 'retrieve' ? tellSignal(of, pending, 'retrieve', at) : tellCommand(of, pending, name, at)
    const step = stepUnderWay(before)
    const open = name === 'retrieve' ? await store.approval(of, step) : undefined
    return {
      answer: undefined,
      commit: {
        ...told,
        history: [{ event: `${name}_asked`, by: manager, request: options.request, detail: {} }],
        ...(open && { approvals: [{ ...open, outcome: 'retrieved', ended_at: at }] }),
      },
    }
  })
}

const linesEdited = ({ manifest: from }: BudgetHead, to: Sha256): HistoryEvent => ({
  event: 'lines_edited',
  by: manager,
  detail: { lines: 1, from, to, first: [] },
})

/** Puts budget changes into the lines as an approved change does, by the index of the line. */
export async function change(machine: CycleMachine, index: number, amount: number): Promise<void> {
  const { store } = machine
  await store.decide(key, async (before) => {
    if (!before) throw new Error('no budget')
    const lines = [...(await store.lines(key, before.manifest))]
    const changed = lines[index]
    if (!changed) throw new Error('no such line')
    lines[index] = { ...changed, changes: cents(changed.changes + amount) }
    const { manifest, totals: sums } = await store.saveLines(key, lines, before.manifest)
    const erp = before.erp === 'synced' ? 'update_pending' : before.erp
    return {
      answer: undefined,
      commit: {
        head: { ...before, ...sums, manifest, erp, revision: before.revision + 1 },
        history: [linesEdited(before, manifest)],
      },
    }
  })
}

/** The lines of an unlocked budget become these. */
export async function edit({ store }: CycleMachine, lines: readonly LineItem[]): Promise<void> {
  await store.decide(key, async (before) => {
    if (!before) throw new Error('no budget')
    const { manifest, totals: sums } = await store.saveLines(key, lines, before.manifest)
    const erp = before.erp === 'synced' ? 'update_pending' : before.erp
    return {
      answer: undefined,
      commit: {
        head: { ...before, ...sums, manifest, erp, revision: before.revision + 1 },
        history: [linesEdited(before, manifest)],
      },
    }
  })
}

export async function head(machine: CycleMachine, of: ProjectKey = key): Promise<BudgetHead> {
  const found = await machine.store.head(of)
  if (!found) throw new Error('no budget')
  return found
}

/** The newest row of the history. */
export const lastEvent = async ({ store }: CycleMachine) => (await store.history(key, { limit: 1000 })).at(-1)

export async function approval(machine: CycleMachine, of: ProjectKey = key) {
  const { sent_version: version, send, approval_step: step = 1 } = await head(machine, of)
  const found = await machine.store.approval(of, { version, send, step })
  if (!found) throw new Error('no approval')
  return found
}

export async function accept(
  machine: CycleMachine,
  person = approver,
  entry_date?: Day,
  request?: string,
): Promise<void> {
  const open = await approval(machine)
  const { version, send, step, version_hash, export_hash, parts, ticks } = open
  await decideApproval(machine, request === undefined ? {} : { request }, {
    key,
    of: { version, send, step },
    person,
    choice: {
      choice: 'accept',
      shown: { version_hash, export_hash, parts },
      ticks,
      entry_date,
      by: 'link',
    },
  })
  await machine.settle()
}

export async function reject(
  machine: CycleMachine,
  reason = 'Concrete is too low',
  person = approver,
): Promise<void> {
  const { version, send, step } = await approval(machine)
  await decideApproval(
    machine,
    {},
    { key, of: { version, send, step }, person, choice: { choice: 'reject', reason, by: 'link' } },
  )
  await machine.settle()
}

/** The open export, its parts, and the one that is due. */
export async function exporting(machine: CycleMachine) {
  const number = (await head(machine)).open_export ?? 0
  const open = await machine.store.export(key, number)
  const parts = await machine.store.parts(key, number)
  const part = parts.find((each) => each.part === open?.current_part)
  if (!open || !part) throw new Error('no export is open')
  return { open, parts, part }
}

const spoken = async (machine: CycleMachine) => {
  const { open, part } = await exporting(machine)
  return {
    v: 1,
    company: key.company,
    project: key.project,
    export: open.number,
    part: part.part,
    attempt: open.attempt,
  }
}

/** The connector says that the file is there; the workflow is not told yet. */
export async function received(machine: CycleMachine): Promise<void> {
  const { part } = await exporting(machine)
  const about = await spoken(machine)
  await takeSageEvent(machine, {
    ...about,
    kind: 'receipt',
    sha256: part.file_sha256,
    where: 'folder',
    by: 'agent',
  })
}

export async function receipt(machine: CycleMachine): Promise<void> {
  await received(machine)
  await machine.settle()
}

export async function failure(
  machine: CycleMachine,
  said: Partial<Pick<FailureEvent, 'messages' | 'lines'>> = {},
): Promise<void> {
  await takeSageEvent(machine, {
    ...(await spoken(machine)),
    kind: 'failure',
    messages: ['The share is gone.'],
    ...said,
  })
  await machine.settle()
}

/** A poster says that the current file is posted; the workflow is not told yet. */
export async function declared(machine: CycleMachine): Promise<void> {
  const { open, part } = await exporting(machine)
  const wanted = { key, export: open.number, part: part.part, how: 'declared' } as const
  await confirmPosted(machine, { by: poster }, wanted)
}

export async function declare(machine: CycleMachine): Promise<void> {
  await declared(machine)
  await machine.settle()
}

/** A poster says which lines of the current file Sage rejected; the workflow is not told yet. */
export async function rejected(machine: CycleMachine, ...lines: readonly LineItem[]): Promise<void> {
  const { open, part } = await exporting(machine)
  const named = lines.map(({ code }) => ({ code }))
  await rejectLines(machine, { by: poster }, { key, export: open.number, part: part.part, lines: named })
}

export async function rejectSome(machine: CycleMachine, ...lines: readonly LineItem[]): Promise<void> {
  await rejected(machine, ...lines)
  await machine.settle()
}

/** A poster says that Sage stopped the import of the current file; the workflow is not told yet. */
export async function stopped(machine: CycleMachine, message = 'Category S is not set up.'): Promise<void> {
  const { open, part } = await exporting(machine)
  await reportStop(machine, { by: poster }, { key, export: open.number, part: part.part, message })
}

export async function stop(machine: CycleMachine): Promise<void> {
  await stopped(machine)
  await machine.settle()
}

/** A poster says how every entry ended; the workflow is not told yet. */
export async function closed(
  machine: CycleMachine,
  others: EntryEnd,
  ...taken: readonly LineItem[]
): Promise<void> {
  const number = (await head(machine)).open_export ?? (await head(machine)).export + 1
  const entries = taken.map(({ code }) => ({ part: 1, code, outcome: 'taken' as const }))
  const wanted = { key, export: number, reason: 'The import was given up.', others, entries }
  await closeExport(machine, { by: poster }, wanted)
}

export async function close(
  machine: CycleMachine,
  others: EntryEnd,
  ...taken: readonly LineItem[]
): Promise<void> {
  await closed(machine, others, ...taken)
  await machine.settle()
}

export async function retry(machine: CycleMachine): Promise<void> {
  const { open_export, export: last } = await head(machine)
  await retryExport(machine, { by: approver }, { key, export: open_export ?? last + 1 })
  await machine.settle()
}

export async function giveBack(machine: CycleMachine): Promise<void> {
  const { open_export, export: last } = await head(machine)
  const wanted = { key, export: open_export ?? last + 1, reason: 'Wrong job.' }
  await returnExport(machine, { by: approver }, wanted)
  await machine.settle()
}

/** A locked budget with the approver. */
export async function sent(machine: CycleMachine, lines?: readonly LineItem[]): Promise<void> {
  await clinic(machine, lines)
  await command(machine, 'lock')
  await command(machine, 'send')
}

/** From nothing to a file with accounting. */
export async function exported(
  machine: CycleMachine,
  lines?: readonly LineItem[],
  before?: { readonly read: boolean },
): Promise<void> {
  await clinic(machine, lines, before)
  await command(machine, 'lock')
  await command(machine, 'send')
  await accept(machine)
  await receipt(machine)
}

/** Rows of Sage's totals; `changes` adds the lines' changes in their own mode. */
export const amounts = (
  lines: readonly {
    code: { sub_job: string; cost_code: string; cost_type: string }
    original: Cents
    changes: Cents
  }[],
  times = 1,
  changes = false,
): Moved[] =>
  lines.map(({ code, original, changes: changed }) => [
    code.sub_job,
    code.cost_code,
    code.cost_type,
    original * times,
    changes ? changed : 0,
  ])
