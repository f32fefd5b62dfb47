import { type Contest, pairs, triples } from './contests.ts'
import { explore, type Explored } from './play.ts'

const enoughForEveryEnd = 2 // preemptions

/** Ends to which no order may lead, and, with enough preemptions, those to which one should have led. */
export const endsAmiss = (contest: Contest, ends: Explored['ends'], preemptions: number): string[] => [
  ...[...ends].filter((end) => !contest.ends.includes(end)),
  ...contest.ends.filter((end) => preemptions >= enoughForEveryEnd && !ends.has(end)),
]

/**
 * Plays all contests in every order with at most so many preemptions, tells a line of each, and answers how many orders
 * there were. Throws what the first order that ends as it must not came to.
 */
export async function playAllContests(preemptions: number, tell: (line: string) => void): Promise<number> {
  let total = 0
  for (const contest of [...pairs, ...triples]) {
    // oxlint-disable-next-line no-await-in-loop -- each takes a processor
    const { orders, states, ends } = await explore(contest, preemptions)
    const amiss = endsAmiss(contest, ends, preemptions)
    if (amiss.length > 0) throw new Error(`${contest.name}, amiss: ${amiss.join('; ')}`)
    total += orders
    tell(`${contest.name}: ${String(orders)} orders, ${String(states)} states, ${String(ends.size)} ends`)
  }
  tell(`${String(total)} orders with at most ${String(preemptions)} preemptions; each ends as it may.`)
  return total
}
