import { expect, test } from 'vitest'
import { linesByCode } from '../../functions/posting/lines-named.ts'
import { budgetCode } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { givenPart } from '../given.ts'

const part = givenPart()

type Code = readonly [sub: string, cost: string, type: string]

const named = (codes: readonly Code[], text: string) => {
  const entries = codes.map((code) => ({ code: budgetCode(...code), cents: cents(1) }))
  return linesByCode(part, entries, text)
}

test('a code that holds blanks is told from its reason', () => {
  const codes: Code[] = [
    ['', '03-3000', 'L'],
    ['', '03-3000', 'L X'],
    ['PHASE 2', '03-3000', 'L'],
  ]
  expect(named(codes, '03-3000.L X no\n03-3000.L Xno\nPHASE 2.03-3000.L')).toEqual([
    { code: budgetCode('', '03-3000', 'L X'), reason: 'no' },
    { code: budgetCode('', '03-3000', 'L'), reason: 'Xno' },
    { code: budgetCode('PHASE 2', '03-3000', 'L') },
  ])
})

test('of two lines that look alike none is guessed', () => {
  const codes: Code[] = [
    ['A', '03', 'L'],
    ['', 'A.03', 'L'],
  ]
  expect(named(codes, 'A.03.L')).toMatchObject({ code: 'INVALID_INPUT' })
})

test('fifty thousand lines with their reasons are read', () => {
  const codes = Array.from({ length: 50_000 }, (_, n): Code => ['', `03-${String(n)}`, 'L'])
  const text = codes.map(([, cost]) => `${cost}.L ${'not on the job '.repeat(5)}`).join('\n')
  expect(named(codes, text)).toHaveLength(50_000)
})
