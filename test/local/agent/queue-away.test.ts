import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../local/sample.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { kill, openSite } from './agent-site.ts'

test('a queue that does not answer is asked again after a while, and does not fill the log', async () => {
  const root = temporaryFolder('agent-queue-away')
  const site = await openSite(root, 'http://127.0.0.1:9')
  await site.stop()
  const agent = site.start()
  onTestFinished(async () => {
    await kill(agent)
  })
  const path = join(root, 'state', 'agent.log')
  const lines = (): string[] =>
    existsSync(path)
      ? readFileSync(path, 'utf8')
          .split('\n')
          .filter((line) => line.includes('SQS receive message failed'))
      : []
  await until('the agent to say that the queue does not answer', () => lines()[0])
  await pause(1000)
  expect(lines()).toHaveLength(1)
})
