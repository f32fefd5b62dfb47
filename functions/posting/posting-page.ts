import { html } from 'hono/html'
import { showCode } from '../../shared/domain/budget-code.ts'
import type { Project } from '../../shared/domain/budget-head.ts'
import { type Instant, isPerson } from '../../shared/domain/ids.ts'
import { showCents } from '../../shared/domain/cents.ts'
import {
  type BudgetExport,
  type EntryOutcome,
  type ExportPart,
  isDelivered,
  type ObservationKind,
  waitsStill,
} from '../../shared/domain/export.ts'
import { modeInWords } from '../../shared/domain/shown-as.ts'
import {
  ageInWords,
  boxOf,
  dayInWords,
  fileOf,
  planned,
  totalInWords,
  whenToStop,
} from '../../shared/mail/words.ts'
import type { Html } from '../../shared/pages/frame.ts'
import type { Secret } from '../../shared/domain/secret.ts'
import { whatHappened, whyItChanged } from './happened-form.ts'

export interface Posting {
  readonly project: Project | undefined
  readonly export: BudgetExport
  readonly parts: readonly ExportPart[]
  readonly reference: Secret
  readonly mark: string
  /** Time zone of the Sage company; absent where it is not set up any more. */
  readonly timeZone: string | undefined
  readonly now: Instant
  /** When the list of Sage was read that was not read for longest; undefined: none was ever read. */
  readonly listsReadAt: Instant | undefined
  /** When Sage's totals of the job were read last; undefined: never. */
  readonly totalsReadAt: Instant | undefined
  /** Whether the current part's file may be imported now. */
  readonly alive: boolean
  readonly fault?: string
  /** What was filled in, when the form comes back. */
  readonly given?: URLSearchParams | undefined
}

/** The page on which an accountant takes the file and says what became of it in Sage. */
export function postingPage(posting: Posting): Html {
  const { project, export: of, parts, fault, alive } = posting
  const current = parts.find(({ part }) => part === of.current_part)
  return html`<header>
      <h1>${project?.name ?? 'Budget'}: post in Sage</h1>
      <p class="soft">
        Export ${of.id}, job ${of.job}, budget version ${of.version}.
        ${
          posting.listsReadAt === undefined
            ? 'Sage’s lists were never read.'
            : `Sage’s lists as of ${readInWords(posting.listsReadAt, posting)}.`
        }
        ${
          posting.totalsReadAt === undefined
            ? 'Sage’s totals of this job were never read.'
            : `Sage’s totals of this job as of ${readInWords(posting.totalsReadAt, posting)}.`
        }
      </p>
      ${
        fault === undefined
          ? ''
          : html`<p class="note bad" role="alert">
              ${fault} Nothing was recorded.
              ${current && alive ? html`<a href="#happened">Back to your answer</a>` : ''}
            </p>`
      }
      ${current && alive ? (contradicted(current) ? '' : due(posting, current)) : nothingDue(posting)}
    </header>
    ${current && sees(of, current) ? observed(posting, current) : ''}
    ${current && alive ? whatHappened({ ...posting, part: current, planned: planned(parts) }) : ''}
    ${current && changedSince(of, current) ? whyItChanged({ ...posting, part: current, planned: planned(parts) }) : ''}
    ${current && sees(of, current) ? codesObserved(current) : ''} ${refused(parts)} ${everyFile(parts)}`
}

const readInWords = (at: Instant, { now, timeZone }: Posting): string =>
  `${whenToStop(at, timeZone)}, ${ageInWords(at, now)} old`

const sees = (of: BudgetExport, part: ExportPart): boolean =>
  part.observation !== undefined && (!part.posted || changedSince(of, part))

/** Sage shows what this file does not explain: whoever imports it now, imports it once too often. */
const contradicted = ({ posted, observation }: ExportPart): boolean => !posted && !waitsStill(observation)

/** Whether Sage shows something else since the export was settled, which stops the next one. */
const changedSince = (of: BudgetExport, { observation }: ExportPart): boolean =>
  of.settled_at !== undefined && observation?.kind === 'drift'

function due({ export: of, parts, reference }: Posting, part: ExportPart): Html {
  const number = String(part.part)
  return html`<p class="loud">
      <span class="box ${part.mode === 'approved_estimate_change' ? 'ticked' : ''}"></span
      ><span>${boxOf(part.mode)}</span>
    </p>
    <dl>
      <dt>What</dt>
      <dd>${fileOf(part, planned(parts))}</dd>
      <dt>File</dt>
      <dd>${part.file_name}</dd>
      <dt>Where</dt>
      <dd>${part.receipt?.where ?? 'behind the button below'}</dd>
      <dt>Lines</dt>
      <dd>${part.entries}</dd>
      <dt>Total</dt>
      <dd>${totalInWords(part)}</dd>
      <dt>Date of the entries</dt>
      <dd>${dayInWords(of.entry_date)}</dd>
    </dl>
    <p><a class="button" href="/posting/${reference.open()}/file/${number}">Download the file</a></p>
    <ol>
      <li>In Sage, open Job Cost > Tools > Import Estimates and choose the file.</li>
      <li>${boxOf(part.mode)}.</li>
      <li>Import it once, and read the Estimate Import Report.</li>
      <li>Open Tasks > Post Entries and post the entries.</li>
      <li><a href="#happened">Say below</a> that they are posted.</li>
    </ol>`
}

