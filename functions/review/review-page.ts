import { html, raw } from 'hono/html'
import type { ReviewSheet } from '../../shared/approving/review-sheet.ts'
import type { Approval, Decision, PartTotal } from '../../shared/domain/approval.ts'
import type { BudgetVersion, Project } from '../../shared/domain/budget-head.ts'
import { type Cents, cents, formatCents, showCents } from '../../shared/domain/cents.ts'
import { showCode } from '../../shared/domain/budget-code.ts'
import { takesCode } from '../../shared/domain/decide.ts'
import type { Refusal } from '../../shared/domain/refusal.ts'
import { modeInWords, partInWords } from '../../shared/domain/shown-as.ts'
import { bothWays, whenToStop } from '../../shared/mail/words.ts'
import type { Html } from '../../shared/pages/frame.ts'
import type { Typed } from './choice.ts'
import { faulty } from './faulty.ts'
import { commentField } from './line-comments.ts'
import {
  commentsElsewhere,
  exported,
  inSage,
  lines,
  type LinesShown,
  linesShown,
  sumOf,
} from './review-lines.ts'

export interface Review {
  readonly approval: Approval
  readonly version: BudgetVersion
  readonly project: Project | undefined
  readonly sheet: ReviewSheet
  readonly earlier: readonly Approval[]
  readonly nameOf: (id: string) => string
  /** Time zone of the Sage company; absent where it is not known. */
  readonly timeZone: string | undefined
  readonly mark: string
  readonly typed: Typed
  /** 1-based. */
  readonly pageNumber: number
  /** Why this person may reject the budget, but not accept it. */
  readonly mayNotAccept: Refusal | undefined
  /** Whether a code was just mailed. */
  readonly codeMailed: boolean
  /** What was wrong with the form, when it came back. */
  readonly fault?: Refusal
}

const tickWords: Record<Approval['ticks'][number], string> = {
  import_from_sage_closes:
    'This is the first export. I know that the budget is no longer imported from Sage after it: changes travel from here.',
  job_has_no_estimate:
    'I have looked in Sage: the job has no estimate there yet. Its totals could not be read from here.',
  create_job: 'Sage does not know this job number yet. The import creates the job, and that is right.',
}

/** The page on which an approver decides. It works without script, and opening it changes nothing. */
export function reviewPage(review: Review): Html {
  const { approval, project, nameOf, timeZone } = review
  const shown = linesShown(review.sheet, review.pageNumber)
  return html`<header>
      <h1>${project?.name ?? 'Budget'}: budget version ${approval.version}</h1>
      <p class="soft">
        Job ${project?.job?.number ?? 'not linked'}. Sent by ${nameOf(approval.sender)},
        ${whenToStop(approval.opened_at, timeZone)}. Decide before ${whenToStop(approval.until, timeZone)}.
        ${review.sheet.lists_as_of === undefined ? '' : html`Checked against Sage’s lists as of ${whenToStop(review.sheet.lists_as_of, timeZone)}.`}
      </p>
      ${sums(review)}
      <nav aria-label="On this page">
        <a href="#decision">Your decision</a> <a href="#lines">All ${review.sheet.rows.length} lines</a>
      </nav>
    </header>
    ${files(approval)} ${findings(review.sheet)} ${earlierRejections(review)} ${decisionForm(review, shown)}
    ${lines(shown, review.typed, review.fault)}`
}

/** The budget on one side, Sage on the other: as a rule both add up to the same. */
function sums({ sheet: { rows }, version }: Review): Html {
  const target = cents(version.original + version.changes)
  const sum = sumOf(rows)
  const after = inSage(sum)
  return html`<div class="sums">
      ${sumTable('In the budget', [
        ['Original budget', version.original],
        ['Budget changes', version.changes],
        ['Revised estimate', target],
      ])}
      ${sumTable('In Sage', [
        ['Already sent', sum.already_sent],
        ['This export', exported(sum)],
        ['Sage after posting', after],
      ])}
    </div>
    ${
      after === target
        ? ''
        : html`<p class="note bad">
            After posting, Sage differs from the revised estimate by ${showCents(cents(after - target))}.
          </p>`
    }`
}

