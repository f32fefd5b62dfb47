import { formatCents } from './cents.ts'
import { automaticAmount, type LineItem } from './line-item.ts'
import { largestAmount } from './number-text.ts'
import type { FaultyPlace } from './refusal.ts'

/**
 * Longest texts that are stored, in characters. Sage's own limits are shorter and are findings of the pre-check;
 * these keep the largest chunk of 512 lines well under the 400 KB of one stored item.
 */
const longest = { sub_job: 40, cost_code: 40, cost_type: 40, uom: 20, description: 255 } as const

// Control, format, unassigned characters and lone surrogates: two codes that look alike must be one code.
// U+FFFD stands where a letter was lost on the way: a file that holds it is refused too.
const notInCodes = /[\p{C}\ufffd]/u
// A description may hold joiners and direction marks of its language, but nothing that reorders what an approver reads.
export const notInDescriptions = /[\p{Cc}\p{Cs}\ufffd\u202a-\u202e\u2066-\u2069]/u

type TextField = keyof typeof longest

const inWords: Record<TextField, string> = {
  sub_job: 'sub job',
  cost_code: 'cost code',
  cost_type: 'cost type',
  uom: 'unit of measure',
  description: 'description',
}

function textFaults(field: TextField, text: string, required: boolean): FaultyPlace[] {
  const pointer = `/${field}`
  const name = inWords[field]
  if (text.trim() === '' && required)
    return [{ pointer, code: 'MISSING', sentence: `The ${name} is missing.` }]
  const faults: FaultyPlace[] = []
  if (text !== text.trim())
    faults.push({ pointer, code: 'BLANKS_AROUND', sentence: `The ${name} begins or ends with a blank.` })
  if (text.length > longest[field])
    faults.push({
      pointer,
      code: 'TEXT_TOO_LONG',
      sentence: `The ${name} has ${String(text.length)} characters; at most ${String(longest[field])} are kept.`,
    })
  if ((field === 'description' ? notInDescriptions : notInCodes).test(text))
    faults.push({
      pointer,
      code: 'CONTROL_CHARACTER',
      sentence: `The ${name} holds a line break or another character that cannot be seen.`,
    })
  return faults
}

type Texts = Pick<LineItem, 'code' | 'description' | 'uom'>

/** What is wrong with the texts of a line. */
export const checkTexts = ({ code, description, uom }: Texts): FaultyPlace[] => [
  ...textFaults('sub_job', code.sub_job, false),
  ...textFaults('cost_code', code.cost_code, true),
  ...textFaults('cost_type', code.cost_type, true),
  ...textFaults('description', description, false),
  ...textFaults('uom', uom, false),
]

type Figures = Pick<LineItem, 'calculation_strategy' | 'quantity' | 'unit_cost' | 'original'>

/** What is wrong with the figures of a line: an automatic amount is quantity x unit cost, to the cent. */
export function checkFigures(line: Figures): FaultyPlace[] {
  const pointer = '/original_budget_amount'
  if (line.calculation_strategy === 'automatic') {
    const missing = (['quantity', 'unit_cost'] as const).filter((factor) => line[factor] === null)
    if (missing.length > 0)
      return missing.map((factor) => ({
        pointer: `/${factor}`,
        code: 'FACTOR_MISSING',
        sentence: `An automatic line needs its ${factor === 'quantity' ? 'quantity' : 'unit cost'}.`,
      }))
    const product = automaticAmount(line)
    if (product !== undefined && product !== line.original && Math.abs(product) <= largestAmount)
      return [
        {
          pointer,
          code: 'AMOUNT_IS_NOT_PRODUCT',
          sentence:
            `The amount ${formatCents(line.original)} is not quantity x unit cost, ${formatCents(product)}; ` +
            'calculate the line manually if the typed amount shall stand.',
        },
      ]
    if (product === undefined || Math.abs(product) > largestAmount)
      return [
        { pointer, code: 'OUT_OF_RANGE', sentence: 'Quantity x unit cost is larger than a line can hold.' },
      ]
  }
  return Math.abs(line.original) > largestAmount
    ? [{ pointer, code: 'OUT_OF_RANGE', sentence: 'The amount is larger than a line can hold.' }]
    : []
}
