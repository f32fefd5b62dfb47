import { existsSync, readFileSync } from 'node:fs'

export interface NamedTest {
  readonly file: string
  readonly name: string
}

/** Tests that a text names as `test/file.test.ts`: *what it says*. */
export const namedTests = (text: string): NamedTest[] =>
  [...text.matchAll(/`(test\/[^`]+)`: \*([^*]+)\*/g)].map(([, file = '', name = '']) => ({ file, name }))

/** Whether its file holds a test of that name. */
export function isThere({ file, name }: NamedTest): boolean {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return ["'", '"', '`'].some((quote) => text.includes(`${quote}${name}${quote}`))
}