const sumTable = (caption: string, rows: readonly (readonly [name: string, value: Cents])[]): Html =>
  html`<table>
    <caption>
      ${caption}
    </caption>
    <tbody>
      ${rows.map(
        ([name, value], i) =>
          html`<tr class="${i === rows.length - 1 ? 'total' : ''}">
            <th scope="row">${name}</th>
            <td class="n">${showCents(value)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`

function files({ parts }: Approval): Html {
  return html`<section>
    <h2>What accounting will import</h2>
    <div class="scroll" role="region" aria-label="What accounting will import" tabindex="0">
      <table class="stack files">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">As</th>
            <th scope="col" class="n">Lines</th>
            <th scope="col" class="n">Total</th>
          </tr>
        </thead>
        <tbody>
          ${parts.map(
            (part) =>
              html`<tr>
                <th scope="row">${partInWords(part.part, parts.length)}</th>
                <td>${modeInWords[part.mode]}</td>
                <td class="n">${part.entries}</td>
                <td class="n">${showCents(part.total)}${ways(part)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="soft">
      A corrected original reaches Sage as an approved change: Sage’s original estimate is sent only once.
    </p>
  </section>`
}

/** What a file adds and takes away, where its total alone says little. */
function ways(part: PartTotal): Html | '' {
  const both = bothWays(part)
  return both === undefined ? '' : html`<small>${both}</small>`
}

/** Warnings that stood when the budget was sent; an error would have stopped it. */
function findings({ findings: found }: ReviewSheet): Html {
  if (found.length === 0) return html``
  return html`<section>
    <h2>What the pre-check found</h2>
    ${found.map(
      ({ count, first }) =>
        html`<div class="note">
          <ul>
            ${first.map(
              ({ budget_code, sentence }) =>
                html`<li>
                  ${budget_code ? html`<strong>${showCode(budget_code)}</strong>: ` : ''}${sentence}
                </li>`,
            )}
            ${count > first.length ? html`<li>And ${count - first.length} more of this kind.</li>` : ''}
          </ul>
          <p class="soft">${first[0]?.what_to_do ?? ''}</p>
        </div>`,
    )}
  </section>`
}

// The history tells of them all; a page on a phone of the last ones.
const rejectionsShown = 5
const commentsShown = 10

function earlierRejections({ earlier, nameOf, timeZone }: Review): Html {
  const rejections = earlier
    .toSorted((a, b) => b.send - a.send)
    .flatMap(({ version, decisions }) =>
      decisions.filter(({ choice }) => choice === 'reject').map((decision) => ({ version, ...decision })),
    )
  if (rejections.length === 0) return html``
  const more = rejections.length - rejectionsShown
  return html`<section>
    <h2>Rejected before</h2>
    ${rejections.slice(0, rejectionsShown).map(
      ({ version, person, at, reason, comments }) =>
        html`<div class="note bad">
          <p>
            Version ${version}, ${nameOf(person)}, ${whenToStop(at, timeZone)}: <bdi>${reason ?? ''}</bdi>
          </p>
          ${commentsOf(comments)}
        </div>`,
    )}
    ${more > 0 ? html`<p class="soft">And ${more} before; the history of the budget has them.</p>` : ''}
  </section>`
}

function commentsOf(comments: Decision['comments']): Html | '' {
  if (comments.length === 0) return ''
  const more = comments.length - commentsShown
  return html`<ul>
    ${comments
      .slice(0, commentsShown)
      .map(({ code, comment }) => html`<li><strong>${showCode(code)}</strong>: <bdi>${comment}</bdi></li>`)}
    ${more > 0 ? html`<li>And ${more} more comments.</li>` : ''}
  </ul>`
}

/** The form is sent to its own message: the browser then goes there, and not to the top, when it comes back. */
function decisionForm(
  { approval, mark, typed, fault, codeMailed, mayNotAccept }: Review,
  shown: LinesShown,
): Html {
  const asksCode = takesCode(approval) && !mayNotAccept
  const pick = (choice: 'accept' | 'reject', words: string): Html =>
    html`<label class="pick"
      ><input
        type="radio"
        name="choice"
        value="${choice}"
        required
        ${typed.choice === choice ? checked : ''}
        ${choice === 'accept' && mayNotAccept ? disabled : ''}
      />${words}</label
    >`
  return html`<form method="post" id="decision" action="#fault">
    <h2>Your decision</h2>
    ${
      fault === undefined
        ? ''
        : html`<p class="note bad" id="fault" tabindex="-1" role="alert">
            ${fault.sentence} ${fault.what_to_do} Nothing was recorded.
          </p>`
    }
    ${
      codeMailed
        ? html`<p class="note" id="fault" tabindex="-1" role="status">
            A code is on its way to your mailbox. It is valid for ten minutes: type it, and record the
            decision.
          </p>`
        : ''
    }
    ${mayNotAccept && !fault ? html`<p class="note">${mayNotAccept.sentence} ${mayNotAccept.what_to_do}</p>` : ''}
    <input type="hidden" name="mark" value="${mark}" />
    <input type="hidden" name="version_hash" value="${approval.version_hash}" />
    <input type="hidden" name="export_hash" value="${approval.export_hash}" />
    ${approval.parts.map(
      ({ part, total }) => html`<input type="hidden" name="part_${part}" value="${formatCents(total)}" />`,
    )}
    <fieldset>
      <legend>Choose one</legend>
      ${pick('accept', 'Accept: export it to Sage')}
      ${pick('reject', 'Reject: return it to the project, unlocked')}
    </fieldset>
    <fieldset class="if-accept">
      <legend>If you accept</legend>
      <label
        >Date of the entries in Sage
        <input type="date" name="entry_date" value="${typed.entry_date}" ${faulty(fault, '/entry_date')} />
      </label>
      ${approval.ticks.map(
        (tick) =>
          html`<label class="pick"
            ><input
              type="checkbox"
              name="tick"
              value="${tick}"
              ${typed.ticks.includes(tick) ? checked : ''}
              ${typed.ticks.includes(tick) ? '' : faulty(fault, '/ticks')}
            />${tickWords[tick]}</label
          >`,
      )}
      ${asksCode ? codeField(typed, fault) : ''}
    </fieldset>
    <fieldset class="if-reject">
      <legend>If you reject</legend>
      <label
        >Reason, which the project reads
        <textarea name="reason" maxlength="2000" ${faulty(fault, '/reason')}>${typed.reason}</textarea>
      </label>
      <p class="soft">You may also comment on single lines, <a href="#lines">below</a>.</p>
      ${commentsElsewhere(shown, typed).map(
        ({ code, comment, index }) =>
          html`<label
            >Comment on ${showCode(code)}
            <textarea name="${commentField(code)}" ${faulty(fault, `/comments/${index}/comment`)}>
${comment}</textarea>
          </label>`,
      )}
    </fieldset>
    <button type="submit">Record the decision</button>
    ${asksCode ? mailCodeButton : ''}
  </form>`
}

const codeField = ({ code }: Typed, fault: Refusal | undefined): Html =>
  html`<label
    >Code from your mail
    <input
      type="text"
      name="code"
      value="${code}"
      maxlength="20"
      autocomplete="one-time-code"
      autocapitalize="characters"
      spellcheck="false"
      ${faulty(fault, '/code')}
    />
    <small
      >An accept of this amount takes a code: have it mailed to you by <b>Mail me a code</b>, below.</small
    >
  </label>`

// Behind the button that records: Enter in a field presses the first of a form.
const mailCodeButton = html`<button type="submit" class="if-accept second" name="mail_code" value="1">
  Mail me a code
</button>`

const checked = raw('checked')
const disabled = raw('disabled')
