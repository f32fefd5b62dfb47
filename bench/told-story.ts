import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withProcessEnvironment } from '../local/runtime/process-environment.ts'

// The demo's cycles in a process that stays when they are over, so that its memory can be looked at.

// Begins the process anew, as `npm run demo` does, before the rest is loaded.
withProcessEnvironment()
const [{ startStack }, { tellStory }, { teller }] = await Promise.all([
  import('../local/stack.ts'),
  import('../local/story/story.ts'),
  import('../local/story/teller.ts'),
])

const folder = mkdtempSync(join(tmpdir(), 'bench-story-'))
const stack = await startStack(folder)
process.once('SIGTERM', () => {
  void stack.stop().then(() => {
    rmSync(folder, { recursive: true, force: true })
    process.exit(0)
  })
})
const silent = teller(() => true, false)
const differing = await tellStory(stack, silent)
console.log(differing === 0 ? 'The story is told' : `The story differs in ${String(differing)} places`)
