import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as z from 'zod'
import { startLocalDatabase, type LocalDatabase } from '../store/local-database.ts'
import { endOf } from './end.ts'
import { openOffice } from './office.ts'
import { endLine, keptOf, linesBetween, nothingKept } from './recording.ts'
import { type Way, ways } from './ways.ts'

// Records the release of package.json: its definition, what it is made of, and each way as it goes with the functions that are here now.

const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync('package.json', 'utf8')))
const folder = join('test/upgrade', version)

async function record(database: LocalDatabase, way: Way): Promise<string> {
  const office = await openOffice(database)
  const lines: string[] = []
  let before = nothingKept
  const stand = async (act: string, told: boolean): Promise<void> => {
    const after = await keptOf(office)
    lines.push(...linesBetween(before, after, { act, told }))
    before = after
  }
  for (const [act, does] of way) {
    await office.post()
    await does(office)
    await stand(act, false)
    await office.settle()
    await stand(act, true)
  }
  await office.post()
  return [...lines, endLine(await endOf(office)), ''].join('\n')
}

if (existsSync(folder)) {
  process.stderr.write(
    `${folder} is there. A recording stays as it was made: give package.json the next version first.\n`,
  )
  process.exitCode = 1
} else {
  const database = await startLocalDatabase()
  try {
    const recorded = new Map<string, string>()
    for (const [name, way] of Object.entries(ways)) recorded.set(name, await record(database, way))
    mkdirSync(folder)
    for (const path of ['statemachines/budget-cycle.asl.json', 'infra/sbom.cdx.json'])
      copyFileSync(path, join(folder, basename(path)))
    for (const [name, text] of recorded)
      writeFileSync(join(folder, `${name}.jsonl.gz`), gzipSync(text, { level: 9 }))
    process.stdout.write(`${folder}: ${[...recorded.keys()].join(', ')}\n`)
  } finally {
    database.stop()
  }
}
