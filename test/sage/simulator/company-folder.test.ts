import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { asDecimal, cents, readNumber } from '../../../local/sage/amounts.ts'
import { openSage } from '../../../local/sage/open-sage.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import {
  approvedChange,
  importLines,
  lists,
  openOffice,
  originalEstimate,
  totalsOf,
} from './riverside-clinic.ts'

describe('a company data folder', () => {
  test('opened again holds everything: lists, entries, totals, marks, switches', () => {
    const { company, folder, clock } = openOffice({ sections: { costCode: '##-####' } })
    importLines(company, originalEstimate)
    company.postEntries({ ids: [1, 2] })
    company.setFaults({ renamedFields: { Extra: 'Sub_Job' } })
    const again = openSage(folder, { clock: clock.now }).company('Tacoma Builders')
    expect(again.tables()).toEqual(company.tables())
  })

  test('opened again goes on counting runs and entries', () => {
    const { company, folder } = openOffice()
    importLines(company, originalEstimate)
    company.postEntries({ all: true })
    const again = openSage(folder).company('Tacoma Builders')
    importLines(again, approvedChange, { box: true })
    expect([again.newEntries()[0]?.entry, again.postEntries({ all: true }).run]).toEqual([5, 2])
  })

  test('a command that is refused half way changes nothing, neither in memory nor on disk', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    const file = join(company.folder, 'company.json')
    const before = [structuredClone(company.tables()), readFileSync(file, 'utf8')]
    const amount = cents(100)
    const lines = [
      { costCode: '03-3000', category: 'S', amount },
      { costCode: '03-3000', category: 'X', amount },
    ]
    const order = { job: '24-1007', number: 'CO-1', date: '2025-06-02', lines }
    expect(() => company.ownerChangeOrder(order)).toThrow(/not a Standard Category/)
    expect([company.tables(), readFileSync(file, 'utf8')]).toEqual(before)
  })

  test('a process killed at any moment leaves a folder that opens, with whole commands in it', async () => {
    const folder = temporaryFolder('sage-simulator')
    openSage(folder)
      .createCompany('Tacoma Builders')
      .setUp({ ...lists, jobs: [{ job: '24-1007' }] })
    const child = spawn(process.execPath, [join(import.meta.dirname, 'keep-entering.ts'), folder])
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await new Promise((resolve) => setTimeout(resolve, 150))
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    const { currentTransactions } = openSage(folder).company('Tacoma Builders').tables()
    const total = totalsOf(openSage(folder).company('Tacoma Builders'))['/03-3000/S']?.[0]
    expect([currentTransactions.length > 0, total]).toEqual([true, currentTransactions.length * 100])
  })

  test('a folder whose tables are damaged is not opened', () => {
    const { folder, company } = openOffice()
    const file = join(company.folder, 'company.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"layout":1', '"layout":2'))
    expect(() => openSage(folder).company('Tacoma Builders')).toThrow(/layout/)
  })
})

describe('the companies of a Sage', () => {
  test('are listed by name', () => {
    const { sage } = openOffice()
    sage.createCompany('Olympia Homes')
    expect(sage.companies()).toEqual(['Olympia Homes', 'Tacoma Builders'])
  })

  test('know nothing of one another', () => {
    const { sage, company } = openOffice()
    const other = sage.createCompany('Olympia Homes')
    importLines(company, originalEstimate)
    expect([other.newEntries(), other.tables().importedFiles]).toEqual([[], []])
  })

  test.each(['../elsewhere', 'a/b', 'a\\b', '', '.hidden', 'dot.', 'x'.repeat(80)])(
    'never leave their folder: the name "%s" is refused',
    (name) => {
      const { sage, folder } = openOffice()
      expect(() => sage.createCompany(name)).toThrow(/cannot be the name/)
      expect(existsSync(join(folder, '..', 'elsewhere'))).toBe(false)
    },
  )

  test('differ by more than upper and lower case', () => {
    expect(() => openOffice().sage.createCompany('TACOMA BUILDERS')).toThrow(/there already/)
  })

  test('that do not exist are not opened', () => {
    expect(() => openOffice().sage.company('Olympia Homes')).toThrow(/no company/)
  })
})

describe('amounts', () => {
  test.each([
    ['0', 0],
    ['5', 500],
    ['5.5', 550],
    ['-0.00', 0],
    ['-15000.00', -1_500_000],
    ['99999999.99', 9_999_999_999],
  ])('%s is read exactly', (text, hundredths) => {
    expect(readNumber(text)).toEqual({ ok: true, hundredths })
  })

  test.each(['', '-', '.50', '5.', '1,000.00', '+5', '1e3', '٣', '100000000.00', '1.005', ' 5'])(
    '"%s" is no amount',
    (text) => {
      expect(readNumber(text).ok).toBe(false)
    },
  )

  test.each([
    [0, '0.00'],
    [5, '0.05'],
    [-5, '-0.05'],
    [9_999_999_999, '99999999.99'],
  ])('%d cents are written %s', (amount, text) => {
    expect(asDecimal(amount)).toBe(text)
  })

  test('half a cent is refused', () => {
    expect(() => cents(0.5)).toThrow(RangeError)
  })
})
