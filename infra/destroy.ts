import { runCdk } from './run-cdk.ts'
import { destroyCommand } from './stage-commands.ts'

// `npm run destroy -- --stage test`: see docs/deploy.md.

const exit = await runCdk(
  destroyCommand,
  ({ settings }) =>
    `Taking down the stage ${settings.stage}: operations, cycle, api, and data with its table, files, people and queues.`,
)
if (exit !== undefined && exit !== 0)
  console.error(
    'Not taken down. A bucket that still holds files is not deleted: empty it (S3 console, Empty), and run this again.',
  )
