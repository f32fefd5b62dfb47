import { expect } from 'vitest'
import { ledgerPosition } from '../../../shared/cycle/coming-export.ts'
import { entriesOf } from '../../../shared/cycle/export-parts.ts'
import { keyOf } from '../../../shared/domain/budget-code.ts'
import { lineKey } from '../../../shared/domain/line-item.ts'
import { change, command, edit, exporting, head, key, line } from '../../statemachines/cycle/clinic.ts'
import { holds } from '../../statemachines/cycle/invariants.ts'
import type { Tables } from '../../store/memory-database.ts'
import { clinicAndSage, observed } from './clinic-and-sage.ts'
import { dealt, drawsFrom } from './dealt.ts'
import {
  acknowledged,
  type Amounts,
  anyAmount,
  byChange,
  changed,
  codes,
  decisions,
  due,
  edits,
  ends,
  type History,
  moveInSage,
  moves,
  nothingTaken,
  ours,
  revised,
  starts,
  sumOf,
  theRest,
  ways,
} from './kinds-of-cycles.ts'

// A history: cycles of one budget, the real product against the simulator, each of a kind of edit, a way to Sage, an
// end there, and a movement that is not ours. What is expected is told by the lines as this file keeps them, by what
// the simulator answered, and by what was made in Sage; nothing of the product's own reckoning is asked.

const names = (of: Readonly<Record<string, unknown>>): string[] => Object.keys(of)

/** Every kind that a cycle is counted as. */
export const kinds: readonly string[] = [
  'first export',
  'later export',
  ...[starts, edits, decisions, ways, ends, moves].flatMap(names),
]

async function sendEdited(history: History, name: string): Promise<void> {
  const { machine } = history
  let lines = edits[name]!(history)
  // Enough for a file that can be posted in part.
  while (due(history, lines) < 2) lines = changed(history, lines)
  history.lines = lines
  const locked = (await head(machine)).edit === 'locked'
  if (locked && byChange.has(name)) {
    const stored = await machine.store.lines(key, (await head(machine)).manifest)
    for (const [at, { code, changes }] of stored.entries()) {
      const { changes: wanted } = lines.find((each) => lineKey(each) === keyOf(code))!
      // oxlint-disable-next-line no-await-in-loop -- one change after the other
      if (wanted !== changes) await change(machine, at, wanted - changes)
    }
  } else {
    if (locked) await command(machine, 'unlock')
    await edit(machine, lines)
    await command(machine, 'lock')
  }
  await command(machine, 'send')
}

async function cycle(
  history: History,
  number: number,
  seed: number,
  told: (kind: string) => void,
): Promise<void> {
  const { machine } = history
  const [name, decision, way, end, move] = [edits, decisions, ways, ends, moves].map((deck) =>
    dealt(names(deck), seed, number),
  ) as [string, string, string, string, string]
  const before = sums(ours(history))
  history.left = new Map()
  const isFirst = (await ledger(history)).size === 0
  told(isFirst ? 'first export' : 'later export')
  told(name)
  await sendEdited(history, name)
  told(decision)
  await decisions[decision]!(history)
  if (end !== 'returned') {
    told(way)
    await ways[way]!(history)
    if (moves[move]!.when === 'waiting') {
      told(move)
      const sent = new Set(
        (await entriesOf(machine, key, (await exporting(machine)).part)).map(({ code }) => keyOf(code)),
      )
      moveInSage(
        history,
        moves[move]!.kind,
        codes.filter((code) => !sent.has(keyOf(code))),
      )
      await acknowledged(history)
    }
  }
  told(end)
  await ends[end]!(history)
  await theRest(history)
  await history.readBack()
  if (moves[move]!.when === 'never') told(move)
  if (moves[move]!.when === 'after' && !nothingTaken.has(end)) {
    told(move)
    moveInSage(history, moves[move]!.kind, codes)
    await acknowledged(history)
  }
  const budget = history.lines.map(
    (each) => [lineKey(each), revised(each) - (history.left.get(lineKey(each)) ?? 0)] as const,
  )
  await agrees(history, nothingTaken.has(end) ? before : withLeft(history, new Map(budget)))
}

/** Keys that left the budget and whose way back to zero was closed as not taken count too. */
function withLeft({ left }: History, budget: Map<string, number>): Map<string, number> {
  for (const [of, amount] of left) if (!budget.has(of)) budget.set(of, 0 - amount)
  return budget
}

const notZero = (of: ReadonlyMap<string, number>) =>
  Object.fromEntries([...of].filter(([, amount]) => amount !== 0))

const sums = (of: ReadonlyMap<string, Amounts>) =>
  new Map([...of].map(([at, amounts]) => [at, sumOf(amounts)]))

/** What the product holds Sage to have of ours. */
const ledger = async ({ machine }: History): Promise<Map<string, Amounts>> =>
  new Map(
    (await ledgerPosition(machine, key, await head(machine))).map(({ code, original, changes }) => [
      keyOf(code),
      [original, changes],
    ]),
  )

/** In Sage is what this cycle should have left there, per key; and per key and mode Sage shows ours and what others made. */
async function agrees(history: History, inSage: ReadonlyMap<string, number>): Promise<void> {
  const [held, sage] = [await ledger(history), ours(history)]
  expect(notZero(sums(held)), 'in Sage, as the ledger has it').toEqual(notZero(inSage))
  for (const [mode, named] of ['original estimate', 'approved changes'].entries()) {
    const inMode = (of: ReadonlyMap<string, Amounts>) =>
      notZero(new Map([...of].map(([at, each]) => [at, each[mode] ?? 0])))
    expect([named, inMode(held)]).toEqual([named, inMode(sage)])
  }
  expect(await observed(history), 'observed at rest').toBeUndefined()
  await holds(history.machine)
}

/**
 * Plays one history; the kinds that it met. A failure tells the story, cycle by cycle, with what plays it again.
 */
export async function play(
  database: Tables,
  seed: number,
  number: number,
  cycles: number,
): Promise<string[]> {
  const draws = drawsFrom(seed + 7_919 * number)
  const lines = draws
    .shuffled(codes)
    .slice(0, draws.whole(4, 6))
    .map((code) =>
      line(
        code.sub_job,
        code.cost_code,
        code.cost_type,
        anyAmount(draws),
        draws.one([0, 0, anyAmount(draws)]),
      ),
    )
  const both = await clinicAndSage(database, { lines, mayCreate: true })
  const history: History = { ...both, draws, lines, made: new Map(), left: new Map() }
  const story: string[][] = []
  try {
    const start = dealt(names(starts), seed, number)
    story.push([start])
    await starts[start]!(history)
    for (let at = 0; at < cycles; at += 1) {
      const met: string[] = []
      story.push(met)
      // oxlint-disable-next-line no-await-in-loop -- cycles of one budget follow each other
      await cycle(history, number * cycles + at, seed, (kind) => met.push(kind))
    }
  } catch (error) {
    const told = story.map((met, at) => `${String(at)}. ${met.join('; ')}`).join('\n')
    throw new Error(`SEED=${String(seed)}, history ${String(number + 1)}:\n${told}\n${String(error)}`, {
      cause: error,
    })
  }
  return story.flat()
}
