import type { Approval, ApprovalStep, ConfirmationCode } from '../domain/approval.ts'
import type { BudgetChange } from '../domain/budget-change.ts'
import type { CodeKey } from '../domain/budget-code.ts'
import type { BudgetHead, BudgetVersion, LastCommand, Project } from '../domain/budget-head.ts'
import type { Editor } from '../domain/editor.ts'
import type { ProjectEvent } from '../domain/events/domain-event.ts'
import type { BudgetExport, ExportPart } from '../domain/export.ts'
import type { Actor, Instant, PersonId, ProjectKey, SageCompanyId, Sha256 } from '../domain/ids.ts'
import type { LineItem, Totals } from '../domain/line-item.ts'
import type { Person } from '../domain/person.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { SageCompany } from '../domain/sage-company.ts'
import type { LoggedMail } from './mail-log.ts'
import type { OutboxMessage, OutboxRow } from './outbox.ts'
import type { Signal, SignalKind, Wait } from './signals.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** One thing that happened, by whom, and in which request. */
export type HistoryEvent = Pick<HistoryRow, 'by' | 'request'> & ProjectEvent

/** An event as history keeps it, by whichever release. */
export interface HistoryRow {
  readonly event: string
  readonly by: Actor
  readonly request?: string | undefined
  readonly detail: { readonly [key: string]: Json }
  readonly sequence: number
  readonly at: Instant
  /** Hash of the row before; the first row carries 64 zeros. */
  readonly previous: string
  readonly hash: string
}

/** Number and hash of a history row. */
export interface HistoryEnd {
  readonly sequence: number
  readonly history_hash: string
}

/** Where a history does not hold: the row that was altered, or that is missing. */
export interface HistoryFault {
  readonly sequence: number
  readonly fault: 'altered' | 'missing'
}

/** How far a history was recomputed: the last row that holds, and what does not hold after it. */
export interface HistoryVerified {
  readonly last: HistoryEnd
  readonly fault?: HistoryFault
}

/** A caller's key for one request; kept in the same transaction as what the request did. */
export interface IdempotencyKey {
  readonly caller: string
  readonly key: string
  /** Hash of method, path and body. */
  readonly request: string
}

export interface StoredAnswer {
  readonly status: number
  readonly body: string
}

/** The head as a decision leaves it; the store numbers and chains the history itself. */
export type NextHead = Omit<BudgetHead, 'sequence' | 'history_hash'>

/** Everything one command changes. It is written whole, in one transaction, or not at all. */
export interface Commit {
  readonly head: NextHead
  /** At least one. */
  readonly history: readonly HistoryEvent[]
  readonly project?: Project
  readonly changes?: readonly BudgetChange[]
  readonly version?: BudgetVersion
  readonly approvals?: readonly Approval[]
  readonly export?: BudgetExport
  readonly parts?: readonly ExportPart[]
  readonly last_command?: LastCommand
  /** Whose rights it rests on: it is lost when one of them is another by now. */
  readonly people?: readonly Person[]
  /** Everyone who changed a line or a budget change since the last settled version. */
  readonly editors?: readonly Editor[]
  /** Written as number `head.signal`, which the decision has already counted up, of cycle `head.cycle`. */
  readonly signal?: { readonly kind: SignalKind; readonly reference: { readonly [key: string]: Json } }
  /** Number of the signal, of this cycle, that this step carries out. */
  readonly carried_out?: number
  readonly outbox?: readonly OutboxMessage[]
  /** Claims the job for this project, or gives one up. */
  readonly job_link?: {
    readonly take?: { readonly sage_company: string; readonly job: string }
    readonly release?: { readonly sage_company: string; readonly job: string }
  }
  readonly idempotency?: IdempotencyKey & { readonly answer: StoredAnswer }
  /** That it begins work or makes a version: a budget may be asked for so many a day, TOO_MANY_TODAY. Never what accounting decides. */
  readonly costly?: true
}