const nothingDue = ({ export: of, timeZone }: Posting): Html =>
  of.settled_at === undefined
    ? html`<p class="note">No file waits for you now. When the next one is ready you get a mail.</p>`
    : html`<p class="note">
        This export is settled since ${whenToStop(of.settled_at, timeZone)}. Nothing is left to import.
      </p>`

/** Of what a person or the clock tells, not Sage's totals. */
const headings: Partial<Record<ObservationKind, string>> = {
  stale: 'Not posted yet',
  import_stopped: 'Sage stopped the import',
}

function observed(posting: Posting, { observation }: ExportPart): Html {
  const heading = observation && headings[observation.kind]
  const { totalsReadAt } = posting
  return html`<section>
    <h2>${heading ?? 'What Sage shows'}</h2>
    <p class="note bad">${observation?.sentence ?? ''}</p>
    ${
      heading === undefined && totalsReadAt !== undefined
        ? html`<p class="soft">
            Compared with Sage’s totals of this job as of ${readInWords(totalsReadAt, posting)}.
          </p>`
        : ''
    }
    <p>${observation?.what_to_do ?? ''}</p>
  </section>`
}

/** The codes that did not move as sent; they may be many, so they come after what is to be done. */
function codesObserved({ observation }: ExportPart): Html {
  return html`<section>
    ${
      (observation?.keys.length ?? 0) === 0
        ? ''
        : html`<h2>What moved in Sage, by code</h2>
            <div class="scroll" role="region" aria-label="What moved in Sage, by code" tabindex="0">
              <table class="stack seen">
                <thead>
                  <tr>
                    <th scope="col">Budget code</th>
                    <th scope="col" class="n">Sent</th>
                    <th scope="col" class="n">Moved in originals</th>
                    <th scope="col" class="n">Moved in changes</th>
                  </tr>
                </thead>
                <tbody>
                  ${observation?.keys.map(
                    (key) =>
                      html`<tr>
                        <th scope="row">${showCode(key.code)}</th>
                        <td class="n">${showCents(key.expected)}</td>
                        <td class="n">${showCents(key.original_moved)}</td>
                        <td class="n">${showCents(key.changes_moved)}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
    }
  </section>`
}

const shownRefused = 200 // the API lists all of them

/** The lines that Sage rejected, with the reasons that are known. */
function refused(parts: readonly ExportPart[]): Html {
  const lines = parts.flatMap(({ exceptions }) => exceptions.filter(({ outcome }) => outcome === 'rejected'))
  return lines.length === 0
    ? html``
    : html`<section>
        <h2>Lines that Sage rejected</h2>
        <ul>
          ${lines
            .slice(0, shownRefused)
            .map(
              ({ code, reason }) =>
                html`<li><code>${showCode(code)}</code>${reason === undefined ? '' : `: ${reason}`}</li>`,
            )}
        </ul>
        ${lines.length > shownRefused ? html`<p class="soft">And ${lines.length - shownRefused} more.</p>` : ''}
      </section>`
}

const endInWords: Record<Exclude<EntryOutcome, 'open'>, string> = {
  taken: 'Closed: in Sage',
  rejected: 'Closed: refused by Sage',
  withdrawn: 'Withdrawn: do not import',
}

function stateOf(part: ExportPart): string {
  const { posted, outcome, exceptions } = part
  if (posted?.how === 'declared') return 'Posted, as declared'
  if (posted) return `Posted, checked ${isPerson(posted.by) ? 'against uploaded totals' : 'in Sage'}`
  if (outcome !== 'open')
    return `${endInWords[outcome]}${exceptions.length === 0 ? '' : ', but for single lines'}`
  return isDelivered(part) ? 'With accounting' : 'Not due yet'
}

function everyFile(parts: readonly ExportPart[]): Html {
  return html`<section>
    <h2>Files of this export</h2>
    <div class="scroll" role="region" aria-label="Files of this export" tabindex="0">
      <table class="stack files">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">As</th>
            <th scope="col" class="n">Lines</th>
            <th scope="col" class="n">Total</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          ${parts.map(
            (part) =>
              html`<tr>
                <th scope="row">${fileOf(part, planned(parts))}</th>
                <td>${modeInWords[part.mode]}</td>
                <td class="n">${part.entries}</td>
                <td class="n">${showCents(part.total)}</td>
                <td>${stateOf(part)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}
