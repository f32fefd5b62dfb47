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

/** Each event with the state in which it happened. */
function withStates(events: readonly HistoryEvent[]): { event: HistoryEvent; state: string }[] {
  let state = ''
  return events.map((event) => {
    state = statesPassed([event])[0] ?? state
    return { event, state }
  })
}

const at = (epochMs: number | undefined): string =>
  epochMs === undefined ? '' : new Date(epochMs).toISOString().replace('T', ' ').slice(0, 19)

const historyOf = (engine: Engine, executionArn: string): readonly HistoryEvent[] =>
  engine.getExecutionHistory({ executionArn, maxResults: mostEvents }).events

const Input = z.looseObject({ project: z.string(), cycle: z.int(), run: z.int(), asked: z.string() })

/** `clinic, cycle 1`, as people speak of an execution; its name where the input says nothing. */
function titleOf({ name, input }: { name: string; input: string }): string {
  const { success, data } = Input.safeParse(JSON.parse(input))
  if (!success) return name
  return `${data.project}, cycle ${String(data.cycle)}${data.run === 1 ? '' : `, run ${String(data.run)}`}`
}

/** The outcome that an execution ended with, without its JSON. */
function outcomeIn(output: string | undefined): string {
  if (output === undefined) return ''
  const parsed = z.looseObject({ outcome: z.string() }).safeParse(JSON.parse(output))
  return parsed.success ? parsed.data.outcome : output
}

function machineArns(engine: Engine): readonly string[] {
  return engine.listStateMachines({}).stateMachines.map(({ stateMachineArn }) => stateMachineArn)
}

type ExecutionStatus = ReturnType<Engine['describeExecution']>['status']

/** Statuses of Step Functions, which the console writes in capitals. */
const statusInWords: Record<ExecutionStatus, string> = {
  RUNNING: 'Under way',
  SUCCEEDED: 'Ended',
  FAILED: 'Failed',
  TIMED_OUT: 'Out of time',
  ABORTED: 'Stopped',
}

/** The state in which an execution under way stands; one that ended stands nowhere. */
const standsIn = (engine: Engine, executionArn: string, status: ExecutionStatus): string =>
  status === 'RUNNING' ? (statesPassed(historyOf(engine, executionArn)).at(-1) ?? '') : ''

const outcomeInWords = (outcome: string): string => outcome.replaceAll('_', ' ')

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
      <p class="soft">Each is one pass of a budget through the cycle, the newest first.</p>
      <div class="scroll" role="region" aria-label="Executions" tabindex="0">
        <table class="stack">
          <thead>
            <tr>
              <th scope="col">Execution</th>
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
                <td class="once">
                  <a href="/desk/executions/${name}">${titleOf({ name, input })}</a>
                </td>
                <td data-label="Status">${statusInWords[status]}</td>
                <td data-label="Stands in">${standsIn(engine, executionArn, status)}</td>
                <td data-label="Outcome">${outcomeInWords(outcomeIn(output))}</td>
                <td class="once" data-label="Started (UTC)">${at(startDate)}</td>
              </tr>`
            })}
          </tbody>
        </table>
      </div>
    </section>`,
  )
}

const shownBeside = new Set(['id', 'previousEventId', 'timestamp', 'type'])

/** What an event carries beyond its line, as the console shows it below the event. */
function detailsOf(event: HistoryEvent): string {
  const details = Object.entries(event).filter(([name]) => !shownBeside.has(name))
  return details.length === 0 ? '' : JSON.stringify(Object.fromEntries(details), undefined, 1)
}

export async function executionPage(engine: Engine, name: string): Promise<string | undefined> {
  const found = listed(engine).find((execution) => execution.name === name)
  if (!found) return undefined
  const { status, input, output, error, cause, startDate, stopDate } = engine.describeExecution(found)
  const events = historyOf(engine, found.executionArn)
  const states = statesPassed(events)
  return await page(
    '/desk/executions',
    titleOf({ name, input }),
    html`<section>
        <h2>
          ${statusInWords[status]}${output === undefined ? '' : `: ${outcomeInWords(outcomeIn(output))}`}
        </h2>
        <p class="soft">
          Started ${at(startDate)}${stopDate === undefined ? '' : `, ended ${at(stopDate)}`} UTC. Execution
          ${name}.
        </p>
        ${error === undefined ? '' : html`<p class="note bad">${error}: ${cause ?? ''}</p>`}
        <details>
          <summary>Input</summary>
          <pre>${input}</pre>
        </details>
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
        <div class="scroll" role="region" aria-label="History" tabindex="0">
          <table>
            <thead>
              <tr>
                <th scope="col" class="n">No.</th>
                <th scope="col">State</th>
                <th scope="col">Event type</th>
                <th scope="col">At (UTC)</th>
                <th scope="col">Details</th>
              </tr>
            </thead>
            <tbody>
              ${withStates(events).map(({ event, state }) => {
                const details = detailsOf(event)
                return html`<tr>
                  <td class="n">${event.id}</td>
                  <td class="once">${state}</td>
                  <td>${event.type}</td>
                  <td class="once">${at(event.timestamp)}</td>
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