/**
 * What a commit came to.
 * `lost`: another command was first, read and decide again. `repeat`: this key was answered before.
 */
export type Committed =
  | { readonly outcome: 'done'; readonly head: BudgetHead }
  | { readonly outcome: 'lost' }
  | { readonly outcome: 'repeat'; readonly answer: StoredAnswer }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }

/** What a decision over the current head comes to: a refusal, nothing to write, or a commit with an answer. */
export type Decided<T> =
  | Refusal
  | { readonly answer: T; readonly commit?: undefined }
  | { readonly answer: T; readonly commit: Commit }

/** What one person's decision on an approval is made over. */
export interface DecisionRows {
  readonly head: BudgetHead | undefined
  readonly approval: Approval | undefined
  readonly version: BudgetVersion | undefined
  readonly project: Project | undefined
  /** Those of the people asked for who are in the directory. */
  readonly people: readonly Person[]
  /** The last code that was mailed to the person, where it was asked for. */
  readonly code: ConfirmationCode | undefined
  /** Undefined when the project's job belongs to another Sage company than the one asked for. */
  readonly sage: SageCompany | undefined
}

export interface DecisionAsked {
  readonly approval: ApprovalStep
  /** Whose code is read, where one was typed. */
  readonly code_of?: PersonId | undefined
  readonly people: readonly PersonId[]
  readonly sage_company?: SageCompanyId | undefined
}

export interface LineDifference {
  readonly key: CodeKey
  readonly before?: LineItem
  readonly after?: LineItem
}

/** A budget as a list shows it. */
export interface ListedBudget {
  readonly head: BudgetHead
  readonly project: Project | undefined
  /** Of its last send, if it was ever sent. */
  readonly approval: Approval | undefined
}

/** One project's rows. Every read is consistent; every write of a command goes through `commit`. */
export interface BudgetStore {
  head(key: ProjectKey): Promise<BudgetHead | undefined>
  project(key: ProjectKey): Promise<Project | undefined>
  change(key: ProjectKey, number: number): Promise<BudgetChange | undefined>
  changes(key: ProjectKey): Promise<readonly BudgetChange[]>
  version(key: ProjectKey, number: number): Promise<BudgetVersion | undefined>
  /** By number, all of them or those between two numbers, both included. */
  versions(
    key: ProjectKey,
    between?: { readonly from: number; readonly to: number },
  ): Promise<readonly BudgetVersion[]>
  approval(key: ProjectKey, of: ApprovalStep): Promise<Approval | undefined>
  approvals(key: ProjectKey): Promise<readonly Approval[]>
  /** Every mail about the budget that was ever begun. */
  mails(key: ProjectKey): Promise<readonly LoggedMail[]>
  export(key: ProjectKey, number: number): Promise<BudgetExport | undefined>
  exports(key: ProjectKey): Promise<readonly BudgetExport[]>
  parts(key: ProjectKey, exportNumber: number): Promise<readonly ExportPart[]>
  lastCommand(key: ProjectKey): Promise<LastCommand | undefined>
  editors(key: ProjectKey): Promise<readonly Editor[]>
  signals(key: ProjectKey, cycle: number): Promise<readonly Signal[]>
  signal(key: ProjectKey, cycle: number, n: number): Promise<Signal | undefined>
  wait(key: ProjectKey, cycle: number): Promise<Wait | undefined>
  /** Outbox rows of the project that nobody has delivered. */
  undelivered(key: ProjectKey): Promise<readonly OutboxRow[]>
  history(key: ProjectKey, page: { after?: number; limit: number }): Promise<readonly HistoryRow[]>
  /** Recomputes the chain on from a row that was verified before, up to the head or for `limit` rows. */
  verifyHistory(
    key: ProjectKey,
    head: HistoryEnd,
    page: { after?: HistoryEnd; limit: number },
  ): Promise<HistoryVerified>
  /** In the order of the heads. */
  listed(heads: readonly BudgetHead[]): Promise<readonly ListedBudget[]>
  /** Heads of a company by state and age, from the index (eventually consistent: for lists only). */
  heads(
    company: string,
    page: { erp?: string; cursor?: string; limit: number },
  ): Promise<{
    readonly heads: readonly BudgetHead[]
    readonly cursor?: string
  }>

