import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatCents, cents, noCents } from '../../shared/domain/cents.ts'
import { keyOf } from '../../shared/domain/budget-code.ts'
import { lineKey, type LineItem } from '../../shared/domain/line-item.ts'
import {
  applyEdits,
  checkLine,
  type LineEdit,
  lineFromInput,
  type LineInput,
  sameLine,
} from '../../shared/domain/lines.ts'
import { formatScaled4, Scaled4 } from '../../shared/domain/quantity.ts'
import { anyLine, anyLines, tried } from '../arbitraries.ts'
import {
  byKey,
  concrete,
  earthwork,
  givenHead,
  givenLine,
  granted,
  id,
  noon,
  painting,
  refused,
} from '../given.ts'

const input = (but: Partial<LineInput> = {}): LineInput => ({
  cost_code: '03-3000',
  cost_type: 'S',
  original_budget_amount: '325000.00',
  ...but,
})

const faultsOf = (but: Partial<LineInput>): [string | undefined, string][] => {
  const read = lineFromInput(input(but))
  return Array.isArray(read) ? read.map(({ pointer, code }) => [pointer, code]) : []
}

const lineOf = (but: Partial<LineInput>): LineItem => {
  const read = lineFromInput(input(but))
  if (Array.isArray(read)) throw new Error(JSON.stringify(read))
  return read
}

