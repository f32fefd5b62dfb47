import type { Tables } from '../../store/memory-database.ts'
import { clinic, exported, sent } from './clinic.ts'
import { type CycleMachine, cycleMachine, type Kept } from './machine.ts'

/** A way that is gone once by each worker: every later machine goes on from what was kept at its end. */
const way = <How extends readonly unknown[]>(go: (machine: CycleMachine, ...how: How) => Promise<void>) => {
  const kept = new Map<string, Kept>()
  return async (database: Tables, ...how: How): Promise<CycleMachine> => {
    const name = JSON.stringify(how)
    const before = kept.get(name)
    if (before) return await cycleMachine(database, before)
    const machine = await cycleMachine(database)
    await go(machine, ...how)
    kept.set(name, await machine.kept())
    return machine
  }
}

export const clinicOn = way(clinic)
export const sentOn = way(sent)
export const exportedOn = way(exported)
