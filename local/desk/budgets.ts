import { html } from 'hono/html'
import * as z from 'zod'
import { type ApiClient, apiAs, ProblemAnswer } from '../api-client.ts'
import { people } from '../local-company.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type Html, page } from './frame.ts'

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
  totals: z.looseObject({}),
  execution: z.string().nullable(),
  last_command: z
    .looseObject({ command: z.string(), outcome: z.string(), sentence: z.string().optional() })
    .nullable(),
  commands: z.array(Command),
})
type Budget = z.infer<typeof Budget>

/** Commands of the project side that the desk offers; they go through the API, as the project manager. */
const offered = ['lock', 'send', 'retrieve', 'unlock'] as const
export type Offered = (typeof offered)[number]
export const isOffered = (name: string): name is Offered => offered.some((each) => each === name)

const manager = (runtime: Runtime): ApiClient => apiAs(runtime, people.paula)

export async function budgetsPage(runtime: Runtime, fault?: string): Promise<string> {
  const api = manager(runtime)
  const { projects } = Projects.parse(await api.get('/projects'))
  const budgets = await Promise.all(
    projects.map(async ({ id }) => Budget.parse(await api.get(`/projects/${id}/budget`))),
  )
  return await page(
    '/desk',
    'Budgets',
    html`${fault === undefined ? '' : html`<p class="note bad" role="alert">${fault}</p>`}
    ${
      budgets.length === 0
        ? html`<p class="note">No project yet. Run the demo, or use the API as the README shows.</p>`
        : budgets.map(budgetSection)
    }`,
  )
}

function budgetSection(budget: Budget): Html {
  const last = budget.last_command
  return html`<section>
    <h2>${budget.name} <span class="soft">(${budget.project})</span></h2>
    <p>
      <strong>${budget.shown_as}</strong>, ${budget.edit_state}, version ${budget.version}.
      ${
        budget.execution === null
          ? ''
          : html`Its workflow: <a href="/desk/executions/${budget.execution}">${budget.execution}</a>.`
      }
    </p>
    ${
      last === null
        ? ''
        : html`<p class="soft">Last command: ${last.command}, ${last.outcome}. ${last.sentence ?? ''}</p>`
    }
    <p>
      ${budget.commands.filter(({ command }) => isOffered(command)).map((command) => button(budget, command))}
    </p>
    <div class="scroll">
      <table>
        <tbody>
          ${Object.entries(budget.totals).map(
            ([name, value]) =>
              html`<tr>
                <th scope="row">${name.replaceAll('_', ' ')}</th>
                <td class="n">${String(value)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

const button = ({ project }: Budget, { command, allowed, sentence }: z.infer<typeof Command>): Html =>
  allowed
    ? html`<form method="post" action="/desk/budgets/${project}/${command}">
        <button>${command}</button>
      </form>`
    : html`<button disabled title="${sentence ?? ''}">${command}</button>`

/** Gives a command as the project manager; answers what was refused, in words. */
export async function giveCommand(
  runtime: Runtime,
  project: string,
  command: Offered,
): Promise<string | undefined> {
  try {
    await manager(runtime).send('POST', `/projects/${project}/budget/${command}`)
    return undefined
  } catch (error) {
    if (error instanceof ProblemAnswer) return error.message
    throw error
  }
}
