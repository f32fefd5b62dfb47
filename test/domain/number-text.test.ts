import { expect, test } from 'vitest'
import { type NumberFault, readAmount, readScaled4 } from '../../shared/domain/number-text.ts'

const faultOf = (text: string): NumberFault | undefined => {
  const read = readAmount(text)
  return typeof read === 'object' ? read : undefined
}

test.each<[NumberFault['code'], string[]]>([
  ['EXPONENT', ['1e3', '1E3', '+1e3', '-1e3', '12e10', '1.5e3', '1.25e-3', '.5e3', '.25e+10', '1e-12']],
  ['TOO_MANY_DECIMALS', ['1.005', '-0.001', '12.000']],
  ['OUT_OF_RANGE', ['1000000000.00', '-1000000000', '99999999999999']],
  [
    'THOUSANDS_SEPARATOR',
    ['1,000', '12,000.50', '123,000', '-1,000,000.5', "1'000", '1 000', '1\u00a0000', '1\u202f000'],
  ],
  ['THOUSANDS_SEPARATOR', ['1.000.000', '-12.000.000', '123.000.000.000']],
  ['DECIMAL_COMMA', ['1,5', '12,50', '-12,50', '1.234,5', '12.345,67', '-1.234.567,89']],
  ['DECIMAL_COMMA', ["1'234,5", '1 234,50', '123\u00a0456,7', '123\u202f456,7']],
  ['IN_BRACKETS', ['(5)', '(5.00)', '($ 1,250.00)', '(USD 12)']],
  ['OTHER_DIGITS', ['١٢', '1٢', '１２']],
  ['NOT_A_NUMBER', ['', 'n/a', '$5', '1.', '.5', '--1', '+1', ' 1', '1e', '1,00,0x']],
  ['NOT_A_NUMBER', ['x1e3', '1e3x', '.e3', 'x1,000', '1,000x', 'x1.000.000', '1.000.000x', 'x1,5', '1,5x']],
  ['NOT_A_NUMBER', ['a,5', '1,a', 'abc.000,5', '1.00,5', '1.abc,5', '1234.000,5', 'abc.000.000', '1.0.0']],
  ['NOT_A_NUMBER', ['1.abc.def', 'x(5)', '(5)x', '()', '(abc)', '((5))', '(5(6)']],
])('%s is what is wrong with %o', (code, texts) => {
  expect(texts.map((text) => [text, faultOf(text)?.code])).toEqual(texts.map((text) => [text, code]))
})

test('the largest amount of a line has nine digits before the point', () => {
  expect([readAmount('999999999.99'), readAmount('-999999999.99')]).toEqual([99_999_999_999, -99_999_999_999])
  expect(faultOf('1000000000.00')?.sentence).toContain('±999,999,999.99.')
  expect(readScaled4('1000000000')).toMatchObject({
    code: 'OUT_OF_RANGE',
    sentence: '1000000000 lies outside ±999,999,999.9999.',
  })
})

test('a text of more than forty characters is told by its beginning', () => {
  const forty = 'x'.repeat(40)
  expect([faultOf(forty)?.sentence, faultOf(`${forty}y`)?.sentence]).toEqual([
    expect.stringMatching(/^x{40} is not/),
    expect.stringMatching(/^x{40}… is not/),
  ])
})
