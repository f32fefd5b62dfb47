import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { handOverCycles, putBack } from '../../../local/restored-table.ts'
import { type Delivery, deliverPart } from '../../../functions/sage-connector/agent/deliver-part.ts'
import { openDeliveryLedger } from '../../../functions/sage-connector/agent/delivery-ledger.ts'
import type { Day } from '../../../shared/domain/ids.ts'
import { createRows } from '../../../shared/store/rows.ts'
import { insideOf } from '../../functions/agent/inside-api.ts'
import {
  accept,
  change,
  clinicLines,
  close,
  command,
  exporting,
  head,
  key,
} from '../../statemachines/cycle/clinic.ts'
import { holds } from '../../statemachines/cycle/invariants.ts'
import { machineArn } from '../../statemachines/cycle/machine.ts'
import { useLocalDatabase } from '../../store/use-local.ts'
import { killAtTheEnd, runScript } from '../../local/stack/program.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { type ClinicAndSage, clinicAndSage, importAndPost, inSageNow } from './clinic-and-sage.ts'

// docs/restore.md, step by step: the table goes back to a moment; executions, queue, bucket, the agent's folder and Sage
// do not.

const database = useLocalDatabase()
killAtTheEnd()

interface Site extends ClinicAndSage {
  /** Copies the table, as a restore to this moment does; answers the copy's name. */
  moment(): Promise<string>
  /** The agent carries out every message since it was last asked. */
  agentServes(): Promise<string[]>
  /** Names of the files in the agent's folder. */
  files(): string[]
  /** Somebody moves the files away after their import. */
  putAway(): void
  /** Steps 1 to 4 of the page. */
  restore(copy: string): Promise<void>
}

async function site(): Promise<Site> {
  const both = await clinicAndSage(database())
  const { machine } = both
  const { document } = database()
  const folder = temporaryFolder('restored')
  const elsewhere = temporaryFolder('imported')
  const delivery: Delivery = {
    api: insideOf(machine),
    ledger: openDeliveryLedger(join(folder, 'state', 'deliveries.jsonl')),
    company: key.company,
    sageCompany: 'nw-main',
    folder,
    now: () => machine.clock.now(),
    log: () => {},
  }
  const paths = (): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jce'))
  const inOrder = async (table: string) =>
    (await database().rowsOf(table)).toSorted((a, b) => (a.pk + a.sk < b.pk + b.sk ? -1 : 1))
  let served = 0
  return {
    ...both,
    async moment() {
      const copy = await database().createTable()
      await createRows({ document, table: copy }).putMany(await database().rowsOf(machine.table))
      return copy
    },
    async agentServes() {
      const ended: string[] = []
      for (; served < machine.messages.length; served += 1)
        ended.push(await deliverPart(delivery, JSON.parse(machine.messages[served]!.MessageBody)))
      return ended
    },
    files: () => paths().map((path) => path.split('/').at(-1)!),
    putAway() {
      for (const path of paths()) renameSync(join(folder, path), join(elsewhere, path.split('/').at(-1)!))
    },
    async restore(copy) {
      const { engine } = machine
      for (const { executionArn } of engine.listExecutions({
        stateMachineArn: machineArn,
        statusFilter: 'RUNNING',
      }).executions)
        engine.stopExecution({ executionArn, error: 'Restored' })
      await machine.pass(hour)
      await putBack(document, { from: copy, to: machine.table })
      expect(await inOrder(machine.table)).toEqual(await inOrder(copy))
      const { table, clock } = machine
      await handOverCycles(document, { table, clock, reason: 'The table was restored.' })
      await machine.settle()
    },
  }
}

const hour = 3_600_000
const days = (count: number): number => 24 * count * hour
const verified = { erp: 'synced', confirmed: 'verified' }
const first = '24-1007_clinic-e1_part1_ORIGINAL.jce'
const originals = {
  '03-3000.L': [18_500_000, 0],
  '03-3000.S': [32_500_000, 0],
  'SITE.31-2000.S': [50_000_000, 0],
}

async function sent(): Promise<Site> {
  const made = await site()
  await command(made.machine, 'lock')
  await command(made.machine, 'send')
  return made
}

