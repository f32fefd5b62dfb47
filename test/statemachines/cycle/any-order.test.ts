import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refused } from '../../../shared/domain/refusal.ts'
import { runs } from '../../runs.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn } from './carried.ts'
import {
  amounts,
  changedLines,
  clinicLines,
  close,
  closed,
  declared,
  head,
  key,
  read,
  received,
  rejected,
  stopped,
} from './clinic.ts'
import { holds } from './invariants.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()
const [labor, concrete, earthwork] = changedLines as [
  (typeof clinicLines)[0],
  (typeof clinicLines)[0],
  (typeof clinicLines)[0],
]

type Act = (machine: CycleMachine) => Promise<unknown>

/** What persons and connectors may say of a file, in any order, whether the workflow was told of the last or not. */
const acts: Readonly<Record<string, Act>> = {
  'the workflow catches up': async (machine) => await machine.settle(),
  'the file is delivered': received,
  'a line is rejected': async (machine) => await rejected(machine, concrete),
  'the import is said to be stopped': async (machine) => await stopped(machine),
  'the file is said to be posted': declared,
  'the export is closed as taken': async (machine) => await closed(machine, { outcome: 'taken' }),
  'the export is closed as withdrawn, but for a line': async (machine) =>
    await closed(machine, { outcome: 'withdrawn' }, labor),
  'Sage shows nothing': async (machine) => await read(machine, []),
  'Sage shows all but a line': async (machine) => await read(machine, amounts([labor, earthwork])),
  'Sage shows the originals': async (machine) => await read(machine, amounts(changedLines)),
  'Sage shows the originals twice': async (machine) => await read(machine, amounts(changedLines, 2)),
  'Sage shows everything': async (machine) => await read(machine, amounts(changedLines, 1, true)),
}

/** Does it, unless it is refused or no export is open any more. */
async function attempt(machine: CycleMachine, act: Act): Promise<void> {
  if ((await head(machine)).open_export === undefined) return
  try {
    await act(machine)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
  }
}

test(
  'reports and readings in any order, told at once or late, settle what was posted or closed and nothing else',
  async () => {
    const drawn = fc.array(fc.constantFrom(...Object.keys(acts)), { minLength: 3, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.boolean(), drawn, async (two, names) => {
        const machine = await exportedOn(database(), two ? changedLines : clinicLines)
        const { execution = '' } = await head(machine)
        for (const name of names) await attempt(machine, acts[name]!)
        await machine.settle()
        await attempt(machine, async () => await close(machine, { outcome: 'taken' }))
        expect(machine.status(execution)).not.toBe('FAILED')
        const { settled_as } = (await machine.store.export(key, 1)) ?? {}
        for (const part of await machine.store.parts(key, 1))
          expect([part.part, part.posted !== undefined || settled_as !== 'synced']).toEqual([part.part, true])
        await holds(machine)
      }),
      { numRuns: runs(2, 100) },
    )
  },
  runs(120_000, 1_800_000),
)
