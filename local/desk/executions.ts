import { html } from 'hono/html'
import * as z from 'zod'
import type { Engine } from '../engine/engine.ts'
import type { HistoryEvent } from '../engine/journal.ts'
import { page } from './frame.ts'

const newest = 100
const mostEvents = 1000

const Entered = z.looseObject({ stateEnteredEventDetails: z.looseObject({ name: z.string() }) })

/** Names of the states that an execution entered, in order. */
export function statesPassed(events: readonly HistoryEvent[]): string[] {
  return events.flatMap((event) => {
    const entered = Entered.safeParse(event)
    return entered.success ? [entered.data.stateEnteredEventDetails.name] : []
  })
}

const at = (epochMs: number | undefined): string =>
  epochMs === undefined ? '' : new Date(epochMs).toISOString().replace('T', ' ').slice(0, 19)

const historyOf = (engine: Engine, executionArn: string): readonly HistoryEvent[] =>
  engine.getExecutionHistory({ executionArn, maxResults: mostEvents }).events

const asked = (input: string): string => {
  const parsed = z.looseObject({ project: z.string(), asked: z.string() }).safeParse(JSON.parse(input))
  return parsed.success ? `${parsed.data.project}: ${parsed.data.asked}` : ''
}

function machineArns(engine: Engine): readonly string[] {
  return engine.listStateMachines({}).stateMachines.map(({ stateMachineArn }) => stateMachineArn)
}

const listed = (engine: Engine) =>
  machineArns(engine).flatMap(
    (stateMachineArn) => engine.listExecutions({ stateMachineArn, maxResults: newest }).executions,
  )

export async function executionsPage(engine: Engine): Promise<string> {
  const executions = listed(engine)
  return await page(
    '/desk/executions',
    'Executions',
    html`<section>
      <p class="soft">
        Each is one pass of a budget through the cycle, the newest first. The last state is where it stands.
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Execution</th>
              <th scope="col">Project</th>
              <th scope="col">Status</th>
              <th scope="col">Stands in</th>
              <th scope="col">Outcome</th>
              <th scope="col">Started (UTC)</th>
            </tr>
          </thead>
          <tbody>
            ${executions.map(({ executionArn, name, status, startDate }) => {
              const { input, output } = engine.describeExecution({ executionArn })
              return html`<tr>
                <td><a href="/desk/executions/${name}">${name}</a></td>
                <td>${asked(input)}</td>
                <td>${status}</td>
                <td>
                  ${status === 'RUNNING' ? (statesPassed(historyOf(engine, executionArn)).at(-1) ?? '') : ''}
                </td>
                <td>${output ?? ''}</td>
                <td>${at(startDate)}</td>
              </tr>`
            })}
          </tbody>
        </table>
      </div>
    </section>`,
  )
}

/** Names of everything that an event carries, as the console shows it below the event. */
const detailsOf = ({
  id: _,
  previousEventId: __,
  timestamp: ___,
  type: ____,
  ...details
}: HistoryEvent): string => (Object.keys(details).length === 0 ? '' : JSON.stringify(details, undefined, 1))

export async function executionPage(engine: Engine, name: string): Promise<string | undefined> {
  const found = listed(engine).find((execution) => execution.name === name)
  if (!found) return undefined
  const { status, input, output, error, cause, startDate, stopDate } = engine.describeExecution(found)
  const events = historyOf(engine, found.executionArn)
  const states = statesPassed(events)
  return await page(
    '/desk/executions',
    name,
    html`<section>
        <h2>${status}${output === undefined ? '' : html`, ${output}`}</h2>
        <p class="soft">
          Started ${at(startDate)}${stopDate === undefined ? '' : `, ended ${at(stopDate)}`} UTC
        </p>
        ${error === undefined ? '' : html`<p class="note bad">${error}: ${cause ?? ''}</p>`}
        <pre>${input}</pre>
      </section>
      <section>
        <h2>States passed</h2>
        <ol class="chips">
          ${states.map(
            (state, i) =>
              html`<li class="${status === 'RUNNING' && i === states.length - 1 ? 'now' : ''}">${state}</li>`,
          )}
        </ol>
      </section>
      <section>
        <h2>History</h2>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col" class="n">Event</th>
                <th scope="col">Type</th>
                <th scope="col">At (UTC)</th>
                <th scope="col">Details</th>
              </tr>
            </thead>
            <tbody>
              ${events.map((event) => {
                const details = detailsOf(event)
                return html`<tr>
                  <td class="n">${event.id}</td>
                  <td>${event.type}</td>
                  <td>${at(event.timestamp)}</td>
                  <td>
                    ${
                      details === ''
                        ? ''
                        : html`<details>
                            <summary>show</summary>
                            <pre>${details}</pre>
                          </details>`
                    }
                  </td>
                </tr>`
              })}
            </tbody>
          </table>
        </div>
      </section>`,
  )
}
