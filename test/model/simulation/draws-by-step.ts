import { type Draws, drawsFrom } from '../../sage/whole-cycle/dealt.ts'

/** Chance that begins anew with every step: a story that leaves a step out draws the same in the others. */
export interface DrawsByStep extends Draws {
  at(step: number): void
}

const apart = 65_537

export function drawsByStep(seed: number): DrawsByStep {
  let now = drawsFrom(seed * apart)
  return {
    at: (step) => {
      now = drawsFrom(seed * apart + step + 1)
    },
    whole: (least, most) => now.whole(least, most),
    one: (of) => now.one(of),
    shuffled: (of) => now.shuffled(of),
  }
}
