import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'
import * as z from 'zod'
import { makeStateFolder } from './agent.ts'
import { problemIn } from './api-client.ts'
import type { AgentConfiguration } from './configuration.ts'
import { assertFolder, modeFolders, sha256Of, writeWhole } from './drop-folder.ts'
import { fileFault } from './file-fault.ts'
import { oldAfterDays } from '../../../shared/domain/precheck/master-data.ts'
import type { Reading } from '../../../shared/sage/master-data-files.ts'
import { rejectsFolder } from './rejects-folder.ts'
import { csvReports } from './sage-reports.ts'

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
    checkQueue(configuration.queue_url, queue),
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
    checkState(state),
    ...checkReports(reports, now()),
  ]
}

const Claims = z.looseObject({ exp: z.number().optional() })

/** The token, blank where there is none: the API is asked all the same, for whether it can be reached. */
function readToken(path: string, now: Date): { readonly token: string; readonly checked: Checked } {
  const told = (state: Checked['state'], sentence: string): Checked => ({ what: 'token', state, sentence })
  let token = ''
  try {
    token = readFileSync(path, 'utf8').trim()
  } catch (error) {
    return { token, checked: told('bad', `token_file cannot be read: ${because(error)}`) }
  }
  const ends = endOf(token)
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

/** When a signed token ends; undefined for one that does not say. */
function endOf(token: string): Date | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const { exp } = Claims.parse(claims)
    return exp === undefined ? undefined : new Date(exp * 1000)
  } catch {
    return undefined
  }
}

async function checkApi(
  { api_url, company, sage_company }: AgentConfiguration,
  token: string,
  now: () => Date,
): Promise<readonly Checked[]> {
  const what = 'api'
  let answer: Response
  let text = ''
  try {
    answer = await fetch(`${api_url}/erp/master_data/${sage_company}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(longestAnswer),
    })
    text = await answer.text()
  } catch (error) {
    const sentence = `${api_url} does not answer (${because(error)}). Compare api_url; let the machine call outward by https.`
    return [{ what, state: 'bad', sentence }]
  }
  const problem = answer.ok ? undefined : problemIn(text)
  const said: Record<number, string> = {
    401: 'The API does not accept the token. Renew it, or compare api_url with the issuer of the token.',
    403: `The API refuses the token: ${problem?.detail ?? ''} It needs the role ${company}:connector, and its subject among those of the Sage company, where any are named.`,
  }
  const isUnknown = answer.status === 404 && problem?.detail?.includes('no such Sage company')
  if (isUnknown)
    return [
      {
        what,
        state: 'bad',
        sentence: `There is no Sage company ${sage_company}. Compare sage_company, or have it set up (PUT /company/sage/${sage_company}).`,
      },
      checkClock(answer, now()),
    ]
  const isWell = answer.ok || answer.status === 404
  return [
    isWell
      ? { what, state: 'ok', sentence: `${api_url} answers and knows Sage company ${sage_company}.` }
      : {
          what,
          state: 'bad',
          sentence:
            said[answer.status] ?? `${api_url} answers ${String(answer.status)}. Try again; compare api_url.`,
        },
    checkClock(answer, now()),
  ]
}

function checkClock(answer: Response, now: Date): Checked {
  const what = 'clock'
  const theirs = Date.parse(answer.headers.get('date') ?? '')
  if (Number.isNaN(theirs)) return { what, state: 'look', sentence: 'The API does not tell the time.' }
  const off = now.getTime() - theirs
  if (Math.abs(off) <= 5 * minute)
    return { what, state: 'ok', sentence: 'The clock agrees with that of the API.' }
  return {
    what,
    state: Math.abs(off) >= 60 * minute ? 'bad' : 'look',
    sentence: `The clock is ${String(Math.round(Math.abs(off) / minute))} minutes ${off > 0 ? 'ahead' : 'behind'}. Set it by a time server: readings of Sage carry its time, and one of more than an hour ahead is refused.`,
  }
}

async function checkQueue(url: string, queue: Surroundings['queue']): Promise<Checked> {
  const what = 'queue'
  try {
    const wanted = new GetQueueAttributesCommand({
      QueueUrl: url,
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
    const days = Math.floor((now.getTime() - Date.parse(asOf)) / (24 * 60 * minute))
    const age: Checked =
      days >= oldAfterDays
        ? {
            what,
            state: 'look',
            sentence: `The reports are ${String(days)} days old. Have them printed again.`,
          }
        : { what, state: 'ok', sentence: `The reports are of ${asOf}.` }
    return [age, ...ofReading(reader.masterData()), ...ofReading(reader.totals())]
  } catch (error) {
    return [{ what, state: 'bad', sentence: `${folder} cannot be read: ${because(error)}` }]
  }
}

const ofReading = ({ read, unreadable }: Reading<unknown>): Checked[] =>
  unreadable.map((sentence) => ({ what: 'reports', state: read === undefined ? 'bad' : 'look', sentence }))

const marks = { ok: 'ok    ', look: 'look  ', bad: 'NOT OK' } as const

/** A line for each, with its mark. */
export const asLines = (checked: readonly Checked[]): string =>
  checked.map(({ what, state, sentence }) => `${marks[state]}  ${what.padEnd(8)}${sentence}`).join('\n')