describe('a line as it is typed', () => {
  test('says nothing where nothing was typed', () => {
    expect(lineOf({ sub_job: undefined, uom: ' CY ' })).toMatchObject({
      code: { sub_job: '' },
      description: '',
      uom: 'CY',
    })
    expect(lineOf({}).uom).toBe('')
  })

  test('is manual with one factor alone', () => {
    expect(lineOf({ unit_cost: '5' }).calculation_strategy).toBe('manual')
    expect(lineOf({ quantity: '5' }).calculation_strategy).toBe('manual')
  })

  test('is read into cents and ten-thousandths', () => {
    const line = lineOf({
      sub_job: ' SITE ',
      description: ' Slab ',
      quantity: '97',
      uom: 'CY',
      unit_cost: '125.5',
      original_budget_amount: '12173.50',
    })
    expect(line).toEqual({
      code: { sub_job: 'SITE', cost_code: '03-3000', cost_type: 'S' },
      description: 'Slab',
      calculation_strategy: 'automatic',
      quantity: 970_000,
      uom: 'CY',
      unit_cost: 1_255_000,
      original: 1_217_350,
      changes: 0,
    })
  })

  test('with one factor only is manual', () => {
    expect(lineOf({ quantity: '3' }).calculation_strategy).toBe('manual')
  })

  test('that is automatic gets its amount from quantity and unit cost', () => {
    expect(lineOf({ quantity: '3', unit_cost: '0.335', original_budget_amount: undefined }).original).toBe(
      101,
    )
  })

  test('that is manual keeps an amount that is not the product', () => {
    expect(lineOf({ calculation_strategy: 'manual', quantity: '3', unit_cost: '5' }).original).toBe(
      32_500_000,
    )
  })

  test.each<[string, Partial<LineInput>, string, string]>([
    ['three decimals', { original_budget_amount: '1.005' }, '/original_budget_amount', 'TOO_MANY_DECIMALS'],
    ['an exponent', { original_budget_amount: '1e3' }, '/original_budget_amount', 'EXPONENT'],
    [
      'a thousands separator',
      { original_budget_amount: '1,000.00' },
      '/original_budget_amount',
      'THOUSANDS_SEPARATOR',
    ],
    ['a currency sign', { original_budget_amount: '$5' }, '/original_budget_amount', 'NOT_A_NUMBER'],
    ['no digit', { original_budget_amount: '' }, '/original_budget_amount', 'NOT_A_NUMBER'],
    [
      'ten digits before the point',
      { original_budget_amount: '1000000000.00' },
      '/original_budget_amount',
      'OUT_OF_RANGE',
    ],
    [
      'no amount on a manual line',
      { original_budget_amount: undefined },
      '/original_budget_amount',
      'AMOUNT_MISSING',
    ],
    ['five decimals', { quantity: '1.00001' }, '/quantity', 'TOO_MANY_DECIMALS'],
    ['words for a unit cost', { unit_cost: 'n/a' }, '/unit_cost', 'NOT_A_NUMBER'],
    [
      'an amount that is not the product',
      { quantity: '3', unit_cost: '5' },
      '/original_budget_amount',
      'AMOUNT_IS_NOT_PRODUCT',
    ],
    ['no quantity', { calculation_strategy: 'automatic', unit_cost: '5' }, '/quantity', 'FACTOR_MISSING'],
    ['no unit cost', { calculation_strategy: 'automatic', quantity: '5' }, '/unit_cost', 'FACTOR_MISSING'],
    [
      'a product past all bounds',
      { quantity: '999999999', unit_cost: '999999999', original_budget_amount: undefined },
      '/original_budget_amount',
      'OUT_OF_RANGE',
    ],
    [
      'another amount than a product past all bounds',
      { quantity: '1000000', unit_cost: '1000000', original_budget_amount: '5' },
      '/original_budget_amount',
      'OUT_OF_RANGE',
    ],
    [
      'no amount on a manual line whose product is past all bounds',
      {
        calculation_strategy: 'manual',
        quantity: '1000000',
        unit_cost: '1000000',
        original_budget_amount: undefined,
      },
      '/original_budget_amount',
      'AMOUNT_MISSING',
    ],
    [
      'another amount than the largest product',
      { quantity: '1', unit_cost: '999999999.99', original_budget_amount: '5' },
      '/original_budget_amount',
      'AMOUNT_IS_NOT_PRODUCT',
    ],
    ['no cost code', { cost_code: ' ' }, '/cost_code', 'MISSING'],
    ['no cost type', { cost_type: '' }, '/cost_type', 'MISSING'],
    ['a sub job of 41 characters', { sub_job: '0'.repeat(41) }, '/sub_job', 'TEXT_TOO_LONG'],
    ['a cost type of 41 characters', { cost_type: 'S'.repeat(41) }, '/cost_type', 'TEXT_TOO_LONG'],
    ['a unit of 21 characters', { uom: 'x'.repeat(21) }, '/uom', 'TEXT_TOO_LONG'],
    ['a cost code of 41 characters', { cost_code: '0'.repeat(41) }, '/cost_code', 'TEXT_TOO_LONG'],
    ['a description of 256 characters', { description: 'x'.repeat(256) }, '/description', 'TEXT_TOO_LONG'],
    ['a line break in the description', { description: 'a\nb' }, '/description', 'CONTROL_CHARACTER'],
    ['half a character', { description: 'a\ud800b' }, '/description', 'CONTROL_CHARACTER'],
    ['a description turned around', { description: 'a\u202eb' }, '/description', 'CONTROL_CHARACTER'],
    ['a code with a blank of no width', { cost_code: '03\u200b-3000' }, '/cost_code', 'CONTROL_CHARACTER'],
    ['the separator of keys in a code', { sub_job: 'A\u001fB' }, '/sub_job', 'CONTROL_CHARACTER'],
  ])('is refused with %s', (_, but, pointer, code) => {
    expect(faultsOf(but)).toEqual([[pointer, code]])
  })

  test.each([
    { sub_job: '0'.repeat(40) },
    { cost_code: '0'.repeat(40) },
    { cost_type: 'S'.repeat(40) },
    { uom: 'x'.repeat(20) },
    { description: 'x'.repeat(255) },
    { quantity: '1', unit_cost: '999999999.99', original_budget_amount: undefined },
  ])('is taken with %o', (longest) => {
    expect(faultsOf(longest)).toEqual([])
  })

  test.each([
    ['sub job', { sub_job: '0'.repeat(41) }],
    ['cost code', { cost_code: '0'.repeat(41) }],
    ['cost type', { cost_type: 'S'.repeat(41) }],
    ['unit of measure', { uom: 'x'.repeat(41) }],
    ['description', { description: 'x'.repeat(256) }],
    [
      '5.00 is not quantity x unit cost, 15.00',
      { quantity: '3', unit_cost: '5', original_budget_amount: '5' },
    ],
  ])('is refused with words about the %s', (words, but) => {
    const read = lineFromInput(input(but))
    expect(Array.isArray(read) ? read.map(({ sentence }) => sentence.includes(words)) : []).toEqual([true])
  })

  test('is refused with every fault it has', () => {
    expect(faultsOf({ cost_type: '', quantity: 'x', original_budget_amount: '1.234' })).toEqual([
      ['/cost_type', 'MISSING'],
      ['/quantity', 'NOT_A_NUMBER'],
      ['/original_budget_amount', 'TOO_MANY_DECIMALS'],
    ])
  })

  test('comes back the same after it was written out', () => {
    fc.assert(
      fc.property(anyLine, (line) => {
        const read = lineFromInput({
          ...line.code,
          description: line.description,
          calculation_strategy: line.calculation_strategy,
          quantity: line.quantity === null ? null : formatScaled4(line.quantity),
          uom: line.uom,
          unit_cost: line.unit_cost === null ? null : formatScaled4(line.unit_cost),
          original_budget_amount: formatCents(line.original),
        })
        expect(read).toEqual({ ...line, changes: 0 })
      }),
      tried(200, 20_000),
    )
  })
})

