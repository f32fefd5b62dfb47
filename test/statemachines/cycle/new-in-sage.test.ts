import { expect, test } from 'vitest'
import { comingExport, jobIsNew } from '../../../shared/cycle/coming-export.ts'
import { cents } from '../../../shared/domain/cents.ts'
import type { ExportPart } from '../../../shared/domain/export.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { clinicOn } from './carried.ts'
import {
  accept,
  amounts,
  approval,
  changedLines,
  clinic,
  clinicLines,
  command,
  exporting,
  failure,
  head,
  key,
  masterData,
  receipt,
  rejectSome,
  retry,
  sageId,
  sageSettings,
  totals,
} from './clinic.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'

const database = useMemoryDatabase()
const categories = ['L', 'M', 'S', 'E', 'O']
const noJob = { job: false, extra: true }
const noExtra = { job: true, extra: false }

/** A budget with the approver, in a company that lets jobs and extras be created; `knows` is what Sage has of them. */
async function sentWith(
  machine: CycleMachine,
  knows: { job: boolean; extra: boolean },
  before?: { read: boolean },
  lines = clinicLines,
): Promise<void> {
  await clinic(machine, lines, before)
  await sageSettings(machine, { jobs_may_be_created: true, extras_may_be_created: true })
  await masterData(machine, categories, knows)
  await command(machine, 'lock')
  await command(machine, 'send')
}

/** Records of the file that is due, as a person would read them. */
const records = async (machine: CycleMachine) => await recordsOf(machine, (await exporting(machine)).part)

async function recordsOf(machine: CycleMachine, part: ExportPart): Promise<string[]> {
  const bytes = await machine.objects.getFile(part.file_key, part.file_sha256)
  return Buffer.from(bytes).toString('latin1').split('\r\n')
}

const jobAlone = '"*","24-1007"'
const newJob = '"*","24-1007","Riverside Clinic"'
const newExtra = '"E","SITE","SITE"'
const listHaving = (...each: readonly string[]): unknown => expect.arrayContaining([...each])

test('a new job is created by the first file, once ticked, and a retry sends the same bytes', async () => {
  const machine = await cycleMachine(database())
  await sentWith(machine, noJob)
  expect((await approval(machine)).ticks).toContain('create_job')
  await accept(machine)
  expect((await exporting(machine)).open).toMatchObject({ create_job: true })
  const before = await records(machine)
  expect(before).toContain(newJob)
  await failure(machine)
  await masterData(machine)
  await retry(machine)
  expect(await records(machine)).toEqual(before)
  await receipt(machine)
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await holds(machine)
})

