import type { Measure } from './bar.ts'
import { withCycleOf } from './cycle-of-lines.ts'
import { mailedLink } from './mailed-link.ts'
import { acceptBy } from './people.ts'
import { type Recorded, recordCalls } from './recorded-calls.ts'
import { approval, clinicLines, command, head } from '../test/statemachines/cycle/clinic.ts'

/** An approver accepts from the mailed link; all calls of the function until its answer. */
export const decisionCalls: Measure = async () => {
  return await withCycleOf(
    clinicLines,
    (database) => ({ database, watch: recordCalls(database.document) }),
    async (machine, record) => {
      await command(machine, 'lock')
      await command(machine, 'send')
      const link = await mailedLink(machine)
      const recorded = await record(async () => {
        await acceptBy(machine, link)
      })
      const { outcome } = await approval(machine)
      if (outcome !== 'accepted' || (await head(machine)).signal === 0) throw new Error('Nothing was decided')
      return figures(recorded)
    },
  )
}

const figures = ({ names, rounds }: Recorded): Awaited<ReturnType<Measure>> => [
  {
    bar: 'AWS calls before a decision is answered',
    unit: 'calls',
    at_most: 3,
    figure: names.length,
    of: `${names.join(', ')}; ${String(rounds)} of them one after the other`,
  },
]
