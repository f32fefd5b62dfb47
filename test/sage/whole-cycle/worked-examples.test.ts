import { beforeAll, expect, test } from 'vitest'
import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { head, line } from '../../statemachines/cycle/clinic.ts'
import { changes, linesOf, originals } from '../writer/clinic.ts'
import { writeEstimateFile } from '../../../shared/sage/estimate-file.ts'
import {
  type ClinicAndSage,
  clinicAndSage,
  importAndPost,
  inSageNow,
  observed,
  records,
  send,
  sendAs,
} from './clinic-and-sage.ts'

// The worked examples (a) and (b) of the research, 1.5 and 1.6, from a budget to the totals that Sage shows. Only the
// comment line and the entry date are the export's own.

const database = useMemoryDatabase()

const first = [
  line('', '03-3000', 'L', 185_000_00),
  line('', '03-3000', 'M', 240_000_00),
  line('', '03-3000', 'S', 325_000_00),
  line('001', '31-2000', 'S', 500_000_00),
]
const second = [
  ...first.slice(0, 2),
  line('', '03-3000', 'S', 325_000_00, 15_000_00),
  line('001', '31-2000', 'S', 500_000_00, -15_000_00),
  line('', '09-9000', 'S', 42_000_00),
]

const project = {
  address: { street: '1200 River Rd', city: 'Tacoma', state: 'WA', zip: '98402' },
  sub_jobs: [{ sub_job: '001', description: 'Site package' }],
}

interface Posted {
  readonly file: readonly string[]
  readonly totals: ReturnType<typeof inSageNow>
  readonly head: BudgetHead
}

let both: ClinicAndSage
let a: Posted
let b: Posted

/** What stood in the file that is due, and what Sage and the product show once it is posted. */
async function posted(): Promise<Posted> {
  const file = await records(both)
  await importAndPost(both)
  return { file, totals: inSageNow(both), head: await head(both.machine) }
}

beforeAll(async () => {
  both = await clinicAndSage(database(), { lines: first, jobInSage: false, project })
  await send(both)
  a = await posted()
  await sendAs(both, second)
  b = await posted()
}, 60_000)

/** Records of an example as typed, with the entry date of the export. */
const typed = (example: typeof originals): string[] =>
  linesOf(writeEstimateFile(example).bytes)
    .slice(1)
    .map((record) => record.replace(/,\d{8},/, ',01052026,'))

test('the original estimates travel as example (a) has them', () => {
  expect(a.file).toEqual(typed(originals))
})

test('the approved changes travel as example (b) has them', () => {
  expect(b.file).toEqual(typed(changes))
})

test('Sage shows exactly example (a) once it is posted, and the budget is settled by that', () => {
  expect(a.head).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  expect(a.totals).toEqual({
    '03-3000.L': [185_000_00, 0],
    '03-3000.M': [240_000_00, 0],
    '03-3000.S': [325_000_00, 0],
    '001.31-2000.S': [500_000_00, 0],
  })
})

test('Sage shows exactly example (b) on top of it: original 325,000.00, changes 15,000.00', async () => {
  expect(b.head).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  expect(b.totals).toEqual({
    '03-3000.L': [185_000_00, 0],
    '03-3000.M': [240_000_00, 0],
    '03-3000.S': [325_000_00, 15_000_00],
    '001.31-2000.S': [500_000_00, -15_000_00],
    '09-9000.S': [0, 42_000_00],
  })
  expect(await observed(both)).toBeUndefined()
})
