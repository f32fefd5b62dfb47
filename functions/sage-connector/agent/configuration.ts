import { readFileSync } from 'node:fs'
import * as z from 'zod'

const must = (be: string) => ({
  error: ({ input }: { readonly input?: unknown }) =>
    input === undefined ? 'is missing' : `must be ${be}, and is ${JSON.stringify(input)}`,
})
const Text = z.string(must('a text')).min(1, { error: 'is blank' })
const Address = z.url(must('an address that begins with https://'))

/** The agent's configuration file. AWS credentials come from the usual places of the SDK. */
const AgentConfiguration = z.strictObject({
  api_url: Address,
  /** A file with the connector's token; read at every call, so that a scheduled task can renew it. */
  token_file: Text,
  queue_url: Address,
  /** The company and the Sage company whose messages the agent takes: what names another is left alone. */
  company: Text,
  sage_company: Text,
  /** The Sage company's folder, in which the drop folders stand. */
  folder: Text,
  /** How people reach that folder, such as the name of a share: mails and pages tell it so. */
  folder_shown_as: Text.optional(),
  /** Folder into which Sage's reports are printed. */
  reports: Text,
  /** The agent's own folder: delivery ledger and log. */
  state: Text,
  read_every_seconds: z
    .number(must('a number of seconds'))
    .min(1, { error: 'must be 1 or more' })
    .default(300),
})
export type AgentConfiguration = z.infer<typeof AgentConfiguration>

/** The configuration cannot be used; each line of the message names one field and what is wrong with it. */
export class NotConfigured extends Error {
  override readonly name = 'NotConfigured'
}

/** Throws NotConfigured. */
export function readConfiguration(path: string): AgentConfiguration {
  const read = AgentConfiguration.safeParse(contentOf(path))
  if (read.success) return read.data
  throw new NotConfigured(read.error.issues.map((issue) => `${path}: ${inWords(issue)}.`).join('\n'))
}

function contentOf(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new NotConfigured(
      `${path} cannot be read (${String(error)}). Name the configuration: node index.cjs agent.json`,
    )
  }
  try {
    // An editor on Windows may put a byte order mark in front.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new NotConfigured(
      `${path} is no JSON file (${String(error)}). In paths write / for \\, or each \\ twice; no comma after the last field.`,
    )
  }
}

function inWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.join(', ')} is not known; known are ${Object.keys(AgentConfiguration.shape).join(', ')}`
  if (issue.path.length === 0) return 'holds no fields between { and }'
  return `${issue.path.join('.')} ${issue.message}`
}
