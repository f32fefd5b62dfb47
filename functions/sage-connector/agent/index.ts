import { queueClient } from '../../../shared/aws.ts'
import { startAgent } from './agent.ts'
import { asLines, checkAgent } from './check.ts'
import { NotConfigured, readConfiguration } from './configuration.ts'
import { FileFault } from './file-fault.ts'
import { AnotherRuns } from './lease.ts'

// `node index.cjs agent.json`, as a service or a scheduled task at start-up; `node index.cjs check agent.json` tries
// everything that it needs, and says what to do.
async function run(args: readonly string[]): Promise<void> {
  const [first = 'agent.json', second = 'agent.json'] = args
  if (first !== 'check') {
    await startAgent(readConfiguration(first))
    return
  }
  const configuration = readConfiguration(second)
  const checked = await checkAgent(configuration, { queue: queueClient(), now: () => new Date() })
  console.log(asLines(checked))
  process.exitCode = checked.some(({ state }) => state === 'bad') ? 1 : 0
}

// Not awaited at the top level, which a CommonJS bundle does not know.
void run(process.argv.slice(2)).catch((error: unknown) => {
  const isSaid = error instanceof NotConfigured || error instanceof AnotherRuns || error instanceof FileFault
  if (!isSaid) throw error
  console.error(error.message)
  process.exitCode = 1
})
