import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { runCdk } from './run-cdk.ts'
import { deployCommand, outputsFile } from './stage-commands.ts'

// `npm run deploy -- --stage test --mail-from budgets@customer.example`: see docs/deploy.md.

const exit = await runCdk(
  deployCommand,
  ({ settings }) =>
    `Deploying the stage ${settings.stage}: the stacks data, api, cycle and operations, with the credentials and into the region of your AWS set-up. ${
      settings.keepsData ? 'Its data outlives the stacks.' : 'Its data goes with the stacks.'
    }`,
)
if (exit === 0) {
  const Outputs = z.record(z.string(), z.record(z.string(), z.string()))
  for (const [stack, outputs] of Object.entries(Outputs.parse(JSON.parse(readFileSync(outputsFile, 'utf8')))))
    for (const [name, value] of Object.entries(outputs))
      if (!name.startsWith('ExportsOutput')) console.log(`${stack}  ${name}  ${value}`)
}
