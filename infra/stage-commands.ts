import { parseArgs } from 'node:util'
import { App } from 'aws-cdk-lib'
import { type Settings, settingsOf } from './settings.ts'

/** What to have the CDK's command line do, and for which stage. */
export interface StageCommand {
  readonly settings: Settings
  readonly cdk: readonly string[]
}

type Context = Readonly<Record<string, unknown>>

const options = {
  stage: { type: 'string' },
  'mail-from': { type: 'string' },
  'mail-identity': { type: 'string' },
  'public-url': { type: 'string' },
  'alarm-topic': { type: 'string' },
  yes: { type: 'boolean', default: false },
} as const

function given(args: readonly string[], usage: string) {
  const values = readable(args, usage)
  if (values.stage === undefined) throw new Error(`Name the stage. ${usage}`)
  if (values.stage === 'local')
    throw new Error(
      'The stage local is the one that runs on one machine (npm start); name another, such as test.',
    )
  const context = {
    stage: values.stage,
    mailFrom: values['mail-from'],
    mailIdentity: values['mail-identity'],
    publicUrl: values['public-url'],
    alarmTopic: values['alarm-topic'],
  }
  return { yes: values.yes, context }
}

function readable(args: readonly string[], usage: string) {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)} ${usage}`, { cause: error })
  }
}

function commandOf(verb: readonly string[], base: Context, context: Context): StageCommand {
  const named = Object.entries(context).filter(([, value]) => value !== undefined)
  const settings = settingsOf(new App({ context: { ...base, ...Object.fromEntries(named) } }).node)
  return {
    settings,
    cdk: [...verb, '--all', ...named.flatMap(([name, value]) => ['-c', `${name}=${String(value)}`])],
  }
}

export const outputsFile = 'dist/outputs.json'

/**
 * `npm run deploy`, from its arguments and the context of `cdk.json`.
 *
 * @throws a sentence that says what is missing or faulty.
 */
export function deployCommand(args: readonly string[], base: Context): StageCommand {
  const { yes, context } = given(
    args,
    'npm run deploy -- --stage test --mail-from budgets@customer.example [--mail-identity ...] [--public-url https://...] [--alarm-topic arn:...] [--yes]',
  )
  const approval = yes ? ['--require-approval', 'never'] : []
  return commandOf(['deploy', '--outputs-file', outputsFile, ...approval], base, context)
}

/**
 * `npm run destroy`, from its arguments and the context of `cdk.json`.
 *
 * @throws a sentence that says what is missing or faulty, or that the stage keeps its data.
 */
export function destroyCommand(args: readonly string[], base: Context): StageCommand {
  const { yes, context } = given(args, 'npm run destroy -- --stage test [--yes]')
  // Nothing is sent any more, and the templates want a sender.
  const sender = { mailFrom: context.mailFrom ?? 'nobody@example.com' }
  const command = commandOf(['destroy', ...(yes ? ['--force'] : [])], base, { ...context, ...sender })
  if (command.settings.keepsData)
    throw new Error(
      `The stage ${command.settings.stage} keeps its data: its stacks, its table and its user pool refuse to be deleted. Only the stage test can be destroyed. See docs/deploy.md, "Take it down".`,
    )
  return command
}