const over = (before: LineItem, typed: Partial<LineInput>) =>
  lineFromInput({ cost_code: '03-3000', cost_type: 'S', ...typed }, before)

describe('what is typed over a line that stands', () => {
  const standing = {
    ...lineOf({ description: 'Slab', uom: 'CY', original_budget_amount: '10.00' }),
    changes: cents(500),
  }
  const factors = { quantity: '3', unit_cost: '5', original_budget_amount: undefined }
  const automatic = lineOf(factors)

  test.each<[string, LineItem, Partial<LineInput>, Partial<LineItem>]>([
    ['its code alone changes nothing', standing, {}, {}],
    ['its code alone changes nothing of an automatic line', automatic, {}, {}],
    ['a description stays alone', standing, { description: 'Slab 2' }, { description: 'Slab 2' }],
    ['an empty text empties it', standing, { description: '', uom: '' }, { description: '', uom: '' }],
    ['what is left undefined stays', standing, { description: undefined, uom: undefined }, {}],
    [
      'null empties a unit cost, and the line is manual',
      automatic,
      { unit_cost: null },
      { unit_cost: null, calculation_strategy: 'manual' },
    ],
    ['an amount stays alone', standing, { original_budget_amount: '7' }, { original: cents(700) }],
    [
      'a quantity makes a new product',
      automatic,
      { quantity: '4' },
      { quantity: Scaled4.parse(40_000), original: cents(2_000) },
    ],
    [
      'a quantity leaves a manual amount',
      { ...automatic, calculation_strategy: 'manual' },
      { quantity: '4' },
      { quantity: Scaled4.parse(40_000) },
    ],
    [
      'another amount makes it manual',
      automatic,
      { original_budget_amount: '7' },
      { original: cents(700), calculation_strategy: 'manual' },
    ],
    ['the same amount leaves it automatic', automatic, { original_budget_amount: '15' }, {}],
    [
      'null empties a quantity, and the line is manual',
      automatic,
      { quantity: null },
      { quantity: null, calculation_strategy: 'manual' },
    ],
    [
      'both factors make it automatic',
      standing,
      factors,
      {
        quantity: automatic.quantity,
        unit_cost: automatic.unit_cost,
        calculation_strategy: 'automatic',
        original: cents(1_500),
      },
    ],
    ['the strategy alone', automatic, { calculation_strategy: 'manual' }, { calculation_strategy: 'manual' }],
  ])('%s', (_, before, typed, after) => {
    expect(over(before, typed)).toEqual({ ...before, ...after })
  })

  test.each<[string, LineItem, Partial<LineInput>, string, string]>([
    [
      'automatic without a unit cost',
      standing,
      { calculation_strategy: 'automatic', quantity: '1' },
      '/unit_cost',
      'FACTOR_MISSING',
    ],
    [
      'with a product past all bounds',
      lineOf({ ...factors, quantity: '1', unit_cost: '9999999' }),
      { quantity: '9999999' },
      '/original_budget_amount',
      'OUT_OF_RANGE',
    ],
    [
      'with both factors and another amount',
      standing,
      { ...factors, original_budget_amount: '7' },
      '/original_budget_amount',
      'AMOUNT_IS_NOT_PRODUCT',
    ],
  ])('is refused %s', (_, before, typed, pointer, code) => {
    expect(over(before, typed)).toMatchObject([{ pointer, code }])
  })
})

test('a line of the trade has no fault', () => {
  fc.assert(
    fc.property(anyLine, (line) => {
      expect(checkLine(line)).toEqual([])
    }),
    tried(200, 20_000),
  )
})

