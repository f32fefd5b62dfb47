import { head, key, receipt } from '../test/statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../test/statemachines/cycle/machine.ts'
import { tradeLines } from '../test/store/trade-lines.ts'
import { type Measured, measuredDocument } from '../test/store/write-units.ts'
import type { Measure } from './bar.ts'
import { withCycleOf } from './cycle-of-lines.ts'
import { mailedLink } from './mailed-link.ts'
import { acceptBy, ask, askFor, declarePosted, paula } from './people.ts'

// Write units that one partition takes in a second, whatever the table is set to: bp-partition-key-design in the
// developer guide of DynamoDB.
const unitsASecond = 1000

const lines = tradeLines(1000)
const [first] = lines

async function editLine(machine: CycleMachine): Promise<void> {
  const { sub_job, cost_code, cost_type } = first?.code ?? { sub_job: '', cost_code: '', cost_type: '' }
  const line = { sub_job, cost_code, cost_type, calculation_strategy: 'manual' }
  await ask(machine, paula, {
    method: 'PATCH',
    path: `/projects/${key.project}/budget/line_items`,
    headers: {
      'if-match': `"${String((await head(machine)).revision)}"`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      upserts: [{ ...line, quantity: null, unit_cost: null, original_budget_amount: '47.11' }],
    }),
  })
}

const added = (all: readonly Measured[], what: 'units' | 'by_state'): number =>
  all.reduce((sum, each) => sum + each[what], 0)

const aSecond = (units: number): string =>
  units === 0 ? 'not limited by it' : String(Math.floor(unitsASecond / units))

const row = (what: string, all: readonly Measured[]): readonly string[] => [
  what,
  String(added(all, 'units')),
  aSecond(added(all, 'units')),
  String(added(all, 'by_state')),
  aSecond(added(all, 'by_state')),
]

/** What acts on one budget write, and how often a second DynamoDB's limit of a partition allows them. */
export const oneProject: Measure = async () =>
  await withCycleOf(
    lines,
    (database) => {
      const { document, since } = measuredDocument(database)
      return { database: { ...database, document }, watch: since }
    },
    async (machine, since) => {
      /** Of the act and of all that follows from it until the workflow waits again. */
      const cost = async (act: () => Promise<void>): Promise<Measured> => {
        since()
        await act()
        await machine.settle()
        return since()
      }
      const edited = await cost(async () => await editLine(machine))
      const locked = await cost(async () => await askFor(machine, 'lock'))
      const sent = await cost(async () => await askFor(machine, 'send'))
      const link = await mailedLink(machine)
      since()
      await acceptBy(machine, link)
      const decided = since()
      const rest = await cost(async () => {
        await machine.settle()
        for (const _ of ['original estimates', 'changes']) {
          await receipt(machine)
          await declarePosted(machine)
          await machine.settle()
        }
      })
      if ((await head(machine)).erp !== 'synced') throw new Error('The cycle did not end')
      return [
        {
          heading: 'What one project and one company can take',
          words: [
            `DynamoDB takes ${String(unitsASecond)} write units a second in one partition. All rows of a project lie in one, and in the index by_state those of a company's budgets by their state do.`,
            'So the units of an act say how many of them one project, or all projects of a company, can take in a second before DynamoDB makes them wait; the units of a project count what the act writes elsewhere too (the index, the key of the request, the counter of the day, the person), so the truth is a little better.',
            'A budget of 1,000 lines; edit, lock, send and posted are requests to the API, each under a key of its own, and the accept is the form of the mailed link. A lock and a send count with their steps and waits, the accept alone; mails are not sent.',
          ].join(' '),
          columns: [
            'Act',
            'Write units',
            'A second, one project',
            'Of them in `by_state`',
            'A second, one company (`by_state` alone)',
          ],
          rows: [
            row('one line edited', [edited]),
            row('locked', [locked]),
            row('sent', [sent]),
            row('accepted', [decided]),
            row('a whole cycle of two files, lock to posted', [locked, sent, decided, rest]),
          ],
        },
      ]
    },
  )
