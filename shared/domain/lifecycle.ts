import type { Approval } from './approval.ts'
import type { BudgetHead, ErpState } from './budget-head.ts'
import { type Command, commandInWords, commands } from './command.ts'
import type { Finding } from './finding.ts'
import type { Instant } from './ids.ts'
import type { Role } from './person.ts'
import { type Refusal, refusal } from './refusal.ts'
import { mayDo } from './roles.ts'
import { erpStateInWords } from './shown-as.ts'

export type { Command } from './command.ts'

/** Why a budget is frozen in a state, and the way out of it (domain: commands). */
const withAccounting: ReadonlyMap<ErpState, readonly [sentence: string, whatToDo: string]> = new Map([
  ['sent', ['The budget waits for an approver.', 'Retrieve it, or wait for the decision.']],
  [
    'accepted',
    ['The budget was accepted and its export is being prepared.', 'Wait until it is posted in Sage.'],
  ],
  ['exporting', ['The export is on its way to Sage.', 'Wait until it is posted in Sage.']],
  [
    'export_failed',
    [
      'The export failed and nobody has settled it yet.',
      'Ask accounting to retry it, to return it to the project, or to close it.',
    ],
  ],
  [
    'exported',
    [
      'The export is with accounting and not posted yet.',
      'Ask accounting to post the entries in Sage and to confirm it, or to close the export.',
    ],
  ],
  [
    'partly_posted',
    [
      'Some lines of the export are not posted in Sage.',
      'Ask accounting to post the rest, or to close the export line by line.',
    ],
  ],
  [
    'mismatch',
    [
      'Sage shows other figures than were exported.',
      'Ask accounting to correct it in Sage, or to close the export line by line.',
    ],
  ],
])

export const frozen = (erp: ErpState): boolean => withAccounting.has(erp)

export const settled = (erp: ErpState): boolean => erp === 'synced' || erp === 'update_pending'

type Rule = (head: BudgetHead) => Refusal | undefined

const notFrozen: Rule = ({ erp }) => {
  const reason = withAccounting.get(erp)
  return reason && refusal('WITH_ACCOUNTING', ...reason)
}

const changesNotHeld: Rule = ({ erp }) => {
  const reason = withAccounting.get(erp)
  return (
    reason &&
    refusal(
      'CHANGE_HELD',
      `${reason[0]} Until then only drafts of budget changes can be altered.`,
      `${reason[1]} Then do this again; nothing is applied later by itself.`,
    )
  )
}

const unlocked: Rule = ({ edit }) =>
  edit === 'unlocked'
    ? undefined
    : refusal('BUDGET_LOCKED', 'The budget is locked.', 'Unlock it first, or use a budget change.')

const lockedForZeroLine: Rule = ({ edit }) =>
  edit === 'locked'
    ? undefined
    : refusal(
        'BUDGET_NOT_LOCKED',
        'The budget is not locked.',
        'Add the line with its amount by editing lines.',
      )

const hasLines: Rule = ({ lines }) =>
  lines > 0 ? undefined : refusal('NO_LINES', 'The budget has no lines.', 'Add or import lines first.')

// Entries that were withdrawn or rejected count too: what was exported once stays told (domain: commands).
const onlyOpeningEntries: Rule = (head) =>
  head.export === 0
    ? undefined
    : refusal(
        'LEDGER_NOT_EMPTY',
        'An export of this budget was made, so importing it from Sage is closed for good: a budget is kept on one side only, and from then on that is here.',
        'Keep the budget here: edit lines while it is unlocked, or use budget changes.',
      )

const locked: Rule = ({ edit }) =>
  edit === 'locked' ? undefined : refusal('BUDGET_NOT_LOCKED', 'The budget is not locked.', 'Lock it first.')

const nothingToExport: Finding = {
  code: 'NOTHING_TO_EXPORT',
  severity: 'error',
  sentence: 'Everything in this budget is posted in Sage already.',
  what_to_do: 'Change a line or approve a budget change, then send again.',
}

