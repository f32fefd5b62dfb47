import type { Measure } from './bar.ts'
import { withCycleOf } from './cycle-of-lines.ts'
import { askFor } from './people.ts'
import { head } from '../test/statemachines/cycle/clinic.ts'
import { tradeLines } from '../test/store/trade-lines.ts'
import { measuredDocument } from '../test/store/write-units.ts'

const lines = tradeLines(50_000)

/** Write units from the command to the wait for what comes next, both budgets alike but for their lines. */
async function unitsOfLock(count: number): Promise<number> {
  return await withCycleOf(
    lines.slice(0, count),
    (database) => {
      const { document, since } = measuredDocument(database)
      return { database: { ...database, document }, watch: since }
    },
    async (machine, since) => {
      since()
      await askFor(machine, 'lock')
      await machine.settle()
      const { units } = since()
      const { execution = '', edit } = await head(machine)
      if (edit !== 'locked' || machine.standsIn(execution) !== 'Wait to be sent')
        throw new Error('The budget was not locked')
      return units
    },
  )
}

export const lockWrites: Measure = async () => {
  const many = await unitsOfLock(lines.length)
  const few = await unitsOfLock(100)
  return [
    {
      bar: 'lock: command, step, wait and relay, 50,000 / 100 lines',
      unit: 'times',
      at_most: 1,
      figure: many / few,
      of: `${String(many)} / ${String(few)} write units`,
    },
    {
      bar: 'lock of 50,000 lines: command, step, wait and relay',
      unit: 'write units',
      at_most: 30,
      figure: many,
      of: 'counted by the database, indexes and transactions included',
    },
  ]
}
