import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDataFolder } from '../../../local/runtime/data-folder.ts'
import { anyPorts, choosePorts } from '../../../local/runtime/ports.ts'
import { startOptions } from '../../../local/start-options.ts'
import { teller } from '../../../local/story/teller.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

test('npm start alone keeps its data in local-data', () => {
  expect(startOptions([])).toEqual({ data: 'local-data', debugProblems: false })
})

test.each([
  [['--dat', 'x']],
  [['--data']],
  [['--data', '--debug-problems']],
  [['--data', ' ']],
  [['folder']],
])('npm start -- %j is refused with how it is started', (given) => {
  expect(() => startOptions(given)).toThrow(/^[^\n]+ Use npm start -- --data FOLDER/)
})

test.each(['abc', '-1', '65536', '4100.5', '', '0x10'])(
  'a port "%s" is refused by its variable',
  async (text) => {
    await expect(choosePorts({ ...anyPorts, api: undefined } as never, { API_PORT: text })).rejects.toThrow(
      `API_PORT is "${text}", which is no port.`,
    )
  },
)

test.each(['', 'below'])('a file is no data folder, and holds none (%s)', (below) => {
  const file = join(temporaryFolder('file'), 'README.md')
  writeFileSync(file, 'hello')
  expect(() => openDataFolder(join(file, below))).toThrow('is a file, or lies in one. Name a folder')
})

async function toldOf(lively: boolean): Promise<string> {
  let text = ''
  await teller((more) => (text += more), lively).while('Starting', async (name) => {
    name('bundles')
    await Promise.resolve()
  })
  return text.replace(/\d+\.\d s/, 'n s')
}

test('on a terminal a long work is one line that names its steps; elsewhere each step is a line', async () => {
  expect([await toldOf(true), await toldOf(false)]).toEqual([
    '  Starting ... bundles .. done (n s)\n',
    '  Starting ...\n    bundles\n    done (n s)\n',
  ])
})