test('a new job, of which nothing was read, begins with nothing in Sage as of its lists, and its file is verified', async () => {
  const machine = await cycleMachine(database())
  await sentWith(machine, noJob, { read: false })
  const lists = await machine.companies.masterData(key.company, sageId)
  await machine.pass(60_000)
  await accept(machine)
  const { baseline } = (await exporting(machine)).part
  expect(await machine.objects.getJson(key.company, baseline!)).toEqual({
    job: '24-1007',
    as_of: lists?.data.as_of,
    totals: [],
  })
  await receipt(machine)
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test.each([
  ['whose totals were read', { job: true, extra: true }, true, []],
  ['of which nothing was read', { job: true, extra: true }, false, ['job_has_no_estimate']],
  ['that is new', noJob, false, ['create_job']],
])('the first accept for a job %s asks for these ticks', async (_, knows, wasRead, more) => {
  const machine = await cycleMachine(database())
  await sentWith(machine, knows, { read: wasRead })
  expect((await approval(machine)).ticks).toEqual(['import_from_sage_closes', ...more])
})

test('a new job is created by the first file, and the second does not set it up again', async () => {
  const machine = await cycleMachine(database())
  await sentWith(machine, noJob, { read: true }, changedLines)
  await accept(machine)
  const { parts } = await exporting(machine)
  const files = await Promise.all(parts.map(async (part) => await recordsOf(machine, part)))
  const jobs = files.map((file) => file.filter((record) => record.startsWith('"*"')))
  expect(jobs).toEqual([[newJob], [jobAlone]])
})

test('a new extra is announced before its first line, and a retry sends the same bytes', async () => {
  const machine = await cycleMachine(database())
  await sentWith(machine, noExtra)
  await accept(machine)
  const before = await records(machine)
  expect(before).toContain(jobAlone)
  expect(before[before.indexOf(newExtra) + 1]).toMatch(/^"C","31-2000","Earthwork","S".*"SITE"$/)
  await failure(machine)
  await retry(machine)
  expect(await records(machine)).toEqual(before)
  await holds(machine)
})

test('a correction announces again what Sage rejected with its lines, and nothing that it took', async () => {
  const machine = await cycleMachine(database())
  await sentWith(machine, { job: false, extra: false })
  await accept(machine)
  await receipt(machine)
  await rejectSome(machine, clinicLines[2]!)
  expect(await records(machine)).toEqual(listHaving(jobAlone, newExtra))
  await receipt(machine)
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await holds(machine)
})

test('an extra that only a file not queued yet holds besides is announced again by the correction', async () => {
  const machine = await cycleMachine(database())
  const [labor, concrete, earthwork] = clinicLines
  const changed = { ...earthwork!, changes: cents(1_500_000) }
  await sentWith(machine, noExtra, { read: true }, [labor!, concrete!, changed])
  await accept(machine)
  await receipt(machine)
  await rejectSome(machine, changed)
  expect(await records(machine)).toEqual(listHaving(newExtra))
})

test('a correction of a file that Sage rejected whole announces the job again', async () => {
  const machine = await cycleMachine(database())
  await sentWith(machine, { job: false, extra: false })
  await accept(machine)
  await receipt(machine)
  await rejectSome(machine, ...clinicLines)
  expect(await records(machine)).toEqual(listHaving(newJob, newExtra))
  await receipt(machine)
  // By now Sage's lists know both.
  await masterData(machine)
  await rejectSome(machine, clinicLines[2]!)
  const again = await records(machine)
  expect([again.includes(jobAlone), again.includes(newExtra)]).toEqual([true, false])
  await holds(machine)
})

test('a new job goes with its address, and a new extra with its description, where the project has them', async () => {
  const machine = await clinicOn(database())
  await sageSettings(machine, { jobs_may_be_created: true, extras_may_be_created: true })
  await masterData(machine, categories, { job: false, extra: false })
  const [before, project] = [await head(machine), await machine.store.project(key)]
  await machine.store.commit(key, before, {
    head: before,
    history: [{ event: 'project_changed', by: 'system', detail: { before: null, after: null } }],
    project: {
      ...project!,
      address: { street: '1200 River Rd', city: 'Tacoma', state: 'WA', zip: '98402' },
      sub_jobs: [{ sub_job: 'SITE', description: 'Site package' }],
    },
  })
  await command(machine, 'lock')
  await command(machine, 'send')
  await accept(machine)
  expect(await records(machine)).toEqual(
    listHaving(
      '"*","24-1007","Riverside Clinic","","1200 River Rd","Tacoma","WA","98402"',
      '"E","SITE","Site package"',
    ),
  )
})

test('a job is called new only where its number, its Sage company and the lists of that are known', async () => {
  const machine = await cycleMachine(database())
  await sentWith(machine, noJob)
  const coming = await comingExport(machine, key, await head(machine))
  const unlinked = { ...coming.project!, job: undefined }
  const less = [{ project: undefined }, { project: unlinked }, { sage: undefined }, { master: undefined }]
  expect(jobIsNew(coming)).toBe(true)
  for (const without of less) expect(jobIsNew({ ...coming, ...without })).toBe(false)
})

test('a job that left Sage’s lists after the send is not created without the tick', async () => {
  const machine = await cycleMachine(database())
  await sentWith(machine, { job: true, extra: true })
  await masterData(machine, categories, noJob)
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'export_failed', export: 0 })
  expect(await machine.store.lastCommand(key)).toMatchObject({ outcome: 'refused', code: 'TICK_MISSING' })
  expect(machine.messages).toHaveLength(0)
  await masterData(machine)
  await retry(machine)
  expect(await records(machine)).toContain(jobAlone)
  await holds(machine)
})

test('a job that accounting made before a retry is not created again', async () => {
  const machine = await cycleMachine(database())
  await sentWith(machine, noJob)
  await masterData(machine, ['L'], noJob)
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'export_failed', export: 0 })
  await masterData(machine)
  await retry(machine)
  expect((await exporting(machine)).open).toMatchObject({ create_job: false })
  expect(await records(machine)).toContain(jobAlone)
  await holds(machine)
})
