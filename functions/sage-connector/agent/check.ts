import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { makeStateFolder } from './agent.ts'
import { problemIn } from './api-client.ts'
import type { AgentConfiguration } from './configuration.ts'
import { assertFolder, modeFolders, sha256Of, writeWhole } from './drop-folder.ts'
import { fileFault } from './file-fault.ts'
import { oldAfterDays } from '../../../shared/domain/precheck/master-data.ts'
import { agentQueueName } from '../../../shared/sage/agent-queue-name.ts'
import type { Reading } from '../../../shared/sage/master-data-files.ts'
import { whyName } from './move-into.ts'
import { refusedFolder, rejectsFolder } from './rejects-folder.ts'
import { csvReports } from './sage-reports.ts'
import { headersOf, readClaims, type Shown, whyRefused } from './token.ts'

/** One line of the check; `look` is worth a look, `bad` keeps the agent from its work. */
export interface Checked {
  readonly what: string
  readonly state: 'ok' | 'look' | 'bad'
  readonly sentence: string
}

export interface Surroundings {
  readonly queue: Pick<SQSClient, 'send'>
  readonly now: () => Date
}

const longestAnswer = 20_000
const minute = 60_000

// Clocks differ; the API refuses a reading of more than an hour ahead (functions/api/master-data.ts).
const toleratedMinutes = 5
const refusedMinutes = 60

const because = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${error instanceof Error ? error.message : String(error)}${cause}`
}

/** Tries everything that the agent needs, without taking a message; what it writes it deletes again. */
export async function checkAgent(
  configuration: AgentConfiguration,
  { queue, now }: Surroundings,
): Promise<readonly Checked[]> {
  const { folder, state, reports } = configuration
  const { token, checked } = readToken(configuration.token_file, now())
  const [answers, waiting] = await Promise.all([
    checkApi(configuration, token, now),
    checkQueue(configuration, queue),
  ])
  return [
    checked,
    ...answers,
    waiting,
    checkFolder('folder', folder),
    ...[...Object.values(modeFolders), rejectsFolder]
      .map((name) => join(folder, name))
      .filter((path) => existsSync(path))
      .map((path) => checkFolder('folder', path)),
    ...checkRefused(join(folder, rejectsFolder, refusedFolder)),
    checkState(state),
    ...checkReports(reports, now()),
  ]
}

/** The token, blank where there is none: the API is asked all the same, for whether it can be reached. */
function readToken(path: string, now: Date): { readonly token: string; readonly checked: Checked } {
  const told = (state: Checked['state'], sentence: string): Checked => ({ what: 'token', state, sentence })
  let token = ''
  try {
    token = readFileSync(path, 'utf8').trim()
  } catch (error) {
    return { token, checked: told('bad', `token_file cannot be read: ${because(error)}`) }
  }
  const { ends } = readClaims(token)
  if (token === '')
    return { token, checked: told('bad', `${path} is empty. Write the connector's token into it.`) }
  if (ends === undefined) return { token, checked: told('ok', `${path} holds a token.`) }
  return {
    token,
    checked:
      ends <= now
        ? told('bad', `The token ended at ${ends.toISOString()}. Renew it.`)
        : told('ok', `The token is good until ${ends.toISOString()}.`),
  }
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly body?: string
  /** Statuses that are well. */
  readonly well: readonly number[]
}

async function checkApi(
  configuration: AgentConfiguration,
  token: string,
  now: () => Date,
): Promise<readonly Checked[]> {
  const what = 'api'
  const { api_url, sage_company } = configuration
  const shown = { token, company: configuration.company }
  try {
    const lists = await ask(api_url, shown, {
      method: 'GET',
      path: `/erp/master_data/${sage_company}`,
      well: [200, 404],
    })
    const clock = checkClock(lists.answer, now())
    if (lists.detail?.includes('no such Sage company'))
      return [
        {
          what,
          state: 'bad',
          sentence: `There is no Sage company ${sage_company}. Compare sage_company, or have it set up (PUT /company/sage/${sage_company}).`,
        },
        clock,
      ]
    const fault = lists.fault ?? (await ask(api_url, shown, claimOfNothing)).fault
    const sentence = `${api_url} answers, knows Sage company ${sage_company}, and takes the token for a connector's.`
    return [
      fault === undefined ? { what, state: 'ok', sentence } : { what, state: 'bad', sentence: fault },
      clock,
    ]
  } catch (error) {
    const sentence = `${api_url} does not answer (${because(error)}). Compare api_url; let the machine call outward by https.`
    return [{ what, state: 'bad', sentence }]
  }
}

// Whether a token may claim is decided before the body is read; one that names no part claims nothing.
const claimOfNothing: Asked = { method: 'POST', path: '/exports/check-e1/claim', body: '{}', well: [400] }

async function ask(url: string, shown: Shown, { method, path, body, well }: Asked) {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { ...headersOf(shown), 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(longestAnswer),
  })
  const { status } = answer
  const problem = problemIn(await answer.text())
  const fault = well.includes(status)
    ? undefined
    : (whyRefused(status, problem, shown) ?? `${url} answers ${String(status)}. Try again; compare api_url.`)
  return { answer, detail: problem?.detail, fault }
}

