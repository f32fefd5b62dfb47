import {
  type CarriedOut,
  carryOut,
  earlier,
  type Standing,
  standingRows,
} from '../../shared/cycle/carry-out.ts'
import { Broken } from '../../shared/store/errors.ts'
import { type ComingExport, comingExport, jobIsNew } from '../../shared/cycle/coming-export.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { makePart, newToSage } from '../../shared/cycle/export-parts.ts'
import { type OpenExport, openExport } from '../../shared/cycle/open-export.ts'
import { commandDone, commandRefused } from '../../shared/cycle/last-command.ts'
import { mails, projectSide } from '../../shared/cycle/mails.ts'
import { queueDue } from '../../shared/cycle/queue-due.ts'
import { receiptDue } from '../../shared/cycle/reminders.ts'
import { StepTask, keyOfTask } from '../../shared/cycle/task.ts'
import type { Approval } from '../../shared/domain/approval.ts'
import { type BudgetHead, stepUnderWay } from '../../shared/domain/budget-head.ts'
import { exportHash } from '../../shared/domain/entries.ts'
import type { BudgetExport, ExportPart } from '../../shared/domain/export.ts'
import { exportId } from '../../shared/domain/export-id.ts'
import { stops } from '../../shared/domain/finding.ts'
import type { Day } from '../../shared/domain/ids.ts'
import { newInSage } from '../../shared/domain/new-in-sage.ts'
import { type Refusal, refusal } from '../../shared/domain/refusal.ts'
import type { SageCompany } from '../../shared/domain/sage-company.ts'
import { baselineNow } from '../../shared/exporting/baseline.ts'

/**
 * Writes *accepted*, checks again, makes the export record and the files of its parts, and writes *exporting*.
 * After a retry the same export goes on with the same bytes under the next attempt, after a restart under the same.
 */
export async function exportBudget(dependencies: Dependencies, input: unknown) {
  await writeAccepted(dependencies, input)
  const output = await carryOut(dependencies, input, async (standing) => {
    const { key, head } = standing
    if (head.open_export === undefined) return await prepare(dependencies, standing)
    const open = await openExport(dependencies, key, head)
    return head.erp === 'exporting' ? queueAgain(standing, open) : retry(standing, open)
  })
  return await queueDue(dependencies, input, output)
}

/**
 * The decision is carried out: from here on the budget counts as accepted, whatever the preparation finds; and again
 * when it is prepared again after findings, of which the project side was told the first time.
 */
async function writeAccepted({ store, clock }: Dependencies, input: unknown): Promise<void> {
  const task = StepTask.parse(input)
  const key = keyOfTask(task)
  const read = async () => await standingRows(store, key, task)
  await store.decideOver(key, read, ({ head, signal }) => {
    if (head?.execution !== task.execution || carriedOutSince(head, task)) return { answer: undefined }
    const again = head.erp === 'export_failed' && head.open_export === undefined
    if (head.erp !== 'sent' && !again) return { answer: undefined }
    const detail = { version: head.sent_version, send: head.send }
    const request = signal?.request
    return {
      answer: undefined,
      commit: {
        head: { ...head, erp: 'accepted', erp_since: clock.now() },
        history: [{ event: again ? 'accepted_again' : 'accepted', by: 'system', request, detail }],
        outbox: again ? [] : mails('accepted', projectSide(head), `s${String(head.send)}`),
      },
    }
  })
}

/** A late repeat of a step that is carried out, or of one before it, writes nothing. */
const carriedOutSince = ({ done }: Pick<BudgetHead, 'done'>, { execution, step }: StepTask): boolean =>
  done?.execution === execution && done.step >= step

const acceptsOf = ({ decisions }: Approval): Approval['decisions'] =>
  decisions.filter(({ choice }) => choice === 'accept')

/** The date that the last accept chose. */
const entryDateOf = (approval: Approval): Day | undefined => acceptsOf(approval).at(-1)?.entry_date

async function prepare(dependencies: Dependencies, standing: Standing): Promise<CarriedOut> {
  const { key, head } = standing
  const [version, approval] = await Promise.all([
    dependencies.store.version(key, head.sent_version),
    dependencies.store.approval(key, stepUnderWay(head)),
  ])
  if (!version || approval?.outcome !== 'accepted')
    throw new Broken(
      'NotAccepted',
      `${key.project}: version ${String(head.sent_version)} has no stored accept.`,
    )
  const coming = await comingExport(dependencies, key, head, {
    manifest: version.hash,
    entryDate: entryDateOf(approval),
  })
  const changed = exportHash(coming.parts) !== approval.export_hash || version.hash !== approval.version_hash
  if (changed)
    return refuse(
      standing,
      refusal(
        'SHOWN_IS_NOT_STORED',
        'What the export would hold is no longer what was accepted.',
        'Return the budget to the project and send it again.',
      ),
    )
  if (stops(coming.findings) || !coming.sage)
    return refuse(
      standing,
      refusal(
        'FINDINGS',
        'The pre-check found errors when the export was prepared, so no file was made.',
        'Correct what the findings name in Sage or in its set-up and retry, or return the budget to the project.',
        { findings: coming.findings },
      ),
    )
  const create_job = jobIsNew(coming)
  return create_job && !approval.ticks.includes('create_job')
    ? refuse(
        standing,
        refusal(
          'TICK_MISSING',
          'The job is not in the list of jobs read from Sage, and nobody accepted that it is created.',
          'Have the lists read from Sage again and retry, or return the budget to the project and send it again.',
        ),
      )
    : await makeExport(dependencies, standing, approval, { ...coming, sage: coming.sage, create_job })
}

