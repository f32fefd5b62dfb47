import type { ExportMode, ObservationKind } from '../domain/export.ts'

/** How many keys a reading found in which state. */
export interface Counted {
  readonly sent: number
  readonly posted: number
  readonly still: number
  readonly twice: number
  readonly wrong_box: number
  /** Keys that moved otherwise, sent or not. */
  readonly other: number
  /** Of a file that nothing moved of: days that it may wait. */
  readonly days?: number
}

const modeWords: Record<ExportMode, string> = {
  original_estimate: 'original estimate',
  approved_estimate_change: 'approved estimate change',
}

const shown = (count: number): string => count.toLocaleString('en-US')
const some = (count: number, one: string, many: string): string =>
  `${shown(count)} ${count === 1 ? one : many}`
const ofSent = (count: number, { sent }: Counted): string =>
  `${shown(count)} of ${some(sent, 'entry', 'entries')}`
const didNotMove = ({ still }: Counted): string => (still === 0 ? '' : ` ${shown(still)} did not move.`)

/** What a reading of Sage's totals found, for an accountant. */
export const saidOf = (kind: ObservationKind, mode: ExportMode, counted: Counted): string =>
  said[kind](counted, modeWords[mode])

const said: Record<ObservationKind, (counted: Counted, mode: string) => string> = {
  awaiting_posting: ({ sent }) =>
    `Sage's totals have not moved yet: ${some(sent, 'entry', 'entries')} to be posted.`,
  stale: ({ sent, days = 0 }) =>
    `Not posted ${some(days, 'day', 'days')} after the file was delivered: ${some(sent, 'entry', 'entries')}.`,
  posted: ({ sent }, mode) =>
    sent === 0
      ? "Sage's totals are what they were."
      : `Sage's totals hold everything that was sent: ${some(sent, 'entry', 'entries')} as ${mode}.`,
  partly: (counted) => `${ofSent(counted.posted, counted)} stand in Sage's totals.${didNotMove(counted)}`,
  twice: (counted) => `${ofSent(counted.twice, counted)} stand in Sage's totals twice.${didNotMove(counted)}`,
  posted_as_original: (counted) =>
    `${ofSent(counted.wrong_box, counted)} went into the original estimate: the box was left empty.` +
    didNotMove(counted),
  posted_as_change: (counted) =>
    `${ofSent(counted.wrong_box, counted)} went into the approved estimate changes: the box was ticked.` +
    didNotMove(counted),
  drift: (counted) =>
    `${some(counted.other, 'budget code', 'budget codes')} moved in Sage otherwise than was sent.` +
    didNotMove(counted),
  import_stopped: () =>
    'Sage stopped the import; lines from before the stop may stand among the unposted entries.',
}

/** Of an export that a person confirmed as posted, and that Sage's totals do not show days later. */
export const notSeenYet = (sentence: string): { readonly sentence: string; readonly what_to_do: string } => ({
  sentence: `${sentence} The export was confirmed as posted all the same.`,
  what_to_do:
    'Post the entries in Sage; the next reading ends this. ' +
    'Or acknowledge with a note that Sage stays as it is; nothing is sent again by itself.',
})

/** Of an export that is settled already, and whose file went into Sage with the wrong box: nothing is left to close. */
export const wrongBoxSettled = (mode: ExportMode): string =>
  `Move the amounts in Sage to ${modeWords[mode]} and post; the next reading ends this. ` +
  'Or acknowledge with a note that they stay where they stand: the total is right.'

/** Of a budget that was imported from Sage, and of which Sage holds something else since. */
export const importAgain =
  'Unlock the budget and import it from Sage again, so that it starts from what Sage holds now.'

/** The next act for each observation (domain: ways out). */
export const wayOut = (kind: ObservationKind, mode: ExportMode): string => waysOut[kind](modeWords[mode])

const notPosted =
  'Post the entries in Sage (Job Cost > Tasks > Post Entries). ' +
  'If the entries were deleted in Sage, import the SAME file again, or close the export as withdrawn.'

const wrongBox = (mode: string): string =>
  `Move the amounts in Sage to ${mode} and post, ` +
  'or close the export as taken where they stand: the total is right.'

const waysOut: Record<ObservationKind, (mode: string) => string> = {
  awaiting_posting: () => notPosted,
  stale: () => notPosted,
  posted: () => 'Nothing: this file is done.',
  partly: () =>
    'Post the remaining entries in Sage. If Sage rejected lines, hand in the reject file; ' +
    'or close the export with an outcome per entry.',
  twice: () => 'Reverse the second entries in Sage and post the reversal. The next reading ends this.',
  posted_as_original: wrongBox,
  posted_as_change: wrongBox,
  drift: () =>
    'Look at these codes in Sage. Correct what is wrong there, ' +
    'or acknowledge what was made in Sage with a note; nothing is sent to cancel it.',
  import_stopped: () =>
    'Look at the unposted entries in Sage before anything else, and correct what stopped it. ' +
    'Then name the lines that are missing, for a correction file, or close the export with an outcome per entry.',
}
