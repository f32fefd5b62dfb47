import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { refuse, typed, whole } from '../command-line.ts'
import { type Defect, defects } from './defects.ts'

const usage = `npm run simulate:defects -- [--seed 1] [--only "words of its name"]

Puts each of the defects of test/model/simulation/defects.ts into a copy of the product and has the simulation look for
it. One that is not found in five minutes is a hole in the invariants, and ends this with an error.`

const words = typed(usage, ['seed', 'only'])
const firstSeed = String(whole('seed', words.seed, 1, 0))
const wanted = defects.filter(({ name }) => name.includes(words.only ?? ''))
if (wanted.length === 0)
  refuse(
    `There is no defect "${words.only ?? ''}"; there are:\n${defects.map(({ name }) => `  ${name}`).join('\n')}`,
  )

/** How the simulation begins to tell of a violation. */
const told = /^VIOLATED.*$/m

/** What the simulation says of the product with the defect; undefined where it found nothing. */
async function found({ file, from, to }: Defect): Promise<string | undefined> {
  const copy = mkdtempSync(join(tmpdir(), 'defect-'))
  try {
    for (const name of ['functions', 'infra', 'local', 'shared', 'statemachines', 'test', 'package.json'])
      cpSync(name, join(copy, name), { recursive: true })
    symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))
    const path = join(copy, file)
    const code = readFileSync(path, 'utf8')
    if (!code.includes(from)) throw new Error(`${file} does not hold: ${from}`)
    writeFileSync(path, code.replace(from, to))
    const args = ['test/model/simulation/simulate.ts', '--histories', '20000', '--seed', firstSeed]
    const child = spawn(process.execPath, args, {
      cwd: copy,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 300_000,
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        said += bytes.toString()
        // It would go on to look for a shorter story.
        if (told.test(said)) child.kill()
      })
    await once(child, 'close')
    const violation = told.exec(said)?.[0]
    if (violation === undefined) console.log(said.split('\n').slice(-8).join('\n'))
    return violation
  } finally {
    rmSync(copy, { recursive: true })
  }
}

let missed = 0
for (const defect of wanted) {
  const begun = performance.now()
  // oxlint-disable-next-line no-await-in-loop -- each takes all processors
  const violation = await found(defect)
  const seconds = Math.round((performance.now() - begun) / 1000)
  if (violation === undefined) missed += 1
  console.log(
    `${violation === undefined ? 'NOT FOUND' : 'found'} in ${String(seconds)} s: ${defect.name}\n  ${violation ?? ''}`,
  )
}
process.exitCode = missed === 0 ? 0 : 1
