import * as fc from 'fast-check'
import { bob, mia } from '../../functions/api/acme.ts'
import { type Asked, command, type Done, onTheWay } from './command.ts'
import { keyOf, type PlainBudget } from './plain-budget.ts'

/** A command that a step of the workflow carries out at once: two rows of history, and no revision. */
export function carriedOut(plain: PlainBudget, name: 'lock' | 'unlock'): Done {
  plain.wrote(0, 2)
  plain.lastCommand = { command: name, outcome: 'done' }
  return { status: 202, wrote: true, says: { command: name, outcome: 'pending' } }
}

export const asked = { method: 'POST', ifMatch: 'optional', key: 'required' } as const

export const askToLock = (plain: PlainBudget, interrupted: boolean): Asked => ({
  ...asked,
  name: 'lock',
  as: mia,
  path: '/budget/lock',
  steps: ['lockBudget'],
  interrupted,
  decide(stale) {
    if (stale !== undefined) return stale
    if (plain.locked) return 'BUDGET_LOCKED'
    if (plain.lines.size === 0) return 'NO_LINES'
    plain.locked = true
    plain.addVersion('lock')
    return carriedOut(plain, 'lock')
  },
})

export const askToUnlock = (plain: PlainBudget, interrupted: boolean): Asked => ({
  ...asked,
  name: 'unlock',
  as: bob,
  path: '/budget/unlock',
  steps: ['unlockBudget'],
  interrupted,
  decide(stale) {
    if (stale !== undefined) return stale
    if (!plain.locked) return 'BUDGET_NOT_LOCKED'
    plain.locked = false
    return carriedOut(plain, 'unlock')
  },
})

/** Mostly the one that cannot be done: on their way, other commands do the one that can. */
export const turnLock = command(
  'turn the lock',
  fc.record({ wrong: fc.constantFrom(true, true, false), interrupted: fc.boolean() }),
  (plain, { wrong, interrupted }) =>
    plain.locked !== wrong ? askToUnlock(plain, interrupted) : askToLock(plain, interrupted),
)

const largestEntry = 9_999_999_999n
const tooLarge = (cents: bigint): boolean => cents > largestEntry || cents < -largestEntry

/** Amounts of each file of the next export: originals and changes apart in the first, differences later. */
function comingFiles(plain: PlainBudget): bigint[][] {
  const files =
    plain.inSage.size > 0
      ? [plain.due().map(({ cents }) => cents)]
      : [
          [...plain.lines.values()].map(({ original }) => original),
          [...plain.lines.keys()].map((key) => plain.changesOn(key)),
        ]
  return files.map((cents) => cents.filter((each) => each !== 0n)).filter((cents) => cents.length > 0)
}

function takeIntoSage(plain: PlainBudget): void {
  const first = plain.inSage.size === 0
  const shown = JSON.stringify(plain.shownLines())
  if (JSON.stringify(plain.versions.at(-1)?.shown) !== shown) plain.addVersion('send')
  const moved = new Set(plain.due().map(({ code }) => keyOf(code)))
  // In a first export an original and a change that cancel each other are entries all the same.
  if (first)
    for (const [key, { original }] of plain.lines)
      if (original !== 0n || plain.changesOn(key) !== 0n) moved.add(key)
  plain.exports.push({ version: plain.versions.length, keys: moved })
  for (const [key, { code }] of plain.inSage) plain.inSage.set(key, { code, cents: 0n })
  for (const [key, { code, original }] of plain.lines)
    if (moved.has(key) || plain.inSage.has(key))
      plain.inSage.set(key, { code, cents: original + plain.changesOn(key) })
}

/** The whole way to accounting and into Sage: sent, accepted, delivered, posted. */
export function askToPost(plain: PlainBudget, lockFirst: boolean): Asked {
  if (lockFirst && !plain.locked) return onTheWay(askToLock(plain, false))
  const files = comingFiles(plain)
  return {
    ...asked,
    name: 'post in Sage',
    as: mia,
    path: '/budget/send',
    posts: files.length,
    decide(stale) {
      if (stale !== undefined) return stale
      if (!plain.locked) return 'BUDGET_NOT_LOCKED'
      if (plain.lines.size === 0) return 'NO_LINES'
      if (!plain.job || files.length === 0 || files.flat().some(tooLarge)) return 'FINDINGS'
      // Before the first export Sage must hold what was imported from it, and nothing where nothing was.
      if (plain.exports.length === 0 && plain.sageMoved()) return 'FINDINGS'
      takeIntoSage(plain)
      plain.lastCommand = { command: 'send', outcome: 'done' }
      return { status: 202, wrote: true, says: { command: 'send', outcome: 'pending' } }
    },
  }
}

export const postInSage = command('post in Sage', fc.boolean(), askToPost)