function checkClock(answer: Response, now: Date): Checked {
  const what = 'clock'
  const theirs = Date.parse(answer.headers.get('date') ?? '')
  if (Number.isNaN(theirs)) return { what, state: 'look', sentence: 'The API does not tell the time.' }
  const off = now.getTime() - theirs
  if (Math.abs(off) <= toleratedMinutes * minute)
    return { what, state: 'ok', sentence: 'The clock agrees with that of the API.' }
  return {
    what,
    state: Math.abs(off) >= refusedMinutes * minute ? 'bad' : 'look',
    sentence: `The clock is ${String(Math.round(Math.abs(off) / minute))} minutes ${off > 0 ? 'ahead' : 'behind'}. Set it by a time server: readings of Sage carry its time, and one of more than an hour ahead is refused.`,
  }
}

async function checkQueue(
  { queue_url, company, sage_company }: AgentConfiguration,
  queue: Surroundings['queue'],
): Promise<Checked> {
  const what = 'queue'
  const name = queue_url.split('/').at(-1) ?? ''
  const own = `${agentQueueName({ company, sage: sage_company })}.fifo`
  // A stage has no hyphens (infra/settings.ts).
  if (name !== own && name.replace(/^[^-]+-/, '') !== own)
    return {
      what,
      state: 'bad',
      sentence: `queue_url names ${name}. The queue of Sage company ${sage_company} of ${company} is <stage>-${own}: compare queue_url, company and sage_company.`,
    }
  try {
    const wanted = new GetQueueAttributesCommand({
      QueueUrl: queue_url,
      AttributeNames: ['ApproximateNumberOfMessages'],
    })
    const { Attributes } = await queue.send(wanted, { abortSignal: AbortSignal.timeout(longestAnswer) })
    const waiting = Attributes?.['ApproximateNumberOfMessages'] ?? '0'
    return { what, state: 'ok', sentence: `The queue answers; messages waiting: ${waiting}.` }
  } catch (error) {
    return {
      what,
      state: 'bad',
      sentence: `The queue does not answer (${because(error)}). Compare queue_url and the region; give the account AWS credentials with the agent's policy.`,
    }
  }
}

/** Writes, names and deletes a small file, as a delivery and an import would. */
function checkFolder(what: string, folder: string): Checked {
  const path = join(folder, `agent-check-${String(process.pid)}.txt`)
  const bytes = Buffer.from('Written by the check of the Sage agent; may be deleted.\r\n')
  try {
    assertFolder(folder)
    writeWhole(path, { bytes, sha256: sha256Of(bytes) }, () => {})
    rmSync(path)
    return { what, state: 'ok', sentence: `${folder} lets the agent write, rename and delete.` }
  } catch (error) {
    return { what, state: 'bad', sentence: fileFault(error, path).message }
  }
}

/** A line for each reject file that the API refused and nobody took away. */
function checkRefused(folder: string): readonly Checked[] {
  try {
    const found = existsSync(folder) ? readdirSync(folder) : []
    return found
      .filter((name) => found.includes(whyName(name)))
      .map((name) => ({
        what: 'rejects',
        state: 'look',
        sentence: `${folder} holds ${name}, not taken. ${whyName(name)} says why and what to do.`,
      }))
  } catch (error) {
    return [{ what: 'rejects', state: 'bad', sentence: fileFault(error, folder).message }]
  }
}

function checkState(folder: string): Checked {
  try {
    makeStateFolder(folder)
    return checkFolder('state', folder)
  } catch (error) {
    return { what: 'state', state: 'bad', sentence: fileFault(error, folder).message }
  }
}

function checkReports(folder: string, now: Date): readonly Checked[] {
  const what = 'reports'
  try {
    const reader = csvReports(folder)
    assertFolder(folder)
    const asOf = reader.asOf()
    if (asOf === undefined)
      return [
        {
          what,
          state: 'look',
          sentence: `${folder} holds no as-of.txt: no report was printed yet, so nothing of Sage can be read.`,
        },
      ]
    return [checkAge(asOf, now), ...ofReading(reader.masterData()), ...ofReading(reader.totals())]
  } catch (error) {
    return [{ what, state: 'bad', sentence: `${folder} cannot be read: ${because(error)}` }]
  }
}

function checkAge(asOf: string, now: Date): Checked {
  const what = 'reports'
  const ahead = Date.parse(asOf) - now.getTime()
  if (ahead > toleratedMinutes * minute)
    return {
      what,
      state: ahead > refusedMinutes * minute ? 'bad' : 'look',
      sentence: `as-of.txt says ${asOf}, ${String(Math.round(ahead / minute))} minutes from now. Have it written in UTC, not in local time; a reading of more than an hour ahead is refused.`,
    }
  const days = Math.floor(-ahead / (24 * 60 * minute))
  return days >= oldAfterDays
    ? { what, state: 'look', sentence: `The reports are ${String(days)} days old. Have them printed again.` }
    : { what, state: 'ok', sentence: `The reports are of ${asOf}.` }
}

const ofReading = ({ read, unreadable }: Reading<unknown>): Checked[] =>
  unreadable.map((sentence) => ({ what: 'reports', state: read === undefined ? 'bad' : 'look', sentence }))

const marks = { ok: 'ok    ', look: 'look  ', bad: 'NOT OK' } as const

/** A line for each, with its mark. */
export const asLines = (checked: readonly Checked[]): string =>
  checked.map(({ what, state, sentence }) => `${marks[state]}  ${what.padEnd(8)}${sentence}`).join('\n')
