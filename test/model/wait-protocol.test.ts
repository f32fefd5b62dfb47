import { expect, test } from 'vitest'
import { asDesigned, explore } from './wait-protocol.ts'

test('a signal is never lost, in any order of caller, workflow, open-wait and relay', () => {
  const { worlds, lost } = explore(asDesigned)
  expect(lost).toBeUndefined()
  expect(worlds).toBeGreaterThan(100) // the model really branches
})

test.each(['checksSignal', 'keepsOrder', 'reissues', 'readsConsistently'] as const)(
  'without "%s" the model finds a history that loses the signal',
  (condition) => {
    expect(explore({ ...asDesigned, [condition]: false }).lost).toBeDefined()
  },
)
