import { expect, test } from 'vitest'
import { readBudgetCsv } from '../../shared/budget-files/csv-in.ts'
import { granted } from '../given.ts'

const row = (n: number): string =>
  `,${String(Math.floor(n / 1_000)).padStart(2, '0')}-${String(n % 1_000).padStart(4, '0')},S,"Slab, ""wet"" ${String(n)}",no,${String(n % 97)},CY,125.5,`

const fileOf = (lines: number): Uint8Array =>
  Buffer.from(
    [
      'Sub Job,Cost Code,Cost Type,Description,Manual Calculation,Unit Qty,UOM,Unit Cost,Budget Amount',
      ...Array.from({ length: lines }, (_, n) => row(n)),
    ].join('\r\n'),
  )

/** Milliseconds of processor time, the best of three: other work on the machine counts little. */
function timeToRead(file: Uint8Array): number {
  const times = [1, 2, 3].map(() => {
    const begin = process.cpuUsage()
    granted(readBudgetCsv(file))
    const { user, system } = process.cpuUsage(begin)
    return (user + system) / 1_000
  })
  return Math.min(...times)
}

test('fifty thousand lines are read within five seconds, in time linear to their number', () => {
  const small = timeToRead(fileOf(10_000))
  const large = timeToRead(fileOf(50_000))
  expect(large).toBeLessThan(5_000)
  expect(large / small).toBeLessThan(10)
})
