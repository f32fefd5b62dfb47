import { showCode } from './budget-code.ts'
import type { LineItem } from './line-item.ts'
import { checkLine } from './lines.ts'
import { type Refusal, refusal } from './refusal.ts'

// Enough to see what is wrong; the rest shows once these are corrected.
const placesShown = 100

/** Why these lines cannot be locked: LINE_INVALID with the places, at most 100. */
export function checkLock(lines: readonly LineItem[]): Refusal | undefined {
  const places = lines.flatMap((line) =>
    checkLine(line).map(({ code, sentence }) => ({ code, sentence: `${showCode(line.code)}: ${sentence}` })),
  )
  return places.length === 0
    ? undefined
    : refusal('LINE_INVALID', 'Some lines are not valid.', 'Correct the lines named, then lock it again.', {
        places: places.slice(0, placesShown),
      })
}
