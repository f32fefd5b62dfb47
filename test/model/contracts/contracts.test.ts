import { SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openDataFolder } from '../../../local/runtime/data-folder.ts'
import { credentials } from '../../../local/runtime/local-clients.ts'
import { type Mailbox, startMailbox } from '../../../local/runtime/mailbox.ts'
import { createObjects } from '../../../shared/store/objects.ts'
import { memoryObjects } from '../../statemachines/cycle/memory-objects.ts'
import { useLocalBucket } from '../../store/use-local.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { bothAnswer, unasked } from './contract.ts'
import { localMail, mailCases, simulatedMail } from './mail-cases.ts'
import { objectCases } from './object-cases.ts'
import { fifoCases, localQueue, simulatedQueue, standardCases } from './queue-cases.ts'

// What the simulation has in the place of a service answers as the local service does (known-differences.ts); of the table
// it is in test/store/memory-table.test.ts. fauxqs serves both buckets and queues.

const local = useLocalBucket()
let sqs: SQSClient
let mailbox: Mailbox

beforeAll(async () => {
  const { endpoint } = local()
  sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials, useQueueUrlAsEndpoint: false })
  mailbox = await startMailbox(openDataFolder(temporaryFolder('contracts')), 0)
})

afterAll(async () => {
  sqs.destroy()
  await mailbox.stop()
})

describe('a queue', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  test.each(fifoCases)('in order: $name', async (each) => {
    await bothAnswer(each, { simulated: simulatedQueue(), local: await localQueue(sqs, true) })
  })

  test.each(standardCases)('without order: $name', async (each) => {
    await bothAnswer(each, { simulated: simulatedQueue(), local: await localQueue(sqs, false) })
  })
})

describe('the bucket', () => {
  test.each(objectCases)('$name', async (each) => {
    const { s3, bucket } = local()
    await bothAnswer(each, { simulated: memoryObjects(), local: createObjects({ s3, bucket }) })
  })
})

describe('mail', () => {
  test.each(mailCases)('$name', async (each) => {
    await bothAnswer(each, { simulated: simulatedMail(), local: localMail(mailbox) })
  })
})

test('every known difference is asked about', () => {
  expect(unasked()).toEqual([])
})
