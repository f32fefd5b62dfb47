import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SQSClient } from '@aws-sdk/client-sqs'
import { beforeAll, expect, test } from 'vitest'
import { checkAgent } from '../../../functions/sage-connector/agent/check.ts'
import {
  agentToken,
  company,
  groupsOf,
  people,
  sageCompany,
  subjectOf,
} from '../../../local/local-company.ts'
import type { LocalStack } from '../../../local/stack.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { sharedStack } from './shared-stack.ts'

let stack: LocalStack
beforeAll(async () => {
  stack = await sharedStack()
})

const queue = { send: async () => await Promise.resolve({}) } as unknown as SQSClient
const ours = agentToken(sageCompany)
const paulas = { subject: subjectOf(people.paula), groups: groupsOf(people.paula) }
const needed = `The agent needs the role ${company}:connector, and this token names`

/** Tokens, and what the check says of the API. */
const tokens: Readonly<Record<string, [{ subject: string; groups: string[] }, string]>> = {
  'its own': [ours, ` takes the token for a connector's.`],
  'its own, of two companies': [
    { ...ours, groups: [`${company}:connector`, 'zenith:connector'] },
    ` takes the token for a connector's.`,
  ],
  'that of a person who reads Sage’s lists': [paulas, `role connector. ${needed} northwind:project_manager`],
  'that of another company': [{ ...ours, groups: ['zenith:connector'] }, `${needed} zenith:connector.`],
}

test.each(Object.entries(tokens))(
  'the check of an agent asks the API of its token: %s',
  async (_, [token, said]) => {
    const root = temporaryFolder('agent-check')
    for (const name of ['drop', 'reports']) mkdirSync(join(root, name))
    writeFileSync(join(root, 'token'), await stack.runtime.issueToken(token))
    const configuration = {
      api_url: stack.runtime.url,
      token_file: join(root, 'token'),
      queue_url: 'https://queues/sage-agent-northwind-nw-main.fifo',
      company,
      sage_company: sageCompany,
      folder: join(root, 'drop'),
      reports: join(root, 'reports'),
      state: join(root, 'state'),
      read_every_seconds: 300,
    }
    const checked = await checkAgent(configuration, { queue, now: () => new Date() })
    expect(checked.find(({ what }) => what === 'api')?.sentence).toContain(said)
  },
)
