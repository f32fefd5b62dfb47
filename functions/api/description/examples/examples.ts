import { changeExamples } from './change-examples.ts'
import { cycleExamples } from './cycle-examples.ts'
import type { Examples } from './example.ts'
import { lineExamples } from './line-examples.ts'
import { sageExamples } from './sage-examples.ts'
import { versionExamples } from './version-examples.ts'

/** Requests and answers in the order in which each is possible after those before it: the story of one budget. */
export const examples: Examples = {
  ...lineExamples,
  ...versionExamples,
  ...cycleExamples,
  ...changeExamples,
  ...sageExamples,
}
