import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileLimits } from '../../shared/budget-files/budget-rows.ts'
import { readBudgetCsv } from '../../shared/budget-files/csv-in.ts'
import { template, unclearHeading } from '../../shared/budget-files/template.ts'
import { textOver, tried } from '../arbitraries.ts'
import { granted, refused } from '../given.ts'

const headings =
  'Sub Job,Cost Code,Cost Type,Description,Manual Calculation,Unit Qty,UOM,Unit Cost,Budget Amount'
const concrete = ',03-3000,S,Cast-in-place concrete,yes,,,,325000.00'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const file = (...rows: readonly string[]): Uint8Array => bytes([headings, ...rows].join('\r\n'))
const linesOf = (content: Uint8Array) => granted(readBudgetCsv(content)).lines
const placesOf = (content: Uint8Array) =>
  refused(readBudgetCsv(content)).places?.map(({ line, column, code }) => [line, column, code])

describe('a good file', () => {
  test('gives its lines, in cents and ten-thousandths, in its order', () => {
    const content = file('SITE,31-2000,S,"Earthwork, ""wet""",no,97,CY,125.5,12173.50', concrete)
    expect(linesOf(content)).toEqual([
      {
        code: { sub_job: 'SITE', cost_code: '31-2000', cost_type: 'S' },
        description: 'Earthwork, "wet"',
        calculation_strategy: 'automatic',
        quantity: 970_000,
        uom: 'CY',
        unit_cost: 1_255_000,
        original: 1_217_350,
        changes: 0,
      },
      {
        code: { sub_job: '', cost_code: '03-3000', cost_type: 'S' },
        description: 'Cast-in-place concrete',
        calculation_strategy: 'manual',
        quantity: null,
        uom: '',
        unit_cost: null,
        original: 32_500_000,
        changes: 0,
      },
    ])
  })

  test.each([
    [
      'upper case',
      'SUB JOB,COST CODE,COST TYPE,DESCRIPTION,MANUAL CALCULATION,UNIT QTY,uom,UNIT COST,BUDGET AMOUNT',
    ],
    [
      'underscores',
      'sub_job,cost_code,cost_type,description,manual_calculation,unit_qty,uom,unit_cost,budget_amount',
    ],
    [
      'blanks around and stars',
      ' Sub  Job , Cost Code*,Cost Type *,Description,Manual Calculation*,Unit Qty,UOM,Unit Cost,Budget Amount',
    ],
    [
      'the words of Sage and of the API',
      'Extra,Cost Code,Category,Budget Description,Manual Calculation,Quantity,Unit of Measure,Unit Cost,original_budget_amount',
    ],
  ])('may write its headings with %s', (_, other) => {
    expect(linesOf(bytes(`${other}\n${concrete}`))).toHaveLength(1)
  })

  test('may have its columns in any order', () => {
    const content = bytes('Budget Amount,Cost Type,Cost Code\n325000.00,S,03-3000')
    expect(linesOf(content)[0]).toMatchObject({
      code: { cost_code: '03-3000', cost_type: 'S' },
      original: 32_500_000,
    })
  })

  test('says which columns it has', () => {
    const { columns } = granted(readBudgetCsv(bytes('Cost Code,Cost Type,Budget Amount\n03-3000,S,1')))
    expect(columns).toEqual(new Set(['cost_code', 'cost_type', 'original_budget_amount']))
  })

  test.each([['\r\n'], ['\n'], ['\r']])('may end its lines with %o', (end) => {
    expect(linesOf(bytes([headings, concrete, ''].join(end)))).toHaveLength(1)
  })

  test('may hold empty lines, and blank cells to the right', () => {
    expect(linesOf(bytes(`\n${headings},,\n\n,,,,,,,,,,\n${concrete},,\n\n`))).toHaveLength(1)
  })

  test.each([
    ['yes', 'manual'],
    ['Y', 'manual'],
    ['TRUE', 'manual'],
    ['x', 'manual'],
    ['X', 'manual'],
    ['1', 'manual'],
    ['no', 'automatic'],
    ['N', 'automatic'],
    ['false', 'automatic'],
    ['0', 'automatic'],
    ['', 'automatic'],
  ])('with %o under Manual Calculation and both factors makes the line %s', (cell, strategy) => {
    expect(linesOf(file(`,03-3000,S,,${cell},2,ea,3,6.00`))[0]?.calculation_strategy).toBe(strategy)
  })

  test('with nothing under Manual Calculation and a factor missing makes the line manual', () => {
    expect(linesOf(file(',03-3000,S,,,2,ea,,6.00'))[0]?.calculation_strategy).toBe('manual')
  })

  test('may leave the amount of an automatic line to quantity and unit cost', () => {
    expect(linesOf(file(',03-3000,S,,no,3,ea,0.335,'))[0]?.original).toBe(101)
  })

  test('of fifty thousand lines is read', () => {
    const rows = Array.from({ length: 50_000 }, (_, n) => `,${String(n)},S,,yes,,,,1.00`)
    expect(linesOf(file(...rows))).toHaveLength(50_000)
  })
})

