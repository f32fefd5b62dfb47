import { expect, test } from 'vitest'
import { isBroken, readRecords } from '../../../shared/sage/import-records.ts'
import { bytesOf } from './clinic.ts'

const read = (text: string) => [...readRecords(bytesOf(text), ';')]
const record = (line: number, ...fields: string[]) => ({ kind: 'record', line, type: fields[0], fields })
const broken = (line: number, sentence: string) => ({ kind: 'broken', line, sentence })

test.each([
  ['"C","a",5', [record(1, 'C', 'a', '5')]],
  ['"C",,""', [record(1, 'C', '', '')]],
  ['"C","a, b"', [record(1, 'C', 'a, b')]],
  ['"C","a"\n"E","b"\r\n', [record(1, 'C', 'a'), record(2, 'E', 'b')]],
  ['\u00ef\u00bb\u00bf"C","a"', [record(1, 'C', 'a')]],
  ['\n  \n"C","a"', [record(3, 'C', 'a')]],
  ['"C",+\n"a"', [record(1, 'C', 'a')]],
  ['"C",+\n;a', [record(1, 'C', ';a')]],
  ['+', [record(1, '+')]],
  ['; a note\n"C","a"', [{ kind: 'comment', line: 1, text: ' a note' }, record(2, 'C', 'a')]],
])('%j is read', (text, expected) => {
  expect(read(text)).toEqual(expected)
})

test.each([
  ['"C","a', broken(1, 'A quote is not closed on its line.')],
  ['"C",a"b', broken(1, 'A quote stands in the middle of a field.')],
  ['"C","a"b', broken(1, 'A quote stands in the middle of a field.')],
  ['"C","a",', broken(1, 'A comma stands behind the last field.')],
  ['"C","a\u0000"', broken(1, 'The line holds characters that are no text.')],
  ['"C","a\rb"', broken(1, 'The line holds characters that are no text.')],
  ['\n"C",+', broken(2, 'The file ends in the middle of this record.')],
  [`"${'x'.repeat(4_095)}"`, broken(1, 'The line is too long.')],
  [Array.from({ length: 101 }, () => 'x').join(','), broken(1, 'The record has too many fields.')],
  [
    `${Array.from({ length: 60 }, () => 'x').join(',')},+\n${Array.from({ length: 41 }, () => 'x').join(',')}`,
    broken(2, 'The record has too many fields.'),
  ],
])('%j is not: %o', (text, expected) => {
  const found = read(text)
  expect(found).toEqual([expected])
  expect(found.map(isBroken)).toEqual([true])
})

test('the longest line, the most fields and the most lines are read', () => {
  expect(read(`"${'x'.repeat(4_094)}"`).map(isBroken)).toEqual([false])
  expect(read(Array.from({ length: 100 }, () => 'x').join(',')).map(isBroken)).toEqual([false])
  expect(read('x\n'.repeat(200_001)).at(-1)).toEqual(broken(200_001, 'The file has too many lines.'))
  expect(read('x\n'.repeat(200_000)).at(-1)).toEqual(record(200_000, 'x'))
})
