import { html } from 'hono/html'
import { showCode } from '../../shared/domain/budget-code.ts'
import { type ExportPart, otherMode } from '../../shared/domain/export.ts'
import { modeInWords } from '../../shared/domain/shown-as.ts'
import { keysToAskAbout } from '../../shared/exporting/acknowledge.ts'
import { longestRejectReason } from '../../shared/exporting/reject-lines.ts'
import { withCorrected } from '../../shared/exporting/under-way.ts'
import { fileOf, whenToStop } from '../../shared/mail/words.ts'
import type { Html } from '../../shared/pages/frame.ts'
import { linesField, partsToEnd, placeField, places, placesOfLines } from './ends.ts'

/** What the form is about, and what was filled in when it comes back. */
export interface Happening {
  readonly mark: string
  readonly part: ExportPart
  readonly parts: readonly ExportPart[]
  /** Number of files without corrections. */
  readonly planned: number
  /** Time zone of the Sage company. */
  readonly timeZone: string | undefined
  readonly given?: URLSearchParams | undefined
}

const pick = ({ given }: Happening, name: string, value: string, words: string): Html =>
  html`<label class="pick"
    ><input
      type="radio"
      name="${name}"
      value="${value}"
      ${name === 'choice' ? 'required' : ''}
      ${given?.get(name) === value ? 'checked' : ''}
    />${words}</label
  >`

const area = ({ given }: Happening, name: string, words: string): Html =>
  html`<label
    >${words}
    <textarea name="${name}">${given?.get(name) ?? ''}</textarea>
  </label>`

/** Says what became of the file in Sage. Nothing is chosen beforehand; fields show with the choice they belong to. */
export function whatHappened(happening: Happening): Html {
  const { mark, part, given } = happening
  return html`<form method="post" id="happened" enctype="multipart/form-data">
    <h2>What happened in Sage</h2>
    <input type="hidden" name="mark" value="${mark}" />
    <input type="hidden" name="part" value="${part.part}" />
    <fieldset>
      <legend>Choose one</legend>
      ${pick(happening, 'choice', 'posted', allPosted(happening))}
      ${pick(happening, 'choice', 'rejects', 'Sage rejected some lines, or lines are missing after a stop')}
      ${pick(happening, 'choice', 'stopped', 'Sage stopped the import')}
      ${pick(happening, 'choice', 'wrong_box', 'The entries are posted, but the wrong box was chosen: leave them as they are')}
      ${pick(happening, 'choice', 'close', 'The import was given up, or its entries were deleted')}
      ${
        part.observation?.kind === 'drift'
          ? pick(happening, 'choice', 'acknowledge', 'The other movement was made in Sage on purpose')
          : ''
      }
    </fieldset>
    <fieldset class="if-rejects">
      <legend>If lines were rejected, or are missing</legend>
      <label
        >The reject file, as Sage wrote it
        <input type="file" name="reject_file" />
      </label>
      ${area(happening, 'reject_text', 'Or its content, where the file cannot be chosen from here')}
      ${area(happening, 'reject_lines', 'Or the lines: one budget code on each line, a reason after it where one is known')}
      <p class="soft">
        As it is shown: <code>SITE.31-2000.S</code>, or <code>03-3000.L Closed for this job</code> with a
        reason.
      </p>
      <label
        >Why, from the Estimate Import Report, for lines without a reason of their own; may be left empty
        <input
          type="text"
          name="reject_reason"
          maxlength="${longestRejectReason}"
          value="${given?.get('reject_reason') ?? ''}"
        />
      </label>
    </fieldset>
    <fieldset class="if-stopped">
      <legend>If Sage stopped the import</legend>
      ${area(happening, 'stop_message', 'What the Estimate Import Report says')}
    </fieldset>
    <fieldset class="if-wrong_box">
      <legend>If the wrong box was chosen</legend>
      <p>
        All entries of this file count as taken: ${modeInWords[otherMode[part.mode]]}. The total is right, and
        the export is closed.
      </p>
      <p>
        Not posted yet? Delete the entries in Sage, and import the same file again with the right box. Moved
        to the right box and posted? Then they are posted.
      </p>
    </fieldset>
    ${partsToEnd(happening.parts).map((each) => whereItIs(happening, each))}
    ${neverHandedOut(happening.parts).map(
      (each) =>
        html`<p class="if-close if-wrong_box">
          ${fileOf(each, happening.planned)} was never handed out; it is withdrawn with the rest.
        </p>`,
    )}
    ${postedWhenRead(happening)}
    <fieldset class="if-close if-wrong_box if-acknowledge">
      <legend>Note</legend>
      <label
        >Reason, when it was given up, left in the wrong box, or made in Sage on purpose
        <input type="text" name="reason" maxlength="2000" value="${given?.get('reason') ?? ''}" />
      </label>
    </fieldset>
    <button type="submit">Record it</button>
  </form>`
}

