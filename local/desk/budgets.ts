import { html } from 'hono/html'
import * as z from 'zod'
import { type ApiClient, apiAs, ProblemAnswer } from '../api-client.ts'
import { people } from '../local-company.ts'
import type { Mail } from '../runtime/mailbox.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type Finding, findingList, findingsIn } from './findings.ts'
import { type Html, page } from './frame.ts'
import { nextStep } from './next-step.ts'

const Projects = z.looseObject({ projects: z.array(z.looseObject({ id: z.string() })) })
const Command = z.looseObject({
  command: z.string(),
  allowed: z.boolean(),
  sentence: z.string().optional(),
})
const Budget = z.looseObject({
  project: z.string(),
  name: z.string(),
  edit_state: z.string(),
  erp_state: z.string(),
  shown_as: z.string(),
  version: z.int(),
  totals: z.looseObject({
    line_items: z.int(),
    original_budget_amount: z.string(),
    budget_changes: z.string(),
    revised_estimate: z.string(),
  }),
  drift: z.looseObject({ sentence: z.string(), what_to_do: z.string() }).nullable(),
  execution: z.string().nullable(),
  pending: z.unknown(),
  last_command: z
    .looseObject({
      command: z.string(),
      outcome: z.enum(['pending', 'done', 'refused']),
      sentence: z.string().optional(),
      findings: z.array(z.unknown()).optional(),
    })
    .nullable(),
  commands: z.array(Command),
})
type Budget = z.infer<typeof Budget>

const Precheck = z.looseObject({ findings: z.array(z.unknown()) })

/** Commands of the project side that the desk offers, and their buttons; they go through the API, as the project manager. */
const offered = {
  lock: 'Lock',
  send: 'Send to accounting',
  retrieve: 'Take it back',
  unlock: 'Unlock',
} as const
export type Offered = keyof typeof offered
export const isOffered = (name: string): name is Offered => Object.hasOwn(offered, name)

const manager = (runtime: Runtime): ApiClient => apiAs(runtime, people.paula)

interface Shown {
  readonly budget: Budget
  /** Whether the execution that should go on has ended; only an operator sees that. */
  readonly stopped: boolean
  /** What the pre-check finds, where the next act would be a send. */
  readonly findings: readonly Finding[]
}

const maySend = ({ edit_state, pending, commands: all }: Budget): boolean =>
  edit_state === 'locked' &&
  pending === null &&
  all.some(({ command, allowed }) => command === 'send' && allowed)

const Workflow = z.looseObject({ ended: z.looseObject({}).nullable() })

async function read(api: ApiClient, operator: ApiClient, id: string): Promise<Shown> {
  const budget = Budget.parse(await api.get(`/projects/${id}/budget`))
  const { ended } = Workflow.parse(await operator.get(`/ops/budgets/${id}`))
  const stopped = ended !== null
  if (!maySend(budget)) return { budget, stopped, findings: [] }
  const { findings } = Precheck.parse(await api.get(`/projects/${id}/budget/precheck`))
  return { budget, stopped, findings: findingsIn(findings) }
}

export async function budgetsPage(runtime: Runtime, fault?: Html): Promise<string> {
  const api = manager(runtime)
  const operator = apiAs(runtime, people.otto)
  const { projects } = Projects.parse(await api.get('/projects'))
  const budgets = await Promise.all(projects.map(async ({ id }) => await read(api, operator, id)))
  const mails = runtime.readMailbox()
  return await page(
    '/desk',
    'Budgets',
    html`${fault === undefined ? '' : html`<div class="note bad" role="alert">${fault}</div>`}
    ${
      budgets.length === 0
        ? html`<p class="note">No project yet. Run the demo, or use the API as the README shows.</p>`
        : budgets.map((shown) => budgetSection(shown, mails))
    }
    ${tour}`,
  )
}

const tour: Html = html`<section>
  <h2>The tour</h2>
  <ol>
    <li><a href="/desk/mailbox">Mailbox</a>: open the mail to Anna Ames and follow its link; she decides.</li>
    <li><a href="/desk/mailbox">Mailbox</a>: the mail to Peter Price says which file, and which box.</li>
    <li>
      <a href="/sage/companies">Sage</a>: import the file, post the entries, and look at the job totals. A
      second file follows when the first is posted.
    </li>
    <li><a href="/desk/executions">Executions</a>: every step that the workflow took, until it ended.</li>
    <li>Here again: nothing is left to do. Change the budget, and go round once more.</li>
  </ol>
</section>`

const money = (amount: string): string => amount.replace(/\B(?=(\d{3})+\.)/g, ',')

function budgetSection({ budget, stopped, findings }: Shown, mails: readonly Mail[]): Html {
  const { last_command: last, totals } = budget
  return html`<section>
    <h2>${budget.name} <span class="soft">(${budget.project})</span></h2>
    <p>
      <strong>${budget.shown_as}</strong>. ${budget.edit_state === 'locked' ? 'Locked' : 'Unlocked'}, version
      ${budget.version}, ${totals.line_items} lines.
    </p>
    ${nextStep({ ...budget, stopped, findings }, mails)}
    <div class="scroll">
      <table class="sums">
        <tbody>
          ${sumRow('Original budget', totals.original_budget_amount)}
          ${sumRow('Budget changes', totals.budget_changes)}
          ${sumRow('Revised estimate', totals.revised_estimate)}
        </tbody>
      </table>
    </div>
    ${commands(budget)}
    <p class="soft">
      ${
        last === null
          ? ''
          : `Last command: ${last.command}, ${outcomeInWords[last.outcome]}. ${last.sentence ?? ''}`
      }
      ${
        budget.execution === null
          ? ''
          : html`Workflow: <a href="/desk/executions/${budget.execution}">what it did so far</a>.`
      }
    </p>
    ${last === null || findings.length > 0 ? '' : findingList(findingsIn(last.findings))}
  </section>`
}

const outcomeInWords = { pending: 'under way', done: 'done', refused: 'refused' } as const

const sumRow = (name: string, amount: string): Html =>
  html`<tr>
    <th scope="row">${name}</th>
    <td class="n">${money(amount)}</td>
  </tr>`

/** What the project manager may do now as buttons, and why the rest has to wait. */
function commands({ project, commands: all }: Budget): Html {
  const known = all.flatMap((each) => (isOffered(each.command) ? [{ ...each, command: each.command }] : []))
  const now = known.filter(({ allowed }) => allowed)
  const later = known.filter(({ allowed }) => !allowed)
  return html`<div class="actions">
      ${now.map(
        ({ command }) =>
          html`<form method="post" action="/desk/budgets/${project}/${command}">
            <button class="${command === 'lock' || command === 'send' ? '' : 'quiet'}">
              ${offered[command]}
            </button>
          </form>`,
      )}
    </div>
    ${
      later.length === 0
        ? ''
        : html`<details>
            <summary>Not possible now, and why</summary>
            <ul>
              ${later.map(({ command, sentence }) => html`<li>${offered[command]}: ${sentence ?? ''}</li>`)}
            </ul>
          </details>`
    }`
}

/** Gives a command as the project manager; answers why it was refused, in words. */
export async function giveCommand(
  runtime: Runtime,
  project: string,
  command: Offered,
): Promise<Html | undefined> {
  try {
    await manager(runtime).send('POST', `/projects/${project}/budget/${command}`)
    return undefined
  } catch (error) {
    if (error instanceof ProblemAnswer)
      return await html`<p>${offered[command]}: ${error.sentence}</p>
        ${findingList(findingsIn(error.findings))}`
    throw error
  }
}
