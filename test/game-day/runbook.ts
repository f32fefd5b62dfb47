import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Runtime } from '../../local/runtime/runtime.ts'

const run = promisify(execFile)

/** Every command in the blocks of a runbook's part "Act", a line each. */
function commandsOf(runbook: string): string[] {
  const [, act = ''] = /^## Act\n([\s\S]*?)^## /m.exec(readRunbook(runbook)) ?? []
  return [...act.matchAll(/```(?:sh)?\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#')),
  )
}

const readRunbook = (name: string): string => readFileSync(`docs/runbooks/${name}.md`, 'utf8')

/** The route of the API that a runbook has somebody ask, as it stands there. */
export function routeIn(runbook: string, route: string): string {
  if (!readRunbook(runbook).includes(`\`${route}\``)) throw new Error(`${runbook} does not name ${route}.`)
  return route
}

/**
 * The one command of a runbook, for one machine where it says so, that holds these words; the runbook's `<names>` filled in.
 */
export function commandIn(
  runbook: string,
  words: string,
  names: Readonly<Record<string, string>> = {},
): string {
  const found = commandsOf(runbook).filter(
    (line) =>
      line.includes(words) &&
      !line.startsWith('AWS_PROFILE=') &&
      !line.includes('--most') &&
      line.includes('--delete') === words.includes('--delete'),
  )
  const [command] = found
  if (command === undefined || found.length > 1)
    throw new Error(`${runbook} has ${String(found.length)} commands with "${words}".`)
  const filled = Object.entries(names).reduce(
    (text, [name, value]) => text.replaceAll(`<${name}>`, value),
    command,
  )
  if (/<\w+>/.test(filled)) throw new Error(`What is meant in "${filled}"?`)
  return filled
}

/** Runs a command as it stands, with the ports of this stack; of `aws`, which is not here, what one machine serves. */
export async function runCommand(runtime: Runtime, command: string): Promise<string> {
  const ofStates = /^aws stepfunctions ([a-z-]+) --execution-arn (\S+)$/.exec(command)
  if (ofStates) return await askStates(runtime, ofStates[1]!, { executionArn: ofStates[2] })
  const { queuesAndBuckets } = runtime.endpoints
  const { stdout } = await run(
    'bash',
    ['-c', command.replaceAll('http://127.0.0.1:4101', queuesAndBuckets)],
    {
      env: { ...process.env, API_URL: runtime.url },
    },
  )
  return stdout
}

async function askStates({ endpoints }: Runtime, words: string, body: object): Promise<string> {
  const action = words.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const answer = await fetch(endpoints.stateMachines, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${action}` },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${action}: ${text}`)
  return text
}
