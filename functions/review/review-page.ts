import { html } from 'hono/html'
import type { ReviewSheet, SheetRow } from '../../shared/approving/review-sheet.ts'
import type { Approval } from '../../shared/domain/approval.ts'
import type { BudgetVersion, Project } from '../../shared/domain/budget-head.ts'
import { type Cents, cents, formatCents, showCents } from '../../shared/domain/cents.ts'
import type { Day } from '../../shared/domain/ids.ts'
import { modeInWords, partInWords } from '../../shared/domain/shown-as.ts'
import { whenToStop } from '../../shared/mail/words.ts'
import type { Html } from '../../shared/pages/frame.ts'
import { exported, inSage, lines } from './review-lines.ts'

export interface Review {
  readonly approval: Approval
  readonly version: BudgetVersion
  readonly project: Project | undefined
  readonly sheet: ReviewSheet
  readonly earlier: readonly Approval[]
  readonly nameOf: (id: string) => string
  readonly mark: string
  readonly today: Day
  /** 1-based. */
  readonly pageNumber: number
  /** What was wrong with the form, when it came back. */
  readonly fault?: string
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
  const { approval, project, nameOf, fault } = review
  return html`<header>
      <h1>${project?.name ?? 'Budget'}: budget version ${approval.version}</h1>
      <p class="soft">
        Job ${project?.job?.number ?? 'not linked'}. Sent by ${nameOf(approval.sender)},
        ${whenToStop(approval.opened_at)}. Decide before ${whenToStop(approval.until)}.
      </p>
      ${
        fault === undefined
          ? ''
          : html`<p class="note bad" role="alert">
              ${fault} Nothing was recorded. <a href="#decision">Back to your decision</a>
            </p>`
      }
      ${sums(review)}
      <nav aria-label="On this page">
        <a href="#decision">Your decision</a> <a href="#lines">All ${review.sheet.rows.length} lines</a>
      </nav>
    </header>
    ${files(approval)} ${earlierRejections(review)} ${decisionForm(review)} ${lines(review)}`
}

const sumOf = (rows: readonly SheetRow[], of: (row: SheetRow) => Cents): Cents =>
  cents(rows.reduce((sum, row) => sum + of(row), 0))

/** The budget on one side, Sage on the other: as a rule both add up to the same. */
function sums({ sheet: { rows }, version }: Review): Html {
  const target = cents(version.original + version.changes)
  const after = sumOf(rows, inSage)
  return html`<div class="sums">
      ${sumTable('In the budget', [
        ['Original budget', version.original],
        ['Budget changes', version.changes],
        ['Revised estimate', target],
      ])}
      ${sumTable('In Sage', [
        ['Already sent', sumOf(rows, (row) => row.already_sent)],
        ['This export', sumOf(rows, exported)],
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
            ({ part, mode, entries, total }) =>
              html`<tr>
                <th scope="row">${partInWords(part, parts.length)}</th>
                <td>${modeInWords[mode]}</td>
                <td class="n">${entries}</td>
                <td class="n">${showCents(total)}</td>
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

function earlierRejections({ earlier, nameOf }: Review): Html {
  const rejections = earlier.flatMap(({ version, decisions }) =>
    decisions.filter(({ choice }) => choice === 'reject').map((decision) => ({ version, ...decision })),
  )
  if (rejections.length === 0) return html``
  return html`<section>
    <h2>Rejected before</h2>
    ${rejections.map(
      ({ version, person, at, reason }) =>
        html`<p class="note bad">
          Version ${version}, ${nameOf(person)}, ${whenToStop(at)}: ${reason ?? ''}
        </p>`,
    )}
  </section>`
}

function decisionForm({ approval, mark, today }: Review): Html {
  return html`<form method="post" id="decision">
    <h2>Your decision</h2>
    <input type="hidden" name="mark" value="${mark}" />
    <input type="hidden" name="version_hash" value="${approval.version_hash}" />
    <input type="hidden" name="export_hash" value="${approval.export_hash}" />
    ${approval.parts.map(
      ({ part, total }) => html`<input type="hidden" name="part_${part}" value="${formatCents(total)}" />`,
    )}
    <fieldset>
      <legend>Choose one</legend>
      <label class="pick"
        ><input type="radio" name="choice" value="accept" required />Accept: export it to Sage</label
      >
      <label class="pick"
        ><input type="radio" name="choice" value="reject" required />Reject: return it to the project,
        unlocked</label
      >
    </fieldset>
    <fieldset class="if-accept">
      <legend>If you accept</legend>
      <label
        >Date of the entries in Sage
        <input type="date" name="entry_date" value="${today}" />
      </label>
      ${approval.ticks.map(
        (tick) =>
          html`<label class="pick"
            ><input type="checkbox" name="tick" value="${tick}" />${tickWords[tick]}</label
          >`,
      )}
    </fieldset>
    <fieldset class="if-reject">
      <legend>If you reject</legend>
      <label
        >Reason, which the project reads
        <textarea name="reason" maxlength="2000"></textarea>
      </label>
    </fieldset>
    <button type="submit">Record the decision</button>
  </form>`
}
