import type { Approval, ConfirmationCode, Decision } from './approval.ts'
import type { BudgetHead, BudgetVersion } from './budget-head.ts'
import { type Cents, formatCents } from './cents.ts'
import { mayAccept, mayReject } from './eligibility.ts'
import { dayIn, entryDateAllowed, entryDateWindow } from './entry-date.ts'
import type { Day, Instant, Sha256 } from './ids.ts'
import { allowed, stepOver, timeIsUp } from './lifecycle.ts'
import type { Person } from './person.ts'
import { type FaultyPlace, type Refusal, refusal } from './refusal.ts'
import type { SageCompany } from './sage-company.ts'

/** What the person was looking at; an accept is bound to it (domain: approval). */
export interface Shown {
  readonly version_hash: string
  readonly export_hash: string
  readonly parts: readonly { readonly part: number; readonly total: Cents }[]
}

type Comments = Decision['comments']
/** How a person who decides is known before any code. */
type KnownBy = Exclude<Decision['by'], 'link_and_code'>

export interface AcceptChoice {
  readonly choice: 'accept'
  readonly shown: Shown
  readonly ticks: readonly Approval['ticks'][number][]
  /** Left out: the day of the decision in the company's time zone. */
  readonly entry_date?: Day | undefined
  readonly comments?: Comments | undefined
  /** Hash of the code that was typed. */
  readonly code?: Sha256 | undefined
  readonly by: KnownBy
}

export interface RejectChoice {
  readonly choice: 'reject'
  readonly reason: string
  readonly comments?: Comments | undefined
  /** Checked where it is given. */
  readonly shown?: Shown | undefined
  readonly by: KnownBy
}

export interface Deciding {
  readonly head: BudgetHead
  readonly approval: Approval
  readonly version: Pick<BudgetVersion, 'number' | 'hash'>
  readonly person: Person
  /** The directory as it is now: eligibility is checked again at decision. */
  readonly people: readonly Person[]
  readonly choice: AcceptChoice | RejectChoice
  /** The last code that was mailed to this person for this step. */
  readonly code?: ConfirmationCode | undefined
  readonly at: Instant
  readonly sage: Pick<SageCompany, 'time_zone' | 'entry_date_window'>
}

/** The approval with the decision in it. `signal`: the workflow must be told; `last`: nothing of the approval is left open. */
export interface Decided {
  readonly approval: Approval
  readonly signal: boolean
  readonly last: boolean
}

/** Nothing was changed: the person had decided, or the approval had ended. An approval still open has no outcome. */
export interface Already {
  readonly already: {
    readonly outcome?: NonNullable<Approval['outcome']>
    readonly ended_at?: Instant
    /** The person's own decision, otherwise the one that ended the approval. */
    readonly decision?: Decision
  }
}

/**
 * One person's accept or reject of one step of an approval. One decision a person, and one outcome an approval:
 * whatever comes after is answered with what is stored.
 */
export function decide(deciding: Deciding): Decided | Refusal | Already {
  const { approval, person } = deciding
  const own = approval.decisions.find((decision) => decision.person === person.id)
  if (own || approval.outcome) return already(approval, own)
  return whyNot(deciding) ?? decided(deciding)
}

function already({ outcome, ended_at, decisions }: Approval, own: Decision | undefined): Already {
  const decision = own ?? (outcome === 'accepted' || outcome === 'rejected' ? decisions.at(-1) : undefined)
  return {
    already: {
      ...(outcome && { outcome }),
      ...(ended_at && { ended_at }),
      ...(decision && { decision }),
    },
  }
}

/** Why somebody could not accept now, whatever they look at and tick; undefined where they may. */
export function mayAcceptNow(
  asked: Pick<Deciding, 'head' | 'approval' | 'person' | 'people' | 'at'> & {
    readonly timeZone: string | undefined
  },
): Refusal | undefined {
  const { approval, person } = asked
  if (approval.decisions.some((decision) => decision.person === person.id)) return decidedBefore()
  return superseded(asked) ?? stepOver(approval) ?? notOpen(asked, 'accept') ?? mayAccept(asked)
}