test.each([
  ['its cost code', givenLine({ ...concrete, cost_code: '03-3000 ' })],
  ['nothing as sub job', givenLine({ ...concrete, sub_job: ' ' })],
])('a stored line with blanks around %s is found', (_, stored) => {
  expect(checkLine(stored).map(({ code }) => code)).toEqual(['BLANKS_AROUND'])
})

test.each([
  ['nothing but blanks as cost code', givenLine({ ...concrete, cost_code: ' ' }), 'MISSING'],
  ['an amount past all bounds', givenLine(concrete, { original: cents(100_000_000_000) }), 'OUT_OF_RANGE'],
])('a stored line with %s is found', (_, stored, code) => {
  expect(checkLine(stored)).toMatchObject([{ code }])
})

test.each<[string, Partial<LineItem>]>([
  ['code', { code: earthwork }],
  ['description', { description: 'Slab' }],
  ['strategy', { calculation_strategy: 'automatic' }],
  ['quantity', { quantity: Scaled4.parse(1) }],
  ['unit', { uom: 'CY' }],
  ['unit cost', { unit_cost: Scaled4.parse(1) }],
  ['original amount', { original: cents(1) }],
  ['budget changes', { changes: cents(1) }],
])('a line of another %s is not the same', (_, but) => {
  expect([sameLine(givenLine(), givenLine()), sameLine(givenLine(), { ...givenLine(), ...but })]).toEqual([
    true,
    false,
  ])
})

const put = (line: LineItem): LineEdit => ({ op: 'upsert', line })
const remove = (code = concrete): LineEdit => ({ op: 'delete', code })
const untouched = (): readonly number[] => []
const unlocked = givenHead()
const locked = givenHead({ edit: 'locked' })
const line = givenLine()
const zero = givenLine(painting, { original: noCents })

const originalOf = (lines: readonly LineItem[]): number =>
  lines.reduce((total, { original }) => total + original, 0)

describe('edits of an unlocked budget', () => {
  test('store new lines and other figures', () => {
    const dearer = { ...line, original: cents(33_000_000) }
    const edits = granted(applyEdits(unlocked, byKey(line), [put(dearer), put(zero)], untouched))
    expect(edits).toEqual(
      new Map([
        [lineKey(line), dearer],
        [lineKey(zero), zero],
      ]),
    )
  })

  test('leave out lines that stay as they are', () => {
    expect(granted(applyEdits(unlocked, byKey(line), [put(line)], untouched)).size).toBe(0)
  })

  test('delete lines', () => {
    expect(granted(applyEdits(unlocked, byKey(line), [remove()], untouched))).toEqual(
      new Map([[lineKey(line), null]]),
    )
  })

  test('never set the figure of budget changes', () => {
    const changed = givenLine(concrete, { changes: cents(1_500_000) })
    const edits = granted(
      applyEdits(
        unlocked,
        byKey(changed),
        [put({ ...changed, description: 'Slab', changes: cents(9) })],
        () => [4],
      ),
    )
    expect(edits.get(lineKey(line))?.changes).toBe(1_500_000)
  })

  test('of a new line begin without budget changes', () => {
    const edits = granted(applyEdits(unlocked, byKey(), [put({ ...line, changes: cents(9) })], untouched))
    expect(edits.get(lineKey(line))?.changes).toBe(0)
  })

  test.each<[string, LineEdit[], string]>([
    ['a line that is not there cannot be deleted', [remove(painting)], 'NOT_FOUND'],
    ['a line is edited once', [put(line), put(line)], 'LINE_INVALID'],
    ['a line is not stored and deleted at once', [put(line), remove()], 'LINE_INVALID'],
    ['an invalid line is not stored', [put({ ...line, description: 'a\tb' })], 'LINE_INVALID'],
    [
      'an automatic line carries its product',
      [
        put({
          ...line,
          calculation_strategy: 'automatic',
          quantity: Scaled4.parse(10_000),
          unit_cost: Scaled4.parse(10_000),
        }),
      ],
      'LINE_INVALID',
    ],
  ])('%s', (_, edits, code) => {
    expect(refused(applyEdits(unlocked, byKey(line), edits, untouched)).code).toBe(code)
  })

  test('keep a line that a budget change touches', () => {
    const answer = applyEdits(unlocked, byKey(line), [remove()], (key) =>
      key === keyOf(concrete) ? [4] : [],
    )
    expect(refused(answer)).toMatchObject({
      code: 'LINE_IN_USE',
      places: [{ sentence: 'Budget change 4 touches 03-3000.S: void it, or empty the line by a transfer.' }],
    })
  })

  test('keep a line that several budget changes touch, and name them', () => {
    const answer = refused(applyEdits(unlocked, byKey(line), [remove()], () => [4, 7]))
    expect(answer.sentence).toBe('One edit cannot be made.')
    expect(answer.places?.[0]?.sentence).toContain('Budget changes 4, 7 touch 03-3000.S')
  })

  test('are all refused with one, and every faulty one is named', () => {
    const edits = [
      put(zero),
      { ...remove(earthwork), pointer: '/line_items/1' },
      put({ ...line, uom: ' cy', description: 'a\tb' }),
    ]
    const { code, places, sentence } = refused(applyEdits(unlocked, byKey(line), edits, untouched))
    expect(sentence).toBe('2 edits cannot be made.')
    expect([code, places?.map((place) => [place.pointer, place.code])]).toEqual([
      'LINE_INVALID',
      [
        ['/line_items/1', 'NOT_FOUND'],
        ['/2/description', 'CONTROL_CHARACTER'],
        ['/2/uom', 'BLANKS_AROUND'],
      ],
    ])
  })

  test('cannot make the sum of the budget inexact', () => {
    const full = givenHead({ original: cents(Number.MAX_SAFE_INTEGER) })
    expect(refused(applyEdits(full, byKey(), [put(line)], untouched)).code).toBe('LINE_INVALID')
    const renamed = put({ ...line, description: 'Slab' })
    expect(granted(applyEdits(full, byKey(line), [renamed], untouched)).size).toBe(1)
  })

  test('change the sum of the original budget by what they say', () => {
    fc.assert(
      fc.property(anyLines(12), anyLines(12), (before, after) => {
        const standing = byKey(...before)
        const head = givenHead({ original: cents(originalOf(before)) })
        const edits = granted(applyEdits(head, standing, after.map(put), untouched))
        const stored = new Map(standing)
        for (const [key, edited] of edits) stored.set(key, edited!)
        const expected = new Map([...before, ...after].map((each) => [lineKey(each), each.original]))
        expect(originalOf([...stored.values()])).toBe(
          [...expected.values()].reduce((total, original) => total + original, 0),
        )
      }),
      tried(100, 5_000),
    )
  })
})

