import { EditState, ErpState } from '../../shared/domain/budget-head.ts'
import type { Command } from '../../shared/domain/command.ts'

// What the state of a budget allows, for the rules themselves and for the routes of the API.

const words: Readonly<Record<string, string | undefined>> = {
  '.': undefined,
  WA: 'WITH_ACCOUNTING',
  BL: 'BUDGET_LOCKED',
  BN: 'BUDGET_NOT_LOCKED',
  CH: 'CHANGE_HELD',
  NS: 'NOT_SENT',
  NE: 'NOT_EXPORTING',
  NC: 'NOTHING_TO_CONFIRM',
  FI: 'FINDINGS',
  LE: 'LEDGER_NOT_EMPTY',
}

export const columns: readonly Command[] = [
  'edit_lines',
  'import_file',
  'restore_version',
  'import_from_sage',
  'lock',
  'unlock',
  'unlock_deleting_changes',
  'send',
  'retrieve',
  'make_change',
  'edit_change',
  'approve_change',
  'reopen_change',
  'void_change',
  'add_zero_line',
  'accept',
  'reject',
  'reassign',
  'resend_mail',
  'declare_lost',
  'retry',
  'return',
  'confirm_posted',
  'report_stop',
  'reject_lines',
  'close',
]

/**
 * Written by hand from domain.md, section 3, in the order of the columns above. From `exporting` on an export has been
 * made, so import from Sage is closed; a settled one has amounts in the ledger, so its changes are kept. Unlocked budgets are never with accounting; such a head refuses all the same.
 */
const table = `
  locked   not_sent        BL BL BL BL  BL .  .  .   NS   . .  .  .  . .    NS NS NS NS  NE NE NE  NC NC NC NC
  locked   sent            WA WA WA WA  WA WA WA WA  .    . .  CH CH . WA   .  .  .  .   NE NE NE  NC NC NC NC
  locked   retrieved       BL BL BL BL  BL .  .  .   NS   . .  .  .  . .    NS NS NS NS  NE NE NE  NC NC NC NC
  locked   rejected        BL BL BL BL  BL .  .  .   NS   . .  .  .  . .    NS NS NS NS  NE NE NE  NC NC NC NC
  locked   expired         BL BL BL BL  BL .  .  .   NS   . .  .  .  . .    NS NS NS NS  NE NE NE  NC NC NC NC
  locked   accepted        WA WA WA WA  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  NE NE NE  NC NC NC NC
  locked   exporting       WA WA WA LE  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  .  NE NE  NC NC NC NC
  locked   export_failed   WA WA WA LE  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  NE .  .   NC NC NC .
  locked   exported        WA WA WA LE  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  NE NE NE  .  .  .  .
  locked   partly_posted   WA WA WA LE  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  NE NE NE  .  .  .  .
  locked   mismatch        WA WA WA LE  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  NE NE NE  .  .  .  .
  locked   synced          BL BL BL LE  BL .  LE FI  NS   . .  .  .  . .    NS NS NS NS  NE NE NE  NC NC NC NC
  locked   update_pending  BL BL BL LE  BL .  LE .   NS   . .  .  .  . .    NS NS NS NS  NE NE NE  NC NC NC NC

  unlocked not_sent        .  .  .  .   .  BN BN BN  NS   . .  BN .  . BN   NS NS NS NS  NE NE NE  NC NC NC NC
  unlocked sent            WA WA WA WA  WA WA WA WA  .    . .  CH CH . WA   .  .  .  .   NE NE NE  NC NC NC NC
  unlocked retrieved       .  .  .  .   .  BN BN BN  NS   . .  BN .  . BN   NS NS NS NS  NE NE NE  NC NC NC NC
  unlocked rejected        .  .  .  .   .  BN BN BN  NS   . .  BN .  . BN   NS NS NS NS  NE NE NE  NC NC NC NC
  unlocked expired         .  .  .  .   .  BN BN BN  NS   . .  BN .  . BN   NS NS NS NS  NE NE NE  NC NC NC NC
  unlocked accepted        WA WA WA WA  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  NE NE NE  NC NC NC NC
  unlocked exporting       WA WA WA LE  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  .  NE NE  NC NC NC NC
  unlocked export_failed   WA WA WA LE  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  NE .  .   NC NC NC .
  unlocked exported        WA WA WA LE  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  NE NE NE  .  .  .  .
  unlocked partly_posted   WA WA WA LE  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  NE NE NE  .  .  .  .
  unlocked mismatch        WA WA WA LE  WA WA WA WA  NS   . .  CH CH . WA   NS NS NS NS  NE NE NE  .  .  .  .
  unlocked synced          .  .  .  LE  .  BN BN BN  NS   . .  BN .  . BN   NS NS NS NS  NE NE NE  NC NC NC NC
  unlocked update_pending  .  .  .  LE  .  BN BN BN  NS   . .  BN .  . BN   NS NS NS NS  NE NE NE  NC NC NC NC
`

export interface StateRow {
  readonly edit: EditState
  readonly erp: ErpState
  /** The code of each command that this state refuses. */
  readonly refuses: Readonly<Partial<Record<Command, string>>>
}

export const stateRows: readonly StateRow[] = table
  .split('\n')
  .filter((row) => row.trim() !== '')
  .map((row) => {
    const [edit = '', erp = '', ...cells] = row.trim().split(/\s+/)
    const refuses = Object.fromEntries(columns.map((name, n) => [name, words[cells[n]!]]))
    return { edit: EditState.parse(edit), erp: ErpState.parse(erp), refuses }
  })