const decidedBefore = (): Refusal =>
  refusal(
    'APPROVAL_ENDED',
    'You have decided this budget already.',
    'A decision stands. Read the budget again for where it is now.',
  )

const notOpen = (
  { head, approval, at }: Pick<Deciding, 'head' | 'approval' | 'at'>,
  choice: 'accept' | 'reject',
): Refusal | undefined => allowed(head, choice) ?? superseded({ head, approval }) ?? timeIsUp(approval, at)

function whyNot(deciding: Deciding): Refusal | undefined {
  const { choice, sage, approval } = deciding
  const asking = { ...deciding, timeZone: sage.time_zone }
  const ended = notOpen(deciding, choice.choice)
  if (ended) return ended
  const refused =
    choice.choice === 'accept'
      ? (mayAccept(asking) ??
        notAsShown(deciding, choice.shown) ??
        tickMissing(approval, choice) ??
        wrongDate(deciding) ??
        notConfirmed(deciding, choice))
      : (mayReject(asking) ?? (choice.shown && notAsShown(deciding, choice.shown)) ?? checkReason(choice))
  return refused ?? checkComments(choice)
}

function superseded({ head, approval }: Pick<Deciding, 'head' | 'approval'>): Refusal | undefined {
  if (head.sent_version !== approval.version || head.send !== approval.send)
    return refusal(
      'APPROVAL_ENDED',
      'The budget was sent again since; this approval no longer counts.',
      'Open the link of the newest mail.',
    )
  if ((head.approval_step ?? approval.step) === approval.step) return undefined
  return refusal('APPROVAL_ENDED', 'This step has ended.', 'Read the budget again for where it stands.')
}

function notAsShown({ approval, version }: Deciding, shown: Shown): Refusal | undefined {
  const totals = (parts: Shown['parts']): string =>
    JSON.stringify(parts.map(({ part, total }) => [part, formatCents(total)]))
  const same =
    version.number === approval.version &&
    version.hash === approval.version_hash &&
    shown.version_hash === approval.version_hash &&
    shown.export_hash === approval.export_hash &&
    totals(shown.parts) === totals(approval.parts)
  if (same) return undefined
  return refusal(
    'SHOWN_IS_NOT_STORED',
    'What you were shown is not what is stored.',
    'Open the page again, look at the figures and decide anew.',
  )
}

const tickInWords: Record<Approval['ticks'][number], string> = {
  import_from_sage_closes: 'importing this budget from Sage ends with its first export',
  job_has_no_estimate: 'the job has no estimate in Sage yet',
  create_job: 'the job is to be created in Sage',
}

function tickMissing({ ticks }: Approval, choice: AcceptChoice): Refusal | undefined {
  const places = ticks
    .filter((tick) => !choice.ticks.includes(tick))
    .map((tick): FaultyPlace => ({
      pointer: '/ticks',
      code: tick,
      sentence: `Not ticked: ${tickInWords[tick]}.`,
    }))
  if (places.length === 0) return undefined
  return refusal(
    'TICK_MISSING',
    places.map(({ sentence }) => sentence).join(' '),
    'Tick what holds and accept again, or reject the budget.',
    { places },
  )
}

const entryDate = ({ choice, sage, at }: Deciding): Day =>
  (choice.choice === 'accept' ? choice.entry_date : undefined) ?? dayIn(sage.time_zone, at)

function wrongDate(deciding: Deciding): Refusal | undefined {
  const { sage, at } = deciding
  const date = entryDate(deciding)
  if (entryDateAllowed(sage, date, at)) return undefined
  const { from, until } = entryDateWindow(sage, at)
  return refusal(
    'DATE_NOT_ALLOWED',
    `Entries may be dated ${from} to ${until}; ${date} lies outside.`,
    'Choose another entry date, or ask a company admin to widen the window.',
    { places: [{ pointer: '/entry_date', code: 'DATE_NOT_ALLOWED', sentence: `${date} is not allowed.` }] },
  )
}

/** Whether an accept by a mailed link takes a code that was mailed to confirm it. */
export const takesCode = ({
  amount,
  code_from_amount,
}: Pick<Approval, 'amount' | 'code_from_amount'>): boolean =>
  code_from_amount !== undefined && amount >= code_from_amount

