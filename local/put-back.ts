import { parseArgs } from 'node:util'
import { documentClient } from '../shared/aws.ts'
import { systemClock } from '../shared/domain/clock.ts'
import { handOverCycles, putBack } from './restored-table.ts'

// `npm run -s put-back -- --from TABLE-before --to TABLE`: makes the table's rows those of a copy that a restore made,
// and hands the cycles that are open over to new runs (docs/restore.md). Region, credentials and, on one machine,
// AWS_ENDPOINT_URL_DYNAMODB come from where the SDK looks.

try {
  const options = { from: { type: 'string' }, to: { type: 'string' } } as const
  const { from, to } = parseArgs({ options }).values
  // The other way round, or from another stage, it would put a good table away.
  if (from === undefined || to === undefined || from !== `${to}-before`)
    throw new Error('Name the copy and the table: --from TABLE-before --to TABLE')
  const document = documentClient()
  const { written, deleted, unchanged } = await putBack(document, { from, to })
  console.log(
    `${to} is as ${from}: ${String(written)} rows written, ${String(deleted)} deleted, ${String(unchanged)} as they were.`,
  )
  const reason = `The table was put back from ${from}.`
  const open = await handOverCycles(document, { table: to, clock: systemClock, reason })
  console.log(`Open cycles that go on in a new run once functions are on: ${String(open)}.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
}
