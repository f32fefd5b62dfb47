import type { Waiting } from '../simulation/outside.ts'

// Orders of calls, one after another instead of drawn: each is replayed from the beginning by the names of those who went
// on, and every other who could have gone on instead makes another order, while it takes few enough preemptions.

/** One choice: who waited, and who went on. */
interface Turn {
  readonly waiting: readonly string[]
  readonly went: string
}

// Turns of the event loop in which nothing more comes of one who went on: time that is moved takes two or three.
const patience = 8

/** Lets those go on whom the script names, and after it whoever goes on already, until that one ends. */
export class Schedule {
  readonly turns: Turn[] = []
  readonly #script: readonly string[]
  #idle = 0

  constructor(script: readonly string[]) {
    this.#script = script
  }

  readonly choose = (waiting: readonly Waiting[]): number | undefined => {
    const names = [...new Set(waiting.map(({ actor = 'others' }) => actor))].toSorted()
    const last = this.turns.at(-1)?.went
    if ((last === undefined || !names.includes(last)) && this.#idle < patience) {
      this.#idle += 1
      return undefined
    }
    this.#idle = 0
    const goesOn = last !== undefined && names.includes(last) ? last : (names[0] ?? '')
    const went = this.#script[this.turns.length] ?? goesOn
    if (!names.includes(went)) throw new Error(`${went} does not wait at turn ${String(this.turns.length)}`)
    this.turns.push({ waiting: names, went })
    return waiting.findIndex(({ actor = 'others' }) => actor === went)
  }
}

/** Whether another went on though this one could have: it was interrupted. */
const preempts = (turns: readonly Turn[], at: number, went: string): boolean => {
  const before = turns[at - 1]?.went
  return before !== undefined && before !== went && (turns[at]?.waiting.includes(before) ?? false)
}

/** Plays every order with at most so many preemptions, each once, and answers how many there are. */
export async function everyOrder(most: number, play: (schedule: Schedule) => Promise<void>): Promise<number> {
  const scripts: string[][] = [[]]
  let played = 0
  for (let script = scripts.pop(); script; script = scripts.pop()) {
    const schedule = new Schedule(script)
    await play(schedule)
    played += 1
    const { turns } = schedule
    let spent = 0
    for (const [at, { waiting, went }] of turns.entries()) {
      if (at >= script.length)
        for (const other of waiting)
          if (other !== went && spent + Number(preempts(turns, at, other)) <= most)
            scripts.push([...turns.slice(0, at).map((turn) => turn.went), other])
      spent += Number(preempts(turns, at, went))
    }
  }
  return played
}