function refuse({ head, at, day300 }: Standing, refused: Refusal): CarriedOut {
  return {
    commit: {
      head,
      history: [{ event: 'export_refused', by: 'system', detail: { code: refused.code } }],
      last_command: commandRefused('export', head, at, refused),
    },
    output: { outcome: 'refused', refused: 'Refused.Export', until: day300 },
  }
}

async function makeExport(
  dependencies: Dependencies,
  { key, head, at, day300 }: Standing,
  approval: Approval,
  coming: ComingExport & { readonly sage: SageCompany; readonly create_job: boolean },
): Promise<CarriedOut> {
  const { sage, create_job } = coming
  const job = coming.project?.job
  const entry_date = entryDateOf(approval)
  if (!job || entry_date === undefined)
    throw new Broken(
      'AcceptIncomplete',
      `${key.project}: the accept carries no entry date, or the job link is gone.`,
    )
  const number = head.export + 1
  const record: BudgetExport = {
    id: exportId(key.project, number),
    number,
    version: approval.version,
    version_hash: approval.version_hash,
    export_hash: approval.export_hash,
    first: approval.first_export,
    sage_company: sage.id,
    job: job.number,
    create_job,
    entry_date,
    accepted_by: acceptsOf(approval).map(({ person }) => person),
    attempt: 1,
    parts: coming.parts.length,
    current_part: 1,
    opened_at: at,
  }
  const [parts, baseline, last] = await Promise.all([
    makeParts(dependencies, key, record, coming, sage),
    baselineOf(dependencies, key, head, record),
    dependencies.store.lastCommand(key),
  ])
  return {
    commit: {
      head: { ...head, erp: 'exporting', erp_since: at, export: number, open_export: number },
      history: [
        {
          event: 'export_prepared',
          by: 'system',
          detail: { export: number, parts: parts.map((part) => part.file_sha256) },
        },
      ],
      // What an earlier preparation was refused for is put right.
      ...(last?.command === 'export' && { last_command: commandDone('export', head, at) }),
      export: record,
      parts: parts.map((part) => (part.part === 1 ? { ...part, attempt: 1, ...baseline } : part)),
    },
    output: { outcome: 'exporting', until: earlier(receiptDue(at), day300) },
  }
}

/** What Sage shows before the first part, over what the export before this one left. */
async function baselineOf(
  dependencies: Dependencies,
  key: Standing['key'],
  { export: last }: BudgetHead,
  record: BudgetExport,
): ReturnType<typeof baselineNow> {
  const before = last === 0 ? undefined : await openExport(dependencies, key, { open_export: last })
  return await baselineNow(dependencies, key, record, before)
}

async function makeParts(
  dependencies: Dependencies,
  key: Standing['key'],
  record: BudgetExport,
  { parts, master, project, position }: ComingExport,
  sage: NonNullable<ComingExport['sage']>,
): Promise<ExportPart[]> {
  const extras = master ? newInSage({ sage, master, job: record.job, position, parts }).extras : []
  return await Promise.all(
    parts.map(async (entries, index) => {
      const told = newToSage(project, extras[index])
      return await makePart(dependencies, {
        key,
        export: record,
        part: index + 1,
        kind: entries.mode === 'original_estimate' ? 'original' : 'change',
        entries,
        sage,
        master,
        newExtras: told.extras,
        ...(record.create_job && index === 0 && { createJob: told.job }),
      })
    }),
  )
}

/** Same export, same bytes, the next attempt of the part that has no receipt. */
function retry({ head, at, day300 }: Standing, { open, part }: OpenExport): CarriedOut {
  const attempt = open.attempt + 1
  return {
    commit: {
      head: { ...head, erp: 'exporting', erp_since: at },
      history: [{ event: 'retried', by: 'system', detail: { export: open.number, attempt } }],
      export: { ...open, attempt },
      parts: [{ ...part, attempt }],
    },
    output: { outcome: 'exporting', until: earlier(receiptDue(at), day300) },
  }
}

/** A cycle was restarted while its file was on its way: the same attempt, since nothing says that it was ever queued. */
function queueAgain({ head, at, day300 }: Standing, { open, part }: OpenExport): CarriedOut {
  const detail = { export: open.number, part: part.part, attempt: open.attempt }
  return {
    commit: { head, history: [{ event: 'queued_again', by: 'system', detail }] },
    output: { outcome: 'exporting', until: earlier(receiptDue(at), day300) },
  }
}

export const handler = onLambda(exportBudget)