const other = (separator: string, ...rows: readonly string[]) =>
  bytes([headings, ...rows].join('\n').replaceAll(',', separator).replaceAll('¤', ','))

describe('cells may be separated', () => {
  test.each([
    ['by semicolons', ';'],
    ['by tabs', '\t'],
  ])('%s', (_, separator) => {
    const [line] = linesOf(other(separator, ',03-3000,S,"Slab¤ wet",yes,,,,5.00'))
    expect([line?.description, line?.original]).toEqual(['Slab, wet', 500])
  })

  test('by semicolons although a description is full of commas', () => {
    expect(linesOf(bytes('Cost Code;Cost Type;Budget Amount;Description\n03;S;1;a,b,c,d,e'))).toHaveLength(1)
  })

  test('by a separator that the first line names, as Excel reads it', () => {
    expect(linesOf(bytes(`sep=;\r\n${headings.replaceAll(',', ';')}\r\n;03;S;;yes;;;;1`))).toHaveLength(1)
  })

  test('by semicolons, with decimal commas refused and what to do said', () => {
    const content = other(
      ';',
      ',03-3000,S,,yes,,,,1.234¤50',
      ',03-3000,L,,yes,1¤5,,,7¤00',
      ',03-3000,M,,yes,,,,1.234',
    )
    const { places = [] } = refused(readBudgetCsv(content))
    expect(places.map(({ line, column, code }) => [line, column, code])).toEqual([
      [2, 'Budget Amount', 'DECIMAL_COMMA'],
      [3, 'Unit Qty', 'DECIMAL_COMMA'],
      [3, 'Budget Amount', 'DECIMAL_COMMA'],
      [4, 'Budget Amount', 'TOO_MANY_DECIMALS'],
    ])
    expect(places[0]?.sentence).toContain('save the sheet as .xlsx')
  })
})

describe('a heading that might mean something else', () => {
  test.each([
    ['Budget Code', 'give Sub Job, Cost Code and Cost Type a column each'],
    ['Amount', 'Name it Budget Amount'],
    ['Revised Budget', 'not the original budget'],
    ['Budget Modifications', 'not the original budget'],
    ['Units', 'quantity or the unit of measure'],
    ['Phase', 'cost code or the sub job'],
  ])('is refused with what to do: %s', (heading, sentence) => {
    const [place] =
      refused(readBudgetCsv(bytes(`Cost Code,Cost Type,Budget Amount,${heading}\n03,S,1,`))).places ?? []
    expect([place?.column, place?.code]).toEqual([heading, 'COLUMN_UNCLEAR'])
    expect(place?.sentence).toContain(sentence)
  })

  test('is no heading of the template, nor of its other forms', () => {
    const all = template.flatMap(({ heading, also }) => [heading, ...also])
    expect(all.filter((heading) => unclearHeading(heading) !== undefined)).toEqual([])
  })
})

