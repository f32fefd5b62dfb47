/** The four codes that make up a Job Cost key, and what bounds each of them. */
export type CodeKind = 'job' | 'extra' | 'costCode' | 'category'

interface CodeLimit {
  readonly name: string
  /** Characters without separators. */
  readonly significant: number
  readonly sections: number
  /** Characters with separators: the width read views pad to. */
  readonly width: number
}

/** sage-connector.md 1.3 and 2: separators do not count against the limit. */
export const codeLimits: Record<CodeKind, CodeLimit> = {
  job: { name: 'Job', significant: 10, sections: 3, width: 12 },
  extra: { name: 'Extra', significant: 10, sections: 1, width: 10 },
  costCode: { name: 'Cost Code', significant: 12, sections: 4, width: 15 },
  category: { name: 'Category', significant: 3, sections: 1, width: 3 },
}

const separators = /[-./]/
const maskShape = /^[X#]+([-./][X#]+)*$/

/** A mask is sections of `X` or `#` with their separators, such as `##-####`. */
export const isMask = (text: string): boolean => maskShape.test(text)

export type ReadCode =
  | { readonly ok: true; readonly code: string }
  | { readonly ok: false; readonly reason: string }

/**
 * Takes a code as written, drops outer blanks, and holds it against the limits of Job Cost and, where the company
 * has one, its mask: a section of `#` takes exactly that many digits, one of `X` up to that many characters.
 */
export function readCode(kind: CodeKind, text: string, mask: string | null): ReadCode {
  const code = text.trim()
  const limit = codeLimits[kind]
  const refuse = (reason: string): ReadCode => ({ ok: false, reason: `${limit.name} "${code}" ${reason}` })
  if (code === '') return { ok: false, reason: `${limit.name} is blank` }
  if (/["\p{Cc}]/u.test(code)) return refuse('holds a quote or a control character')
  const sections = limit.sections === 1 ? [code] : code.split(separators)
  if (sections.includes('')) return refuse('has an empty section')
  if (sections.join('').length > limit.significant)
    return refuse(`is longer than ${String(limit.significant)}`)
  if (sections.length > limit.sections) return refuse(`has more than ${String(limit.sections)} sections`)
  if (mask !== null && !fits(code, mask)) return refuse(`does not fit the mask ${mask}`)
  return { ok: true, code }
}

function fits(code: string, mask: string): boolean {
  const pattern = mask.replace(/#+|X+|[-./]/g, (part) => {
    if (part.startsWith('#')) return `\\d{${String(part.length)}}`
    if (part.startsWith('X')) return `[^-./]{1,${String(part.length)}}`
    return `\\${part}`
  })
  return new RegExp(`^${pattern}$`).test(code)
}

/** As the data driver shows a key: digits right-justified to the width, anything else left-justified. */
export function padKey(kind: CodeKind, code: string): string {
  const { width } = codeLimits[kind]
  return /^\d+$/.test(code) ? code.padStart(width) : code.padEnd(width)
}
