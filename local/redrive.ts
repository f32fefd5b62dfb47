import { parseArgs } from 'node:util'
import { queueClient } from '../shared/aws.ts'
import { deleteLetter, sendBack } from './dead-letters.ts'

// `npm run -s redrive -- --queue prod-sage-exports.fifo`: sends the dead letters of a queue back to it, all or `--most`
// of them; `--delete <message>` deletes one instead, for good. Region, credentials and, on one machine,
// AWS_ENDPOINT_URL_SQS come from where the SDK looks for them.

const options = {
  queue: { type: 'string' },
  most: { type: 'string', default: 'all' },
  delete: { type: 'string' },
} as const

try {
  const { queue, most, delete: message } = parseArgs({ options }).values
  if (queue === undefined || !/^(all|[1-9]\d*)$/.test(most))
    throw new Error(
      'Name the queue, not its dead letters: --queue prod-sage-exports.fifo [--most 1 | --delete <message>]',
    )
  if (message !== undefined) {
    console.log(`deleted for good: ${await deleteLetter(queueClient(), { queue, message })}`)
    process.exit()
  }
  const wanted = { queue, most: most === 'all' ? Infinity : Number(most) }
  const sent = await sendBack(queueClient(), wanted, console.log)
  console.log(
    `${String(sent)} sent back to ${queue}. What is out of date or faulty, its consumer refuses again.`,
  )
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
}
