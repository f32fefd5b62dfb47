import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anyPorts } from '../runtime/ports.ts'
import { startStack } from '../stack.ts'
import { tellStory } from './story.ts'
import { teller } from './teller.ts'

const folder = mkdtempSync(join(tmpdir(), 'sage-budget-export-demo-'))
const tell = teller((line) => process.stdout.write(line), process.stdout.isTTY)

/** Both cycles, told as they happen; answers how many figures differ in Sage. */
export async function demo(): Promise<number> {
  const stack = await tell.while('Starting the stack on this machine', (onStep) =>
    startStack(folder, { ports: anyPorts, onStep }),
  )
  try {
    const differing = await tellStory(stack, tell)
    if (differing === 0) {
      tell.chapter('Done')
      tell.say('Both cycles reached Sage to the cent. Now try it by hand: npm start')
    }
    return differing
  } finally {
    await stack.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
