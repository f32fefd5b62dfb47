import { pairs, triples } from './contests.ts'
import { explore } from './play.ts'

/**
 * Plays all contests in every order with at most so many preemptions, tells a line of each, and answers how many orders
 * there were. Throws what the first order that ends as it must not came to.
 */
export async function playAllContests(preemptions: number, tell: (line: string) => void): Promise<number> {
  let total = 0
  for (const contest of [...pairs, ...triples]) {
    // oxlint-disable-next-line no-await-in-loop -- each takes a processor
    const { orders, states, ends } = await explore(contest, preemptions)
    const unexpected = [...ends].filter((end) => !contest.ends.includes(end))
    if (unexpected.length > 0) throw new Error(`${contest.name} ends in ${unexpected.join(' and in ')}`)
    total += orders
    tell(`${contest.name}: ${String(orders)} orders, ${String(states)} states, ${String(ends.size)} ends`)
  }
  tell(`${String(total)} orders with at most ${String(preemptions)} preemptions; each ends as it may.`)
  return total
}