describe('a file with faults', () => {
  test.each<[string, Uint8Array, [number, string | undefined, string][]]>([
    ['nothing in it', bytes(''), [[1, undefined, 'EMPTY']]],
    ['blank lines only', bytes('\r\n \r\n'), [[1, undefined, 'EMPTY']]],
    ['headings only', bytes(headings), [[1, undefined, 'EMPTY']]],
    [
      'an unknown column',
      bytes('Cost Code,Cost Type,Colour,Budget Amount\n03,S,1,1'),
      [[1, 'Colour', 'COLUMN_UNKNOWN']],
    ],
    [
      'a joined budget code',
      bytes('Budget Code,Budget Amount\n03.S,1'),
      [[1, 'Budget Code', 'COLUMN_UNCLEAR']],
    ],
    [
      'a column without heading',
      bytes('Cost Code,,Cost Type,Budget Amount\n03,,S,1'),
      [[1, '', 'COLUMN_UNKNOWN']],
    ],
    [
      'columns missing',
      bytes('Cost Code,Description\n03,x'),
      [
        [1, 'Cost Type', 'COLUMN_MISSING'],
        [1, 'Budget Amount', 'COLUMN_MISSING'],
      ],
    ],
    [
      'a column twice',
      bytes('Cost Code,Cost Type,Category,Budget Amount\n03,S,S,1'),
      [[1, 'Category', 'COLUMN_TWICE']],
    ],
    ['a cell too few', file(',03-3000,S,x,yes,,,'), [[2, 'Budget Amount', 'CELL_COUNT']]],
    ['a comma that is not quoted', file(',03-3000,S,a,b,yes,,,,1.00'), [[2, 'Budget Amount', 'CELL_COUNT']]],
    [
      'a quote that is never closed',
      file(concrete, ',31-2000,S,"Earthwork,yes,,,,1.00', ',09-9000,S,,yes,,,,1'),
      [[3, 'Description', 'BROKEN_QUOTE']],
    ],
    [
      'text after a closing quote',
      file(',03-3000,S,"Pipe 3"" dia"x,yes,,,,1.00'),
      [[2, 'Description', 'BROKEN_QUOTE']],
    ],
    [
      'a quote inside a bare text',
      file(',03-3000,S,Pipe 3" dia,yes,,,,1.00'),
      [[2, 'Description', 'BROKEN_QUOTE']],
    ],
    [
      'a budget code twice',
      file(concrete, ',31-2000,S,,yes,,,,1', ' , 03-3000 ,S,,yes,,,,1'),
      [[4, 'Cost Code', 'DUPLICATE_BUDGET_CODE']],
    ],
    ['three decimals', file(',03-3000,S,,yes,,,,1.005'), [[2, 'Budget Amount', 'TOO_MANY_DECIMALS']]],
    ['an exponent', file(',03-3000,S,,yes,,,,1.5E+06'), [[2, 'Budget Amount', 'EXPONENT']]],
    [
      'a thousands separator',
      file(',03-3000,S,,yes,,,,"1,500.00"'),
      [[2, 'Budget Amount', 'THOUSANDS_SEPARATOR']],
    ],
    ['brackets for a minus', file(',03-3000,S,,yes,,,,(5.00)'), [[2, 'Budget Amount', 'IN_BRACKETS']]],
    ['no amount', file(',03-3000,S,,yes,,,,'), [[2, 'Budget Amount', 'AMOUNT_MISSING']]],
    [
      'an automatic line without factors',
      file(',03-3000,S,,no,,,,5.00'),
      [
        [2, 'Unit Qty', 'FACTOR_MISSING'],
        [2, 'Unit Cost', 'FACTOR_MISSING'],
      ],
    ],
    [
      'an amount that is not the product',
      file(',03-3000,S,,,2,ea,3,7.00'),
      [[2, 'Budget Amount', 'AMOUNT_IS_NOT_PRODUCT']],
    ],
    [
      'five decimals in a quantity',
      file(',03-3000,S,,yes,1.00001,,,5'),
      [[2, 'Unit Qty', 'TOO_MANY_DECIMALS']],
    ],
    [
      'maybe under Manual Calculation',
      file(',03-3000,S,,maybe,,,,5'),
      [[2, 'Manual Calculation', 'NOT_YES_OR_NO']],
    ],
    ['no cost type', file(',03-3000,,,yes,,,,5'), [[2, 'Cost Type', 'MISSING']]],
    [
      '2,001 characters in a cell',
      file(`,03-3000,S,${'x'.repeat(2_001)},yes,,,,5`),
      [[2, 'Description', 'TEXT_TOO_LONG']],
    ],
    [
      '256 characters in a description',
      file(`,03-3000,S,${'x'.repeat(256)},yes,,,,5`),
      [[2, 'Description', 'TEXT_TOO_LONG']],
    ],
    [
      'a description over two lines',
      file(',03-3000,S,"a\r\nb",yes,,,,5'),
      [[2, 'Description', 'CONTROL_CHARACTER']],
    ],
  ])('%s', (_, content, places) => {
    expect(placesOf(content)).toEqual(places)
  })

  test('names both lines of a budget code that stands twice', () => {
    const [place] = refused(readBudgetCsv(file(concrete, ',31-2000,S,,yes,,,,1', concrete))).places ?? []
    expect([place?.line, place?.sentence]).toEqual([
      4,
      '03-3000.S stands on line 2 already; one line per budget code.',
    ])
  })

  test.each([['\r\n'], ['\n'], ['\r']])(
    'counts physical lines, those inside quotes and empty ones too, ended by %o',
    (end) => {
      const rows = [headings, '', `,03-3000,S,"a${end}b${end}c",yes,,,,1`, ',31-2000,S,,yes,,,,x']
      expect(placesOf(bytes(rows.join(end)))).toEqual([
        [3, 'Description', 'CONTROL_CHARACTER'],
        [6, 'Budget Amount', 'NOT_A_NUMBER'],
      ])
    },
  )

  test('names its own headings', () => {
    expect(placesOf(bytes('cost_code,Category,budget_amount\n03,S,x'))).toEqual([
      [2, 'budget_amount', 'NOT_A_NUMBER'],
    ])
  })

  test('has all its faults listed', () => {
    const rows = Array.from({ length: 150 }, (_, n) => `,${String(n)},S,,yes,,,,x`)
    expect(placesOf(file(...rows))).toHaveLength(150)
  })

  test('has at most 1,000 faults listed and all of them counted', () => {
    const rows = Array.from({ length: 5_000 }, (_, n) => `,${String(n)},S,,yes,,,,x`)
    const { places, places_in_all, sentence } = refused(readBudgetCsv(file(...rows)))
    expect([places?.length, places_in_all, sentence]).toEqual([
      1_000,
      5_000,
      'The file has 5000 faults; nothing was imported. The first 1000 are listed.',
    ])
  })

  test('keeps the faults found before a broken quote', () => {
    expect(placesOf(file(',03-3000,S,,yes,,,,x', ',31-2000,S,"a"b,yes,,,,1'))).toEqual([
      [2, 'Budget Amount', 'NOT_A_NUMBER'],
      [3, 'Description', 'BROKEN_QUOTE'],
    ])
  })

  test('is told apart: unreadable as a file, or lines to correct', () => {
    expect(refused(readBudgetCsv(bytes(''))).code).toBe('FILE_NOT_READABLE')
    expect(refused(readBudgetCsv(file(',03-3000,S,,yes,,,,x'))).code).toBe('LINE_INVALID')
  })

  test('does not gather the rest of the file behind an open quote', () => {
    const [place] = refused(readBudgetCsv(file(`,03-3000,S,"${'x'.repeat(60_000)}`, concrete))).places ?? []
    expect([place?.line, place?.column, place?.sentence]).toEqual([
      2,
      'Description',
      expect.stringContaining('not closed for pages'),
    ])
  })

  test('is refused whose amounts sum up past exact cents', () => {
    const rows = Array.from({ length: 91_000 }, (_, n) => `,${String(n)},S,,yes,,,,999999999.99`)
    expect(refused(readBudgetCsv(file(...rows))).places?.map(({ code }) => code)).toEqual(['OUT_OF_RANGE'])
  })
})

