import * as z from 'zod'
import type { Clock } from '../domain/clock.ts'
import type { Actor, CompanyId, Instant } from '../domain/ids.ts'
import type { CompanyEvent } from '../domain/events/domain-event.ts'
import { Refused, type Refusal, refusal } from '../domain/refusal.ts'
import { tries } from './again.ts'
import type { Commit, Json } from './budget-store.ts'
import { isNew } from './condition.ts'
import { throwUnlessDone } from './decide.ts'
import { Later } from './errors.ts'
import { chain, noHash } from './history.ts'
import { answerOfUsedKey, findAnswer, keepAnswer } from './idempotency.ts'
import { companiesPk, companyPk, companySk } from './keys.ts'
import { readBody, rowBody } from './row-body.ts'
import type { Rows } from './rows.ts'
import { byDue } from './table.ts'
import { type FailedWrite, mostWrites, putRow, transact, unexpected, type Write } from './transaction.ts'

const CompanyHead = z.strictObject({ revision: z.int(), sequence: z.int(), history_hash: z.string() })
type CompanyHead = z.infer<typeof CompanyHead>

export async function companyHead(rows: Rows, company: CompanyId): Promise<CompanyHead> {
  const row = await rows.get({ pk: companyPk(company), sk: companySk.company })
  return row ? readBody(CompanyHead, row) : { revision: 0, sequence: 0, history_hash: noHash }
}

/** One change of a company's set-up, as decided over what stands. */
export type CompanyChange = CompanyEvent & {
  readonly writes: readonly Write[]
  /** Nobody looked at it to change it, so that it leaves the revision as it is: a reading of Sage. */
  readonly reading?: true
  /** What a failed condition of these writes means. */
  readonly refuse?: (failed: FailedWrite) => Refusal | undefined
}

/** How a change was asked for; nothing where nobody asked, as in a set-up by script. */
export interface ChangeAsked {
  /** Why it may not be made over this revision; undefined where its asker saw that one. */
  readonly stale?: (revision: number) => Refusal | undefined
  /** Request id, kept with the history. */
  readonly request?: string | undefined
  /** The caller's key with the answer to keep under it. */
  readonly idempotency?: Commit['idempotency']
}

const Sides = z.record(z.string(), z.json()).nullable()

/** Members of any plain object as history keeps them; null where there is none. */
export const side = (value: object | undefined): Readonly<Record<string, Json>> | null =>
  Sides.parse(JSON.parse(JSON.stringify(value ?? null)))

/**
 * Makes one change in one transaction with its history row and, but for a reading, the next revision.
 * `decide` may be asked again when another change was first; undefined means that there is nothing to change.
 * Answers the revision that stands then. A repeated key throws `AnsweredBefore`.
 */
export async function changeCompany(
  { rows, clock }: { rows: Rows; clock: Clock },
  company: CompanyId,
  by: Actor,
  asked: ChangeAsked,
  decide: () => Promise<CompanyChange | undefined>,
): Promise<number> {
  const { idempotency } = asked
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    // Each try decides over what the one before it lost to
    const before = await companyHead(rows, company)
    const stale = asked.stale?.(before.revision)
    const change = stale ? undefined : await decide()
    if (!change) {
      // A repeat names a revision that its first sending ended, or finds what that wrote standing.
      const found = idempotency && (await findAnswer(rows, company, idempotency))
      if (found) throwUnlessDone(found)
      if (stale) throw new Refused(stale)
      return before.revision
    }
    const writes = writesOf(company, before, by, asked, change, clock.now())
    const stopped = await transact(rows, writes)
    if (!stopped) return revisionAfter(before, change)
    const used = stopped.failed.find(({ role }) => role === 'idempotency')
    if (used?.found && idempotency) throwUnlessDone(answerOfUsedKey(idempotency, used.found))
    const lost = stopped.conflict || stopped.failed.some(({ role }) => role === 'company')
    if (!lost) {
      const refused = stopped.failed.map((failed) => change.refuse?.(failed)).find(Boolean)
      throw refused ? new Refused(refused) : unexpected(stopped)
    }
    await rows.pause(attempt)
  }
  throw new Later(`Other changes of ${company} were first ${String(tries)} times`)
}

const revisionAfter = ({ revision }: CompanyHead, { reading }: CompanyChange): number =>
  reading ? revision : revision + 1

function writesOf(
  company: CompanyId,
  before: CompanyHead,
  by: Actor,
  { request, idempotency }: ChangeAsked,
  change: CompanyChange,
  at: Instant,
): readonly Write[] {
  const { event, detail, writes } = change
  const pk = companyPk(company)
  const { rows: history, end } = chain(before, at, [{ event, by, request, detail }])
  const after: CompanyHead = { revision: revisionAfter(before, change), ...end }
  const all = [
    putRow(
      { pk, sk: companySk.company, ...after, [byDue.pk]: companiesPk, [byDue.sk]: company },
      before.sequence === 0
        ? isNew
        : {
            expression: '#sequence = :before',
            names: { '#sequence': 'sequence' },
            values: { ':before': before.sequence },
          },
      'company',
    ),
    ...history.map((row) => putRow({ pk, sk: companySk.history(row.sequence), ...rowBody(row) })),
    ...writes,
    ...(idempotency ? [keepAnswer(company, idempotency, at)] : []),
  ]
  if (all.length > mostWrites) throw new Refused(tooMuch)
  return all
}

const tooMuch = refusal(
  'TOO_LARGE',
  'This changes more records than can be saved at once.',
  'Save fewer of them at a time.',
)