  /** One transaction on the condition that the head is still `before` (undefined: that there is none). */
  commit(key: ProjectKey, before: BudgetHead | undefined, commit: Commit): Promise<Committed>

  /**
   * Reads the head, decides, commits; when another command was first, does it again, jittered, at most 12 times,
   * then throws `Later`. A refusal is thrown as `Refused`. A repeated idempotency key throws `AnsweredBefore`.
   * `asked` is the caller's key where there is one: a decision that refuses or writes nothing is answered as before when
   * the key was answered before, since a repeated command meets what it did the first time. Such decisions are not kept.
   */
  decide<T>(
    key: ProjectKey,
    decide: (head: BudgetHead | undefined) => Promise<Decided<T>> | Decided<T>,
    asked?: IdempotencyKey,
  ): Promise<T>

  /** The same over more than the head, for a decision whose rows are read together. */
  decideOver<S extends { readonly head: BudgetHead | undefined }, T>(
    key: ProjectKey,
    read: () => Promise<S>,
    decide: (read: S) => Promise<Decided<T>> | Decided<T>,
    asked?: IdempotencyKey,
  ): Promise<T>

  /** Keeps the code that is mailed to a person for a step, in the place of an earlier one. */
  putCode(key: ProjectKey, of: ApprovalStep, person: PersonId, code: ConfirmationCode): Promise<void>

  /** The rows of a decision, of the project and of its company, in one consistent batch read. */
  decisionRows(key: ProjectKey, asked: DecisionAsked): Promise<DecisionRows>

  /** The wait protocol's write: see `openWait` in the cycle functions. `lost`: the head's signal number is another. */
  putWait(
    key: ProjectKey,
    wait: Wait,
    seen: {
      readonly signal: number
      readonly execution: string
      /** That the execution, which the head calls ended, was redriven since. */
      readonly redriven?: boolean
    },
    open?: Pick<Signal, 'cycle' | 'n' | 'request'>,
  ): Promise<'stored' | 'signal_came' | 'newer_wait_stored' | 'moved_on'>

  // Lines: a persistent set of chunks, addressed by the hash of their manifest.
  emptyLines(key: ProjectKey): Promise<Sha256>
  /** Stores a whole set of lines (any order, unique keys); what a manifest `near` it holds already is not written again. */
  saveLines(
    key: ProjectKey,
    lines: readonly LineItem[],
    near?: Sha256,
  ): Promise<{ manifest: Sha256; totals: Totals }>
  /** Rewrites only the chunks that the edits touch; null removes the line. */
  editLines(
    key: ProjectKey,
    manifest: Sha256,
    edits: ReadonlyMap<CodeKey, LineItem | null>,
  ): Promise<{ manifest: Sha256; totals: Totals }>
  lines(key: ProjectKey, manifest: Sha256): Promise<readonly LineItem[]>
  linesAt(
    key: ProjectKey,
    manifest: Sha256,
    keys: readonly CodeKey[],
  ): Promise<ReadonlyMap<CodeKey, LineItem>>
  /** Lines after a key, in key order. */
  linePage(
    key: ProjectKey,
    manifest: Sha256,
    page: { after?: CodeKey; limit: number },
  ): Promise<{ lines: readonly LineItem[]; next?: CodeKey }>
  /** Lines that differ between two manifests; chunks with equal hashes are not read. */
  differences(key: ProjectKey, from: Sha256, to: Sha256): Promise<readonly LineDifference[]>
}