/** Last of all, so that a code need not be typed again for the sake of something else. */
function notConfirmed({ approval, code, at }: Deciding, choice: AcceptChoice): Refusal | undefined {
  if (choice.by !== 'link' || !takesCode(approval)) return undefined
  if (choice.code === undefined)
    return codeRefused(
      'CODE_MISSING',
      'An accept of this amount takes a code from your mail.',
      'Have a code mailed, type it, and accept again.',
    )
  const valid = code?.sha256 === choice.code && Date.parse(at) < Date.parse(code.until)
  return valid
    ? undefined
    : codeRefused(
        'CODE_NOT_VALID',
        'This is not the code of the last mail, or its ten minutes are over.',
        'Type the code of the last mail, or have another one mailed.',
      )
}

const codeRefused = (
  code: 'CODE_MISSING' | 'CODE_NOT_VALID',
  sentence: string,
  what_to_do: string,
): Refusal => refusal(code, sentence, what_to_do, { places: [{ pointer: '/code', code, sentence }] })

/** Comments of one decision. */
export const mostComments = 1_000

const longestText = 2_000
const mostCharacters = 40_000 // of all comments together: an approval is one stored item of at most 400 KB

function checkReason({ reason }: RejectChoice): Refusal | undefined {
  if (reason.trim() === '')
    return refusal('REASON_MISSING', 'A rejection needs a reason.', 'Write what the project has to change.', {
      places: [{ pointer: '/reason', code: 'REASON_MISSING', sentence: 'The reason is missing.' }],
    })
  return reason.trim().length > longestText ? tooLong('/reason', '2,000') : undefined
}

function checkComments({ comments = [] }: AcceptChoice | RejectChoice): Refusal | undefined {
  if (comments.length > mostComments) return tooMany()
  const index = comments.findIndex(({ comment }) => comment.trim().length > longestText)
  if (index !== -1) return tooLong(`/comments/${String(index)}/comment`, '2,000')
  const characters = comments.reduce((total, { comment }) => total + comment.trim().length, 0)
  return characters > mostCharacters ? tooLong('/comments', '40,000') : undefined
}

const tooMany = (): Refusal =>
  refusal(
    'INVALID_INPUT',
    `A decision holds at most ${mostComments.toLocaleString('en-US')} comments.`,
    'Comment on fewer lines.',
    {
      places: [
        { pointer: '/comments', code: 'TOO_MANY', sentence: 'There are more comments than are kept.' },
      ],
    },
  )

const tooLong = (pointer: string, most: string): Refusal =>
  refusal('INVALID_INPUT', 'The reason or a comment is too long.', 'Shorten what is named.', {
    places: [{ pointer, code: 'TEXT_TOO_LONG', sentence: `At most ${most} characters are kept here.` }],
  })

const written = (comments: Comments = []): Comments =>
  comments
    .map(({ code, comment }) => ({ code, comment: comment.trim() }))
    .filter(({ comment }) => comment !== '')

function decided(deciding: Deciding): Decided {
  const { approval, person, choice, at } = deciding
  const common = { person: person.id, at, comments: written(choice.comments), by: choice.by }
  if (choice.choice === 'reject') {
    const decision = { ...common, choice: 'reject' as const, reason: choice.reason.trim() }
    return { approval: ended(approval, decision, 'rejected'), signal: true, last: true }
  }
  const by = choice.by === 'link' && takesCode(approval) ? ('link_and_code' as const) : choice.by
  const decision = { ...common, choice: 'accept' as const, entry_date: entryDate(deciding), by }
  const needed = approval.steps[approval.step - 1]?.accepts ?? 1
  if (approval.decisions.length + 1 < needed)
    return {
      approval: { ...approval, decisions: [...approval.decisions, decision] },
      signal: false,
      last: false,
    }
  return {
    approval: ended(approval, decision, 'accepted'),
    signal: true,
    last: approval.step === approval.steps.length,
  }
}

const ended = (approval: Approval, decision: Decision, outcome: 'accepted' | 'rejected'): Approval => ({
  ...approval,
  decisions: [...approval.decisions, decision],
  outcome,
  ended_at: decision.at,
})