describe('a budget whose table was restored to before its decision', () => {
  let both: Site
  let copy = ''
  let date: Day

  beforeAll(async () => {
    both = await sent()
    copy = await both.moment()
    await accept(both.machine)
    date = (await exporting(both.machine)).open.entry_date
    await both.agentServes()
    await both.machine.pass(days(2))
  }, 60_000)

  test('decided again as it was, is the file that lies there: nothing is written twice, and it is posted once', async () => {
    await both.restore(copy)
    expect(await head(both.machine)).toMatchObject({ erp: 'sent', export: 0 })
    await accept(both.machine, undefined, date)
    expect([await both.agentServes(), both.files()]).toEqual([['written_before'], [first]])
    await importAndPost(both)
    expect(await head(both.machine)).toMatchObject(verified)
    expect(inSageNow(both)).toEqual(originals)
    await holds(both.machine)
  })

  test('posted in Sage meanwhile, is settled by the next reading, its file not written again', async () => {
    both.putAway()
    await both.restore(copy)
    await accept(both.machine, undefined, date)
    expect([await both.agentServes(), both.files()]).toEqual([['written_before'], []])
    await both.readBack()
    expect(await head(both.machine)).toMatchObject(verified)
    expect(inSageNow(both)).toEqual(originals)
    await holds(both.machine)
  })

  test('decided with another date, is not written either, and closed as taken', async () => {
    await both.restore(copy)
    await accept(both.machine)
    expect([await both.agentServes(), both.files()]).toEqual([['other_content'], []])
    expect(await head(both.machine)).toMatchObject({ erp: 'export_failed' })
    await close(both.machine, { outcome: 'withdrawn' }, ...clinicLines)
    await both.readBack()
    expect(await head(both.machine)).toMatchObject({ erp: 'synced' })
    expect(inSageNow(both)).toEqual(originals)
    await holds(both.machine)
  })
})

describe('a budget whose table was restored to before the receipt of its update', () => {
  let both: Site

  beforeAll(async () => {
    both = await sent()
    await accept(both.machine)
    await both.agentServes()
    await importAndPost(both)
    await change(both.machine, 1, 1_500_000)
    await command(both.machine, 'send')
    await accept(both.machine)
    const copy = await both.moment()
    await both.agentServes()
    await importAndPost(both)
    await both.restore(copy)
  }, 60_000)

  test('hands the same message out, which the agent knows, and is settled by the next reading', async () => {
    expect(await head(both.machine)).toMatchObject({ erp: 'exporting', export: 2 })
    expect(await both.agentServes()).toEqual(['written_before'])
    await both.readBack()
    expect(await head(both.machine)).toMatchObject(verified)
    expect(inSageNow(both)).toEqual({ ...originals, '03-3000.S': [32_500_000, 1_500_000] })
    await holds(both.machine)
  })
})

test('the cycle of a restored budget is none of the forgotten time, whose execution changes nothing once it is redriven', async () => {
  const { machine, ...both } = await site()
  const copy = await both.moment()
  await command(machine, 'lock')
  const { execution: forgotten = '' } = await head(machine)
  await both.restore(copy)
  await command(machine, 'lock')
  const locked = await head(machine)
  machine.engine.redriveExecution({ executionArn: machine.arnOf(forgotten) })
  await machine.settle()
  expect(machine.engine.describeExecution({ executionArn: machine.arnOf(forgotten) })).toMatchObject({
    status: 'FAILED',
    error: 'Broken.Superseded',
  })
  expect(await head(machine)).toEqual(locked)
  expect([locked.edit, machine.status(locked.execution ?? '')]).toEqual(['locked', 'RUNNING'])
  await holds(machine)
}, 60_000)

test('the command puts a copy back under its own name alone, and none that is empty', async () => {
  const { machine } = await site()
  const { table } = machine
  const before = await database().rowsOf(table)
  const given = async (from: string) => {
    const run = runScript('local/put-back.ts', ['--from', from, '--to', table], {
      AWS_ENDPOINT_URL_DYNAMODB: database().endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    })
    return [await run.ended, run.output()]
  }
  expect(await given(await database().createTable())).toEqual([
    1,
    'Name the copy and the table: --from TABLE-before --to TABLE\n',
  ])
  const copy = await database().createTable(`${table}-before`)
  expect(await given(copy)).toEqual([1, `The table ${copy} is empty. Nothing was changed.\n`])
  expect(await database().rowsOf(table)).toEqual(before)
  await createRows({ document: database().document, table: copy }).putMany([before[0]!])
  expect(await given(copy)).toEqual([
    0,
    `${table} is as ${copy}: 0 rows written, ${String(before.length - 1)} deleted, 1 as they were.\nOpen cycles that go on in a new run once functions are on: 0.\n`,
  ])
  expect(await database().rowsOf(table)).toEqual([before[0]])
}, 60_000)
