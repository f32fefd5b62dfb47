import { describe, expect, it } from 'vitest'
import { codeFaults, type CodeKind, isDivisionCode, writtenCode } from '../../shared/domain/sage-codes.ts'
import { sageLimits } from '../../shared/domain/sage-company.ts'

describe('a code in a file for Sage', () => {
  it.each([
    ['as_shown', '03-3000.10/2'],
    [undefined, '03-3000.10/2'],
    ['left_out', '033000102'],
  ] as const)('stands with its separators %s', (code_separators, written) => {
    expect(writtenCode('03-3000.10/2', { code_separators })).toBe(written)
  })
})

describe('what is wrong with a code', () => {
  it.each<[CodeKind, string, string | undefined, string[]]>([
    ['job', '', undefined, ['Job is blank.']],
    ['sub_job', '', undefined, []],
    ['sub_job', '-A--B-', undefined, []],
    ['cost_type', '-', undefined, []],
    [
      'cost_code',
      '03-"000',
      undefined,
      ['Cost code 03-"000 holds a character that Sage cannot take in a code.'],
    ],
    ['cost_code', '03-300', '##-####', ['Cost code 03-300 does not fit the mask ##-####.']],
    ['cost_code', '03-3000', '##-####', []],
    ['cost_code', '03--3000', undefined, ['Cost code 03--3000 has an empty section.']],
    ['job', '1-2-3-4', undefined, ['Job 1-2-3-4 has more than 3 sections.']],
    ['cost_type', 'OVHD', undefined, ['Cost type OVHD has more than 3 characters.']],
  ])('%s %j with the mask %s is told', (kind, code, mask, sentences) => {
    expect(codeFaults(kind, code, sageLimits, mask).map(({ sentence }) => sentence)).toEqual(sentences)
  })
})

describe('a cost code of one section', () => {
  it.each([
    [undefined, true],
    ['##-####', true],
    ['####', false],
  ])('where the mask is %s is a division: %s', (mask, division) => {
    expect(isDivisionCode('03', mask)).toBe(division)
  })

  it('is none where it has two', () => {
    expect(isDivisionCode('03-3000', '##-####')).toBe(false)
  })
})
