import { live, type Step, type Told, type Wanted } from './history.ts'

const longest = 60_000 // milliseconds of looking for a shorter story

/** The same violation in as few steps, and with as few faults, as a minute finds. */
export async function shrunk(wanted: Wanted, told: Told): Promise<Told> {
  const end = performance.now() + longest
  const kind = kindOf(told.violation)
  let shortest = told
  const holds = async (without: ReadonlySet<number>, calmAt: ReadonlySet<number>): Promise<boolean> => {
    if (performance.now() > end) return false
    const shorter = await live({ ...wanted, without, calmAt }).catch(() => undefined)
    if (!shorter || kindOf(shorter.violation) !== kind) return false
    shortest = shorter
    return true
  }
  const all = Array.from({ length: told.story.length }, (_, at) => at)
  const without = await fewest(all, async (left) => await holds(left, new Set()))
  const kept = all.filter((at) => !without.has(at))
  await fewest(kept, async (calmAt) => await holds(without, calmAt))
  return shortest
}

/** As many of these as can be left out, halves first. */
async function fewest(
  all: readonly number[],
  holds: (out: ReadonlySet<number>) => Promise<boolean>,
): Promise<ReadonlySet<number>> {
  let out = new Set<number>()
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < all.length; from += size) {
      const tried = new Set([...out, ...all.slice(from, from + size)])
      // oxlint-disable-next-line no-await-in-loop -- each depends on the one before
      if (tried.size > out.size && (await holds(tried))) out = tried
    }
  }
  return out
}

const kindOf = (violation: string | undefined): string | undefined => violation?.split(':')[0]

/** A story of one line for each step, with what failed and what was answered. */
export const inWords = ({ seed, violation, story }: Told): string =>
  [`Seed ${String(seed)}: ${violation ?? 'nothing is violated'}`, ...story.map(lineOf)].join('\n  ')

const lineOf = ({ at, acts, faults, asked }: Step): string =>
  [`${String(at).padStart(3)} ${acts.join(' & ')}`, ...asked, ...faults.map((fault) => `! ${fault}`)].join(
    '\n        ',
  )
