import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

test('a program is started anew once, in place, with its arguments and its own variables', async () => {
  const module = join(import.meta.dirname, '../../../local/runtime/process-environment.ts')
  const program = `
    import { withProcessEnvironment } from ${JSON.stringify(module)}
    console.log('start')
    withProcessEnvironment()
    console.log(process.pid, process.env.MALLOC_ARENA_MAX, process.env.OWN, ...process.argv.slice(1))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, 'a', 'b c'], {
    env: { OWN: 'mine' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  expect(await text(child.stdout)).toBe(`start\nstart\n${String(child.pid)} 2 mine a b c\n`)
})
