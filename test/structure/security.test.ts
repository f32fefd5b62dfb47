import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isThere, type NamedTest, namedTests } from './named-tests.ts'

interface Control {
  readonly id: string
  readonly tests: readonly NamedTest[]
  readonly state: string
}

/** The controls of docs/security.md: id, control, where, tests, state. */
const controls = readFileSync('docs/security.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| S\d/.test(line))
  .map((line): Control => {
    const [, id = '', , , tests = '', state = ''] = line.split('|')
    return {
      id: id.trim(),
      tests: namedTests(tests),
      state: state.trim(),
    }
  })

test('every control from S1 to S50 stands there once, in order', () => {
  expect(controls.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, n) => `S${String(n + 1)}`))
})

test('every control holds, does not apply or is open, and says why', () => {
  expect(controls.filter(({ state }) => !/^(?:holds|does not apply: .+|open: .+)$/.test(state))).toEqual([])
})

test('no control holds without a test', () => {
  expect(controls.filter(({ state, tests }) => state === 'holds' && tests.length === 0)).toEqual([])
})

test('every test that is named is there', () => {
  const gone = controls.flatMap(({ id, tests }) =>
    tests.filter((named) => !isThere(named)).map(({ file, name }) => `${id}: ${file}: ${name}`),
  )
  expect(gone).toEqual([])
})