describe('edits of a locked budget', () => {
  test('add zero lines', () => {
    expect(granted(applyEdits(locked, byKey(line), [put(zero)], untouched)).get(lineKey(zero))).toEqual(zero)
  })

  test('delete zero lines that nothing touches', () => {
    expect(
      granted(applyEdits(locked, byKey(zero), [remove(painting)], untouched)).get(lineKey(zero)),
    ).toBeNull()
  })

  test.each<[string, LineEdit[], string]>([
    ['no line with an amount is added', [put(givenLine(painting))], 'BUDGET_LOCKED'],
    [
      'no line is changed, not even its description',
      [put({ ...line, description: 'Slab' })],
      'BUDGET_LOCKED',
    ],
    ['no line is set to zero', [put({ ...line, original: noCents })], 'BUDGET_LOCKED'],
    ['no line with an amount is deleted', [remove()], 'BUDGET_LOCKED'],
  ])('%s', (_, edits, code) => {
    expect(refused(applyEdits(locked, byKey(line), edits, untouched)).code).toBe(code)
  })

  test('keep a zero line that was funded by a change', () => {
    const funded = givenLine(earthwork, { original: noCents, changes: cents(5) })
    expect(refused(applyEdits(locked, byKey(funded), [remove(earthwork)], untouched)).code).toBe(
      'BUDGET_LOCKED',
    )
  })

  test('keep a zero line that a draft touches', () => {
    expect(refused(applyEdits(locked, byKey(zero), [remove(painting)], () => [4])).code).toBe('LINE_IN_USE')
  })
})

test.each(['unlocked', 'locked'] as const)(
  'nothing is edited in a %s budget that is with accounting',
  (edit) => {
    const head = givenHead({ edit, erp: 'exported' })
    expect(refused(applyEdits(head, byKey(), [put(zero)], untouched)).code).toBe('WITH_ACCOUNTING')
  },
)

test('nothing is edited while a command is under way', () => {
  const head = givenHead({ pending: { command: 'lock', by: id('pam'), at: noon } })
  expect(refused(applyEdits(head, byKey(), [put(zero)], untouched)).code).toBe('COMMAND_PENDING')
})