const somethingToExport: Rule = ({ erp }) =>
  erp === 'synced'
    ? refusal('FINDINGS', nothingToExport.sentence, nothingToExport.what_to_do, {
        findings: [nothingToExport],
      })
    : undefined

const waitsForDecision: Rule = ({ erp }) =>
  erp === 'sent'
    ? undefined
    : refusal(
        'NOT_SENT',
        `The budget does not wait for a decision: ${erpStateInWords[erp].toLowerCase()}.`,
        'Look at the state of the budget; a budget must be sent before it can be decided or retrieved.',
      )

const onItsWay: Rule = ({ erp }) =>
  erp === 'exporting'
    ? undefined
    : refusal(
        'NOT_EXPORTING',
        'No file of this budget is on its way to a connector.',
        'Look at the export: a file that was delivered is posted or closed, one that failed is retried.',
      )

const exportFailed: Rule = ({ erp }) =>
  erp === 'export_failed'
    ? undefined
    : refusal('NOT_EXPORTING', 'No export of this budget has failed.', 'Look at the state of the budget.')

const inState =
  (...states: readonly ErpState[]): Rule =>
  ({ erp }) =>
    states.includes(erp)
      ? undefined
      : refusal(
          'NOTHING_TO_CONFIRM',
          'No export of this budget is at a point where this can be said of it.',
          'Look at the state of the budget and of its export.',
        )

const editing = [notFrozen, unlocked] as const

const unlocking: readonly Rule[] = [
  notFrozen,
  ({ edit }) =>
    edit === 'locked'
      ? undefined
      : refusal('BUDGET_NOT_LOCKED', 'The budget is unlocked already.', 'Edit its lines.'),
]

/** Opening entries of an import from Sage count: what Sage holds is never taken back by deleting a change. */
const ledgerEmpty: Rule = ({ ledger }) =>
  ledger === undefined
    ? undefined
    : refusal(
        'LEDGER_NOT_EMPTY',
        'Amounts of this budget are in Sage, so its budget changes are kept.',
        'Unlock it preserving the changes; reopen or void those that are not in Sage one by one.',
      )

/** What each command needs of the head; the first rule that refuses answers. */
const rules: Record<Command, readonly Rule[]> = {
  edit_lines: editing,
  import_file: editing,
  restore_version: editing,
  save_version: [],
  import_from_sage: [onlyOpeningEntries, ...editing],
  lock: [
    notFrozen,
    ({ edit }) =>
      edit === 'unlocked'
        ? undefined
        : refusal('BUDGET_LOCKED', 'The budget is locked already.', 'Send it, or unlock it to edit lines.'),
    hasLines,
  ],
  unlock: unlocking,
  unlock_deleting_changes: [...unlocking, ledgerEmpty],
  send: [notFrozen, locked, hasLines, somethingToExport],
  retrieve: [waitsForDecision],
  make_change: [],
  edit_change: [],
  approve_change: [changesNotHeld, locked],
  reopen_change: [changesNotHeld],
  void_change: [],
  add_zero_line: [notFrozen, lockedForZeroLine],
  accept: [waitsForDecision],
  reject: [waitsForDecision],
  reassign: [waitsForDecision],
  resend_mail: [waitsForDecision],
  declare_lost: [onItsWay],
  retry: [exportFailed],
  return: [exportFailed],
  confirm_posted: [inState('exported', 'partly_posted', 'mismatch')],
  report_stop: [inState('exported', 'partly_posted', 'mismatch')],
  // Whether what Sage shows leaves room for it is asked with the observation of the file.
  reject_lines: [inState('exported', 'partly_posted', 'mismatch')],
  close: [inState('exported', 'partly_posted', 'mismatch', 'export_failed')],
}