test('a file with more lines than are read is refused before it is parsed', () => {
  const rows = Array.from({ length: 11 }, (_, n) => `,${String(n)},S,,yes,,,,1.00`)
  const broken = ',a"b,,,'
  const answer = refused(readBudgetCsv(file(broken, ...rows.slice(1)), { ...fileLimits, lines: 10 }))
  expect([answer.code, answer.sentence]).toEqual([
    'TOO_LARGE',
    'The file has more than 10 lines, which is the most that is read.',
  ])
})

test('a hundred thousand lines are the most', () => {
  expect(fileLimits.lines).toBe(100_000)
})

test('an apostrophe before a text that a spreadsheet would run is taken back', () => {
  const [line] = linesOf(file(`,03-3000,S,'=SUM(A1),yes,,,,1.00`))
  expect(line?.description).toBe('=SUM(A1)')
})

test('an apostrophe before anything else belongs to the text', () => {
  const [line] = linesOf(file(`,03-3000,S,'tis,yes,,,,1.00`))
  expect(line?.description).toBe("'tis")
})

test('whatever the bytes, the answer is lines or a refusal with a place', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    textOver('",\r\n\0\'=-0.5ex \u00e9', 80).map((rest) => bytes(`${headings}\n${rest}`)),
  )
  fc.assert(
    fc.property(noise, (content) => {
      const answer = readBudgetCsv(content)
      const told = 'refused' in answer ? answer.places : answer.lines
      expect(told?.length).toBeGreaterThan(0)
    }),
    tried(500, 20_000),
  )
})