/** Answers for what moved in Sage after the settlement; a note alone, which a program may have typed, says nothing. */
export function whyItChanged(happening: Happening): Html {
  const { mark, part, given } = happening
  return html`<form method="post" id="changed-since">
    <h2>Changed in Sage since</h2>
    <p>Until this is answered for, the budget cannot be sent again.</p>
    <input type="hidden" name="mark" value="${mark}" />
    <input type="hidden" name="part" value="${part.part}" />
    ${pick(happening, 'choice', 'acknowledge', 'It was made in Sage on purpose')} ${postedWhenRead(happening)}
    <label
      >Note: why it was made in Sage
      <input type="text" name="reason" maxlength="2000" required value="${given?.get('reason') ?? ''}" />
    </label>
    <button type="submit">Record it</button>
  </form>`
}

const shownCodes = 10 // all of them stand in the table of what moved

/** Asked where the movement alone does not tell; the server, not the browser, holds to an answer: it may be hidden. */
function postedWhenRead(happening: Happening): Html {
  const { part, timeZone } = happening
  const { observation } = part
  if (observation?.kind !== 'drift') return html``
  const codes = keysToAskAbout(part, observation).map(({ code }) => showCode(code))
  if (codes.length === 0) return html``
  const more = codes.length - shownCodes
  return html`<fieldset class="if-acknowledge">
    <legend>If it was made in Sage on purpose</legend>
    <p id="file_posted">
      ${codes.slice(0, shownCodes).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}: were the amounts
      sent there posted, in either box, when Sage was read,
      ${whenToStop(observation.read_at ?? observation.at, timeZone)}?
    </p>
    <div role="radiogroup" aria-labelledby="file_posted" aria-required="true">
      ${pick(happening, 'file_posted', 'yes', 'Yes: only the difference was made in Sage')}
      ${pick(happening, 'file_posted', 'no', 'No: all that moved there was made in Sage')}
    </div>
    ${
      codes.length > 1
        ? html`<p class="soft">
            Only some of them? Answer neither: post the rest, have Sage read again, then come back.
          </p>`
        : ''
    }
  </fieldset>`
}

/** *Posted* on a correction speaks for the files whose rejected lines it carries: the poster knows before. */
function allPosted({ part, parts, planned }: Happening): string {
  const [, ...corrected] = withCorrected(parts, part)
  const file = corrected.at(-1)
  if (!file) return 'All entries are imported and posted'
  const earlier = corrected.length > 1 ? ' and its earlier corrections' : ''
  return `All entries of this file are imported and posted, and all of ${fileOf(file, planned)}${earlier} that Sage did not reject`
}

const inWords: Record<(typeof places)[number], string> = {
  withdrawn: 'Not in Sage: never imported, or the entries were deleted',
  taken: 'In Sage, as they were sent',
  other_box: 'In Sage, imported with the other box',
  rejected: 'Refused by Sage',
}

const linesInWords: Record<(typeof placesOfLines)[number], string> = {
  taken: 'Lines that are in Sage, as they were sent',
  other_box: 'Lines that are in Sage, imported with the other box',
  withdrawn: 'Lines that are not in Sage',
  rejected: 'Lines that Sage refused',
}

const named = ({ given }: Happening, { part }: ExportPart): boolean =>
  placesOfLines.some((place) => (given?.get(linesField(part, place)) ?? '') !== '')

const neverHandedOut = (parts: readonly ExportPart[]): ExportPart[] =>
  parts.filter(({ attempt, outcome }) => attempt === undefined && outcome === 'open')

const open = ({ entries, exceptions }: ExportPart): number => entries - exceptions.length

function whereItIs(happening: Happening, part: ExportPart): Html {
  const place = placeField(part.part)
  const besides = part.part !== happening.part.part
  return html`<fieldset class="if-close ${besides ? 'if-wrong_box' : ''}">
    <legend>
      If ${besides ? 'the wrong box was chosen, or ' : ''}it was given up: ${fileOf(part, happening.planned)},
      ${open(part)} lines without an end
    </legend>
    <p id="${place}">Where are they now, but for those that you name below?</p>
    <div role="radiogroup" aria-labelledby="${place}">
      ${places.map((value) => pick(happening, place, value, inWords[value]))}
    </div>
    <details ${named(happening, part) ? 'open' : ''}>
      <summary>Some lines ended otherwise</summary>
      <p class="soft">
        One budget code on each line: <code>SITE.31-2000.S</code>, or <code>03-3000.L</code> without an extra.
      </p>
      ${placesOfLines.map((value) => area(happening, linesField(part.part, value), linesInWords[value]))}
    </details>
  </fieldset>`
}