const nothingPending: Rule = ({ pending }) =>
  pending &&
  refusal(
    'COMMAND_PENDING',
    `Another command is under way: ${commandInWords[pending.command]}.`,
    'Wait until it is carried out, then look at the budget again.',
  )

/**
 * What the head alone says about a command: undefined, or why not (domain: commands).
 * Roles, findings, the ledger and the change in question are asked elsewhere.
 */
export const allowed = (head: BudgetHead, command: Command): Refusal | undefined =>
  nothingPending(head) ?? allowedInStep(head, command)

/** The same for the step that carries a command out: what is pending is the command itself. */
export function allowedInStep(head: BudgetHead, command: Command): Refusal | undefined {
  for (const rule of rules[command]) {
    const refused = rule(head)
    if (refused) return refused
  }
  return undefined
}

export interface CommandView {
  readonly command: Command
  readonly allowed: boolean
  readonly code?: string
  readonly sentence?: string
  readonly what_to_do?: string
}

const outcomeInWords: Record<NonNullable<Approval['outcome']>, string> = {
  accepted: 'accepted',
  rejected: 'rejected',
  retrieved: 'retrieved by the project',
  expired: 'not decided in time',
}

/** Why a step of an approval is neither decided nor retrieved any more, while the workflow has not gone on from it yet. */
export function stepOver({ outcome, step, steps }: Approval): Refusal | undefined {
  if (outcome === undefined) return undefined
  return outcome === 'accepted' && step < steps.length
    ? refusal(
        'COMMAND_PENDING',
        'A step was just accepted and the next one is being opened.',
        'Try again in a few seconds.',
      )
    : refusal(
        'APPROVAL_ENDED',
        `The approval has ended: ${outcomeInWords[outcome]}.`,
        'Read the budget again for where it stands.',
      )
}

/** Why an open step is not decided any more; it may still be retrieved, until the workflow has ended it. */
export function timeIsUp({ until }: Approval, at: Instant): Refusal | undefined {
  if (Date.parse(at) < Date.parse(until)) return undefined
  return refusal(
    'APPROVAL_ENDED',
    'The time to decide is over; the budget goes back to the project undecided.',
    'Ask the sender to send it again.',
  )
}

/** The step that a sent budget waits in, and the time now. */
export interface OpenStep {
  readonly approval: Approval
  readonly at: Instant
}

/** Commands that need a step whose time is not over. */
const ofOpenStep: ReadonlySet<Command> = new Set(['accept', 'reject', 'reassign', 'resend_mail'])

function stepRefuses({ approval, at }: OpenStep, command: Command): Refusal | undefined {
  if (command === 'retrieve') return stepOver(approval)
  return ofOpenStep.has(command) ? (stepOver(approval) ?? timeIsUp(approval, at)) : undefined
}

/** A command as it is listed: allowed, or why not and what to do. */
export const commandView = (command: Command, refused: Refusal | undefined): CommandView =>
  refused
    ? {
        command,
        allowed: false,
        code: refused.code,
        sentence: refused.sentence,
        what_to_do: refused.what_to_do,
      }
    : { command, allowed: true }

/** Every command with whether somebody of these roles may give it now and, if not, why and what to do. */
export const commandsOf = (head: BudgetHead, roles: readonly Role[], open?: OpenStep): CommandView[] =>
  commands.map((command) =>
    commandView(
      command,
      mayDo({ active: true, roles: [...roles] }, command) ??
        allowed(head, command) ??
        (open && stepRefuses(open, command)),
    ),
  )

/**
 * The state in words for people. A posted budget says how that is known: by a person, whose name may be given,
 * or by reading Sage's totals.
 */
export function shownState(head: Pick<BudgetHead, 'erp' | 'confirmed'>, confirmedBy = 'a person'): string {
  const words = erpStateInWords[head.erp]
  if (head.erp !== 'synced' || head.confirmed === undefined) return words
  return `${words} (${head.confirmed === 'verified' ? 'checked in Sage' : `confirmed by ${confirmedBy}`})`
}
