import { expect, test } from 'vitest'
import { errorsInWords, Finding, stops } from '../../shared/domain/finding.ts'
import { concrete } from '../given.ts'

const error = Finding.parse({
  code: 'NOTHING_TO_EXPORT',
  severity: 'error',
  sentence: 'Nothing differs.',
  what_to_do: 'Change something.',
})
const warning = Finding.parse({ ...error, severity: 'warning', budget_code: concrete })

test('a finding is read as it was stored', () => {
  expect(warning).toEqual({
    code: 'NOTHING_TO_EXPORT',
    severity: 'warning',
    budget_code: concrete,
    sentence: 'Nothing differs.',
    what_to_do: 'Change something.',
  })
})

test('one error stops a send, and no number of warnings does', () => {
  expect([stops([]), stops([warning, warning]), stops([warning, error])]).toEqual([false, false, true])
})

test('errors are told in words with their code, and nothing else is', () => {
  expect(errorsInWords()).toEqual([])
  expect(errorsInWords([warning, error, { code: 'x' }, { ...error, budget_code: concrete }])).toEqual([
    'Nothing differs. Change something.',
    '03-3000.S: Nothing differs. Change something.',
  ])
})
