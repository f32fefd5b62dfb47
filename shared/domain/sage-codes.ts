import type { SageCompany, SageLimits } from './sage-company.ts'
import { plainCode } from './sage-text.ts'

/** What is wrong with the shape of a code; the sentence names it. */
export interface CodeFault {
  readonly code: 'CODE_TOO_LONG' | 'CODE_FORMAT'
  readonly sentence: string
}

interface Shape {
  readonly name: string
  readonly limit: keyof Pick<SageLimits, 'job' | 'extra' | 'cost_code' | 'category'>
  /** Most sections that Job Cost knows; absent where the code has no sections, and separators count as characters. */
  readonly sections?: number
  readonly mayBeBlank?: true
}

// Sections: job three, cost code four (research: limits of the fields in Job Cost).
const shapes = {
  job: { name: 'Job', limit: 'job', sections: 3 },
  sub_job: { name: 'Sub job', limit: 'extra', mayBeBlank: true },
  cost_code: { name: 'Cost code', limit: 'cost_code', sections: 4 },
  cost_type: { name: 'Cost type', limit: 'category' },
} as const satisfies Record<string, Shape>

export type CodeKind = keyof typeof shapes

const separators = /[-./]/

export const sectionsOf = (code: string): string[] => code.split(separators)

/** How job and cost code stand in a file for Sage: as Sage shows them, or with their separators left out. */
export const writtenCode = (
  code: string,
  { code_separators }: Pick<SageCompany, 'code_separators'>,
): string => (code_separators === 'left_out' ? sectionsOf(code).join('') : code)

/**
 * Checks a code, as Sage shows it, against the limits of a Sage company and, where one is given, its section mask.
 * Separators do not count against the length of job and cost code.
 */
export function codeFaults(kind: CodeKind, code: string, limits: SageLimits, mask?: string): CodeFault[] {
  const shape: Shape = shapes[kind]
  if (code === '')
    return shape.mayBeBlank ? [] : [{ code: 'CODE_FORMAT', sentence: `${shape.name} is blank.` }]
  const named = `${shape.name} ${code}`
  const limit = limits[shape.limit]
  const faults: CodeFault[] = []
  if (significant(shape, code) > limit)
    faults.push({ code: 'CODE_TOO_LONG', sentence: `${named} has more than ${String(limit)} characters.` })
  const format = formatFault(shape, code, mask)
  if (format !== undefined) faults.push({ code: 'CODE_FORMAT', sentence: `${named} ${format}.` })
  return faults
}

const significant = (shape: Shape, code: string): number =>
  shape.sections === undefined ? code.length : sectionsOf(code).join('').length

function formatFault(shape: Shape, code: string, mask: string | undefined): string | undefined {
  if (!plainCode(code) || code !== code.trim()) return 'holds a character that Sage cannot take in a code'
  if (mask !== undefined && !fitsMask(code, mask)) return `does not fit the mask ${mask}`
  if (shape.sections === undefined) return undefined
  const sections = sectionsOf(code)
  if (sections.includes('')) return 'has an empty section'
  if (sections.length > shape.sections) return `has more than ${String(shape.sections)} sections`
  return undefined
}

/** `#` stands for one character that is no separator; any other character of the mask stands for itself. */
function fitsMask(code: string, mask: string): boolean {
  if (code.length !== mask.length) return false
  for (let at = 0; at < mask.length; at += 1) {
    const place = mask.charAt(at)
    const fits = place === '#' ? !separators.test(code.charAt(at)) : place === code.charAt(at)
    if (!fits) return false
  }
  return true
}

/**
 * A division (parent) code is a cost code of one section, where the company's codes have more
 * (domain: the first section names the division).
 */
export const isDivisionCode = (costCode: string, mask?: string): boolean =>
  sectionsOf(costCode).length === 1 && (mask === undefined || sectionsOf(mask).length > 1)
