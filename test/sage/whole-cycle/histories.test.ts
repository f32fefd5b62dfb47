import { expect, test } from 'vitest'
import { runs } from '../../runs.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { kinds, play } from './history.ts'

const database = useMemoryDatabase()

// Another one in every run; SEED=... plays a run again.
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
const [histories, cycles] = [runs(1, 200), runs(4, 10)]

test(
  `after every cycle of a budget Sage has its revised estimate less what was closed, and shows that and what others made, in cents (seed ${String(seed)})`,
  async () => {
    const met = new Map<string, number>(kinds.map((kind) => [kind, 0]))
    for (let number = 0; number < histories; number += 1)
      // oxlint-disable-next-line no-await-in-loop -- one history after the other, as its seed says
      for (const kind of await play(database(), seed, number, cycles)) met.set(kind, (met.get(kind) ?? 0) + 1)
    // A short run is too short for every kind.
    if (!process.env['LONG']) return
    console.info([...met].map(([kind, times]) => `${String(times).padStart(5)} ${kind}`).join('\n'))
    expect(kinds.filter((kind) => met.get(kind) === 0)).toEqual([])
  },
  runs(120_000, 7_200_000),
)
