import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { type DurableContext, type DurableRun, type DurableSdk, startDurable } from './peers/durable-sdk.ts'
import { sageCompany } from './sage-company.ts'
import { approver, key } from '../test/statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../test/statemachines/cycle/machine.ts'
import type { Tables } from '../test/store/memory-database.ts'
import { makePart } from '../shared/cycle/export-parts.ts'
import { entriesToExport } from '../shared/domain/entries.ts'
import { dayIn } from '../shared/domain/entry-date.ts'

/** A budget of ours whose lines, lists and bucket a durable function reads, with rows of its own in the same table. */
export interface Beside {
  readonly budget: CycleMachine
  readonly document: Tables['document']
}

export interface DurableApproval {
  readonly run: DurableRun
  /** Hashes of the files that were queued for Sage's connector. */
  readonly queued: readonly string[]
  /** The outcome that is stored. */
  outcome(): string | undefined
}

const week = 7 * 86_400 // seconds; the local runner sets one timer, which holds 24 days

/**
 * An approval as a durable function: what the cycle does from the send to the receipt, and nothing of what it keeps
 * besides. The steps are ours where the work is the same: reading the lines, making their entries, writing the file.
 */
export function durableApproval(
  sdk: DurableSdk,
  beside: Beside,
  id: string,
  { seconds = week, onQueued }: { seconds?: number | undefined; onQueued?: () => void } = {},
): DurableApproval {
  const queued: string[] = []
  let outcome: string | undefined
  const put = async (sk: string, row: object): Promise<void> => {
    const Item = { pk: `DURABLE#${id}`, sk, ...row }
    await beside.document.send(new PutCommand({ TableName: beside.budget.table, Item }))
  }
  const run = startDurable(sdk, ['decision', 'receipt'], async (_, context) => {
    const decision = await decided(context, seconds, async (token) => await put('DECISION', { token }))
    if (decision === 'accepted') {
      const file = await context.step('export', async () => {
        const part = await exportBudget(beside)
        await put('EXPORT', part)
        return part.file_sha256
      })
      const queue = async (token: string): Promise<void> => {
        await put('RECEIPT', { token })
        queued.push(file)
        onQueued?.()
      }
      await context.waitForCallback('receipt', queue, { timeout: { seconds: week } })
    }
    return await context.step('outcome', async () => {
      await put('OUTCOME', { decision })
      outcome = decision
    })
  })
  return { run, queued, outcome: () => outcome }
}

async function decided(
  context: DurableContext,
  seconds: number,
  ask: (token: string) => Promise<void>,
): Promise<string> {
  try {
    return await context.waitForCallback('decision', ask, { timeout: { seconds } })
  } catch (error) {
    if (error instanceof Error && error.name === 'CallbackTimeoutError') return 'expired'
    throw error
  }
}

async function exportBudget({ budget }: Beside): ReturnType<typeof makePart> {
  const { store, companies, objects, clock } = budget
  const [head, sage, master] = await Promise.all([
    store.head(key),
    companies.sageCompany(key.company, sageCompany.id),
    companies.masterData(key.company, sageCompany.id),
  ])
  const [entries] = head ? entriesToExport(await store.lines(key, head.manifest), []) : []
  if (!head || !sage || !entries) throw new Error('There is nothing to export')
  const at = clock.now()
  return await makePart(
    { objects },
    {
      key,
      export: {
        id: 'clinic-e1',
        number: 1,
        version: head.version,
        version_hash: head.manifest,
        export_hash: head.manifest,
        first: true,
        sage_company: sage.id,
        job: '24-1007',
        create_job: false,
        entry_date: dayIn(sage.time_zone, at),
        accepted_by: [approver],
        attempt: 1,
        parts: 1,
        current_part: 1,
        opened_at: at,
      },
      part: 1,
      kind: 'original',
      entries,
      sage,
      master: master?.data,
      newExtras: new Map(),
    },
  )
}
