import { masterDataFor, sageCompany } from './sage-company.ts'
import { clinic, key } from '../test/statemachines/cycle/clinic.ts'
import { type CycleMachine, cycleMachine } from '../test/statemachines/cycle/machine.ts'
import { type LocalDatabase, startLocalDatabase } from '../test/store/local-database.ts'
import type { LineItem } from '../shared/domain/line-item.ts'

/** The workflow's definition on the strict engine, with a budget of these lines; `through` may watch what goes to the database. */
export async function withCycleOf<T>(
  lines: readonly LineItem[],
  through: (database: LocalDatabase) => LocalDatabase,
  work: (machine: CycleMachine) => Promise<T>,
): Promise<T> {
  const database = await startLocalDatabase()
  try {
    const machine = await cycleMachine(through(database))
    await clinic(machine, lines)
    const known = masterDataFor(lines, machine.clock.now())
    await machine.companies.putMasterData(key.company, sageCompany.id, known, 'system')
    return await work(machine)
  } finally {
    database.stop()
  }
}

export const plainly = (database: LocalDatabase): LocalDatabase => database
