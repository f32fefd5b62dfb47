import * as z from 'zod'
import type { Clock } from '../domain/clock.ts'
import type { Actor, CompanyId, Instant } from '../domain/ids.ts'
import { Refused, type Refusal, refusal } from '../domain/refusal.ts'
import { pause, tries } from './again.ts'
import type { Json } from './budget-store.ts'
import { isNew } from './condition.ts'
import { Later } from './errors.ts'
import { chain, noHash } from './history.ts'
import { companyPk, companySk } from './keys.ts'
import { readBody, rowBody } from './row-body.ts'
import type { Rows } from './rows.ts'
import { type FailedWrite, mostWrites, putRow, transact, unexpected, type Write } from './transaction.ts'

const CompanyHead = z.strictObject({ revision: z.int(), sequence: z.int(), history_hash: z.string() })
type CompanyHead = z.infer<typeof CompanyHead>

export async function companyHead(rows: Rows, company: CompanyId): Promise<CompanyHead> {
  const row = await rows.get({ pk: companyPk(company), sk: companySk.company })
  return row ? readBody(CompanyHead, row) : { revision: 0, sequence: 0, history_hash: noHash }
}

/** One change of a company's set-up, as decided over what stands. */
export interface CompanyChange {
  readonly event: string
  readonly detail: Readonly<Record<string, Json>>
  readonly writes: readonly Write[]
  /** What a failed condition of these writes means. */
  readonly refuse?: (failed: FailedWrite) => Refusal | undefined
}

/** Who asked for a change, over which revision, and in which request. */
export interface Asked {
  readonly by: Actor
  readonly seen?: number | undefined
  readonly request?: string | undefined
}

/** Any plain value as history keeps it. */
export const json = (value: unknown): Json => z.json().parse(JSON.parse(JSON.stringify(value ?? null)))

/**
 * Makes one change in one transaction with its history row and the next revision.
 * `decide` may be asked again when another change was first; undefined means that there is nothing to change.
 */
export async function changeCompany(
  { rows, clock }: { rows: Rows; clock: Clock },
  company: CompanyId,
  asked: Asked,
  decide: () => Promise<CompanyChange | undefined>,
): Promise<void> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    // Each try decides over what the one before it lost to
    const before = await companyHead(rows, company)
    if (asked.seen !== undefined && asked.seen !== before.revision) throw new Refused(changedMeanwhile)
    const change = await decide()
    if (!change) return
    const writes = writesOf(company, before, asked, change, clock.now())
    const stopped = await transact(rows, writes)
    if (!stopped) return
    const lost = stopped.conflict || stopped.failed.some(({ role }) => role === 'company')
    if (!lost) {
      const refused = stopped.failed.map((failed) => change.refuse?.(failed)).find(Boolean)
      throw refused ? new Refused(refused) : unexpected(stopped)
    }
    await pause(attempt, rows.random)
  }
  throw new Later(`Other changes of ${company} were first ${String(tries)} times`)
}

function writesOf(
  company: CompanyId,
  before: CompanyHead,
  { by, request }: Asked,
  { event, detail, writes }: CompanyChange,
  at: Instant,
): readonly Write[] {
  const pk = companyPk(company)
  const { rows: history, end } = chain(before, at, [
    { event, by, ...(request !== undefined && { request }), detail },
  ])
  const after: CompanyHead = { revision: before.revision + 1, ...end }
  const all = [
    putRow(
      { pk, sk: companySk.company, ...after },
      before.revision === 0
        ? isNew
        : {
            expression: '#revision = :before',
            names: { '#revision': 'revision' },
            values: { ':before': before.revision },
          },
      'company',
    ),
    ...history.map((row) => putRow({ pk, sk: companySk.history(row.sequence), ...rowBody(row) })),
    ...writes,
  ]
  if (all.length > mostWrites) throw new Refused(tooMuch)
  return all
}

const changedMeanwhile = refusal(
  'CHANGED_MEANWHILE',
  'Somebody changed the company’s set-up after you opened it.',
  'Open it again, look at what changed, and save once more.',
)

const tooMuch = refusal(
  'TOO_LARGE',
  'This changes more records than can be saved at once.',
  'Save fewer of them at a time.',
)
