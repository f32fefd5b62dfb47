// oxlint-disable-next-line import/no-unassigned-import -- begins the process anew, before the rest is loaded
import './environment-first.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anyPorts } from './runtime/ports.ts'
import { Refused } from './runtime/refused.ts'
import { startStack } from './stack.ts'
import { tellStory } from './story/story.ts'
import { teller } from './story/teller.ts'

// `npm run demo`: both cycles, from an empty folder to posted entries, told as they happen.

const folder = mkdtempSync(join(tmpdir(), 'sage-budget-export-demo-'))
const tell = teller((line) => process.stdout.write(line), process.stdout.isTTY)

async function demo(): Promise<number> {
  const stack = await tell.while('Starting the stack on this machine', () =>
    startStack(folder, { ports: anyPorts }),
  )
  try {
    return await tellStory(stack, tell)
  } finally {
    await stack.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

try {
  const differing = await demo()
  process.exitCode = differing === 0 ? 0 : 1
} catch (error) {
  console.error(error instanceof Refused ? error.message : error)
  process.exitCode = 1
}
// Threads of stopped workers may hold the process for a moment; everything is written.
process.exit()
