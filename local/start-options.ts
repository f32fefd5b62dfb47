import { parseArgs } from 'node:util'
import { Refused } from './runtime/refused.ts'

const options = {
  data: { type: 'string', default: 'local-data' },
  'debug-problems': { type: 'boolean', default: false },
} as const

export interface StartOptions {
  readonly data: string
  readonly debugProblems: boolean
}

/**
 * What `npm start --` was told.
 *
 * @throws {Refused} on anything else: an option that is passed over would be one that seemed to work.
 */
export function startOptions(given: readonly string[]): StartOptions {
  const { data, 'debug-problems': debugProblems } = parsed(given)
  if (data.trim() === '') throw new Refused(`--data names no folder. ${usage}`)
  return { data, debugProblems }
}

const usage =
  'Use npm start -- --data FOLDER, or npm start alone for local-data; --debug-problems shows every failed call.'

function parsed(given: readonly string[]) {
  try {
    return parseArgs({ args: [...given], options }).values
  } catch (error) {
    // The first sentence says which option it is about; the rest is for programmers.
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split(/\.\s|\n/)
    throw new Refused(`${sentence.replace(/\.$/, '')}. ${usage}`)
  }
}
