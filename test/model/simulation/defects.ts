import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

// `npm run simulate:defects [-- --seed 1]`: puts each of these defects into a copy of the product and has the simulation
// look for it. One that it does not find in five minutes is a hole in the invariants, and ends this with an error.

interface Defect {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
}

const defects: readonly Defect[] = [
  {
    name: 'a condition is dropped: whoever writes last wins',
    file: 'shared/store/commit.ts',
    from: "expression: '#sequence = :before'",
    to: "expression: 'attribute_exists(pk) OR #sequence = :before'",
  },
  {
    name: 'a step that was done is done again',
    file: 'shared/cycle/carry-out.ts',
    from: 'if (done?.execution === task.execution && done.step === task.step) return { answer: done.output }',
    to: '',
  },
  {
    name: 'a row counts as delivered before it is',
    file: 'functions/relay/index.ts',
    from: 'const delivery = await deliver(outside, row)\n    await outbox.delivered(row)',
    to: 'await outbox.delivered(row)\n    const delivery = await deliver(outside, row)',
  },
  {
    name: 'the signal number is not checked when a wait is stored',
    file: 'shared/store/put-wait.ts',
    from: "expression: '#signal = :signal AND #execution = :execution'",
    to: "expression: '#signal <= :signal OR #signal >= :signal OR #execution = :execution'",
  },
  {
    name: 'a retrieve forgets the approval and its links',
    file: 'functions/api/commands.ts',
    from: 'approvals: [ended] }',
    to: 'approvals: [{ ...ended, outcome: undefined }] }',
  },
  {
    name: 'the order of the queue is trusted',
    file: 'functions/sage-connector/gateway/hand-over.ts',
    from: 'open.id !== message.exportId || open.attempt !== message.attempt || asked.part !== part.part',
    to: 'false',
  },
  {
    name: 'an approval is signed with the version before',
    file: 'functions/cycle/send-to-erp.ts',
    from: 'version_hash: manifest,',
    to: 'version_hash: last?.hash ?? manifest,',
  },
  {
    name: 'a retry makes another export',
    file: 'functions/cycle/export-budget.ts',
    from: 'if (head.open_export === undefined) return await prepare(dependencies, standing)',
    to: "if (head.open_export === undefined || head.erp === 'export_failed') return await prepare(dependencies, standing)",
  },
  {
    name: 'the original is sent twice',
    file: 'shared/domain/ledger.ts',
    from: 'position === undefined || position.length === 0',
    to: 'position === undefined || position.length >= 0',
  },
  {
    name: 'amounts are rounded twice',
    file: 'shared/sage/estimate-file.ts',
    from: '  return formatCents(cents)',
    to: '  return formatCents((Math.round(cents / 10) * 10) as Cents)',
  },
]

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' } } })

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
    const args = ['test/model/simulation/simulate.ts', '--histories', '2000', '--seed', values.seed]
    const child = spawn(process.execPath, args, {
      cwd: copy,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 300_000,
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        said += bytes.toString()
      })
    await once(child, 'close')
    return /^(?:VIOLATED|.*Seed \d+ broke).*/m.exec(said)?.[0]
  } finally {
    rmSync(copy, { recursive: true })
  }
}

let missed = 0
for (const defect of defects) {
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
