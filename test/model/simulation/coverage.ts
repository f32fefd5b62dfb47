import type { Told } from './history.ts'
import { type Fault, faults } from './outside.ts'

/** What all histories together came to. */
export class Coverage {
  histories = 0
  readonly states = new Set<string>()
  readonly transitions = new Set<string>()
  readonly workflow = new Set<string>()
  readonly sites = new Map<string, Map<Fault | 'calls', number>>()
  readonly answers = new Map<string, number>()

  cycles = 0
  choices = 0
  restored = 0
  /** The seed by which a place was first come to. */
  readonly firstSeen = new Map<string, number>()

  add({ seed, states, transitions, workflow, sites, answers, cycles, choices, restored }: Told): void {
    this.histories += 1
    this.cycles += cycles
    this.choices += choices
    this.restored += Number(restored)
    for (const state of states) this.states.add(state)
    for (const transition of transitions) this.transitions.add(transition)
    for (const state of workflow) this.workflow.add(state)
    for (const [answer, count] of answers) add(this.answers, answer, count)
    for (const [site, { calls, faults: met }] of sites) {
      if (!this.firstSeen.has(site)) this.firstSeen.set(site, seed)
      const counts = this.sites.get(site) ?? new Map<Fault | 'calls', number>()
      add(counts, 'calls', calls)
      for (const [fault, count] of met) add(counts, fault, count)
      this.sites.set(site, counts)
    }
  }

  /** Places of calls at which a fault was never met. */
  without(fault: Fault): string[] {
    return [...this.sites].flatMap(([site, counts]) => (counts.has(fault) ? [] : [site]))
  }

  inWords(): string[] {
    const met = faults.map((fault) => {
      const times = [...this.sites.values()].reduce((sum, counts) => sum + (counts.get(fault) ?? 0), 0)
      return `${fault} ${String(times)} (${String(this.without(fault).length)} places never)`
    })
    return [
      `${String(this.histories)} histories, ${String(this.cycles)} times synced, ${String(this.restored)} times set back to a moment; the order of calls was chosen ${String(this.choices)} times`,
      `states of a budget ${String(this.states.size)}, ways between them ${String(this.transitions.size)}, states of the workflow ${String(this.workflow.size)}`,
      `places of calls ${String(this.sites.size)}; ${met.join(', ')}`,
      `answers of the API ${[...this.answers.keys()].toSorted().join(', ')}`,
    ]
  }
}

const add = <Key>(counts: Map<Key, number>, key: Key, count: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + count)
}
