import type { Node } from 'constructs'
import * as z from 'zod'
import { agentQueueName } from '../shared/sage/agent-queue-name.ts'

// The same form as the ids of companies and Sage companies: they stand in queue names and object keys.
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/)

const Agent = z.strictObject({ company: id, sage: id })
/** An agent on premises, by the Sage company it serves. */
export type Agent = z.infer<typeof Agent>

const Context = z.object({
  /** Name of this deployment; `local` is the one that runs on one machine. One account and region may hold several. */
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,11}$/, 'two to twelve letters and digits, a letter first')
    // It is part of the address at which people sign in.
    .regex(/^(?!.*(aws|amazon|cognito))/, 'without aws, amazon and cognito, which Cognito keeps for itself')
    .default('local'),
  /** Where mailed links point to: a domain of the customer's. Without it, the API's own address. */
  publicUrl: z
    .url({ protocol: /^https$/ })
    .regex(/[^/]$/, 'without a slash at the end')
    .optional(),
  /** Sender of all mails. */
  mailFrom: z.email().optional(),
  /** The SES identity that covers the sender, verified beforehand: an address or, by default, the sender's domain. */
  mailIdentity: z.string().min(3).optional(),
  /** Another OIDC issuer in place of the user pool, with the audience its tokens carry; its first is the board's client. */
  issuer: z.url({ protocol: /^https$/ }).optional(),
  audience: z.array(z.string().min(1)).min(1).optional(),
  /** The token's one claim that lists `<company>:<role>`. */
  roleClaim: z.string().min(1).default('cognito:groups'),
  /** ARN of the topic that alarms tell; without it they only show in the console. */
  alarmTopic: z.string().startsWith('arn:').optional(),
  agents: z.array(Agent).default([]),
})

export type Settings = Readonly<z.infer<typeof Context>> & {
  readonly mailFrom: string
  readonly mailIdentity: string
  /** Whether data outlives the stacks. */
  readonly keepsData: boolean
}

/** Stages made to be thrown away; every other one keeps its data. */
const thrownAway: ReadonlySet<string> = new Set(['local', 'test'])

const localSender = 'budgets@example.com'

/**
 * The settings of a deployment, from CDK's context (`cdk.json`, or `-c name=value`).
 *
 * @throws a sentence per faulty or missing setting.
 */
export function settingsOf(node: Node): Settings {
  const given = Object.fromEntries(
    Object.keys(Context.shape).flatMap((name) => {
      const value: unknown = node.tryGetContext(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  const parsed = Context.safeParse(given)
  if (!parsed.success)
    throw new Error(
      parsed.error.issues.map((issue) => `Context ${issue.path.join('.')}: ${issue.message}.`).join(' '),
    )
  const { mailFrom = parsed.data.stage === 'local' ? localSender : undefined } = parsed.data
  if (mailFrom === undefined)
    throw new Error(`Stage ${parsed.data.stage} needs the context mailFrom: the address mails are sent from.`)
  if ((parsed.data.issuer === undefined) !== (parsed.data.audience === undefined))
    throw new Error('Context issuer and audience belong together: give both, or neither.')
  refuseEqualQueues(parsed.data.agents)
  const { mailIdentity = mailFrom.slice(mailFrom.indexOf('@') + 1) } = parsed.data
  return { ...parsed.data, mailFrom, mailIdentity, keepsData: !thrownAway.has(parsed.data.stage) }
}

/** Ids may hold hyphens: `a-b` with `c` and `a` with `b-c` would share one queue, and tenants must not. */
function refuseEqualQueues(agents: readonly Agent[]): void {
  const names = agents.map(agentQueueName)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new Error(`Context agents: two agents would share the queue ${twice}.`)
  // SQS: 80 characters, of which .fifo takes 5, and the longest stage with its hyphen and -dead another 18.
  const long = names.find((name) => name.length > 57)
  if (long !== undefined) throw new Error(`Context agents: ${long} is too long for a queue name.`)
}

/**
 * A name that people read and that AWS wants unique in an account and region. On one machine there is one
 * stage, so its names are plain.
 */
export const named = ({ stage }: Pick<Settings, 'stage'>, name: string): string =>
  stage === 'local' ? name : `${stage}-${name}`

/** SES's configuration set for all mails. */
export const mailSettings = (settings: Pick<Settings, 'stage'>): string => named(settings, 'budget-mails')

/** Of API Gateway, one line for each request. */
export const accessLogName = (settings: Pick<Settings, 'stage'>): string =>
  `/aws/apigateway/${named(settings, 'sage-budget-export')}`

/** Of the executions. This prefix keeps the account's one log policy from growing with each machine. */
export const workflowLogName = (settings: Pick<Settings, 'stage'>): string =>
  `/aws/vendedlogs/states/${named(settings, 'budget-cycle')}`

/** Part files of a Sage company lie under this; its agent can read nothing else. */
export const partFilesPrefix = ({ company, sage }: Agent): string => `c/${company}/sage/${sage}/`
