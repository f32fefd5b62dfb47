import { masterDataFor, sageCompany } from './sage-company.ts'
import { clinic, key } from '../test/statemachines/cycle/clinic.ts'
import { type CycleMachine, cycleMachine } from '../test/statemachines/cycle/machine.ts'
import { type LocalDatabase, startLocalDatabase } from '../test/store/local-database.ts'
import type { Tables } from '../test/store/memory-database.ts'
import type { LineItem } from '../shared/domain/line-item.ts'

/** A database as the cycle shall see it, and what watches it. */
export interface Watched<W> {
  readonly database: LocalDatabase
  readonly watch: W
}

/** The workflow's definition on the strict engine, with a budget of these lines, all of whose codes Sage knows. */
export async function cycleOf(database: Tables, lines: readonly LineItem[]): Promise<CycleMachine> {
  const machine = await cycleMachine(database)
  await clinic(machine, lines)
  const known = masterDataFor(lines, machine.clock.now())
  await machine.companies.putMasterData(key.company, sageCompany.id, known, 'system')
  return machine
}

/** The same on a database of its own; `through` may watch what goes to it. */
export async function withCycleOf<W, T>(
  lines: readonly LineItem[],
  through: (database: LocalDatabase) => Watched<W>,
  work: (machine: CycleMachine, watch: W) => Promise<T>,
): Promise<T> {
  const started = await startLocalDatabase()
  try {
    const { database, watch } = through(started)
    return await work(await cycleOf(database, lines), watch)
  } finally {
    started.stop()
  }
}

export const unwatched = (database: LocalDatabase): Watched<undefined> => ({ database, watch: undefined })
