import { BrokenWorkbook } from './broken-workbook.ts'
import { attributesOf, readXml, xmlText } from './xml-in.ts'
import type { Zip } from './zip-in.ts'

/** How a cell's number is shown, as far as it matters for what somebody meant by it. */
export type ShownAs = 'plain' | 'date' | 'percent' | 'other'

/** One sheet of a workbook; `part` names where its rows are. */
export interface Sheet {
  readonly name: string
  readonly hidden: boolean
  readonly part: string
}

export interface Workbook {
  readonly sheets: readonly Sheet[]
  /** Texts that cells refer to, each cut past `longest` characters. */
  readonly strings: readonly string[]
  /** By the number of a cell's style. */
  readonly shownAs: readonly ShownAs[]
}

// As many cells of text as 100,000 lines of nine columns can have, and a few.
const mostStrings = 1_000_000
const mostSheets = 100

function relationships(part: string): string {
  const folder = part.lastIndexOf('/') + 1
  return `${part.slice(0, folder)}_rels/${part.slice(folder)}.rels`
}

/** What a part refers to: the end of each relation's type, which is the same in both forms of the standard, and its part. */
function relationsOf(zip: Zip, part: string): { id: string; type: string; part: string }[] {
  const found: { id: string; type: string; part: string }[] = []
  const bytes = zip.read(relationships(part))
  if (!bytes) return found
  readXml(bytes, {
    open(name, tag) {
      if (name !== 'Relationship') return undefined
      const attributes = attributesOf(tag)
      // What lies outside of the file is never fetched.
      if (attributes.get('TargetMode') === 'External') return undefined
      found.push({
        id: attributes.get('Id') ?? '',
        type: (attributes.get('Type') ?? '').replace(/^.*\//, ''),
        part: resolved(part, attributes.get('Target') ?? ''),
      })
      return undefined
    },
    close: () => undefined,
  })
  return found
}

/** A target beside the part that names it. */
function resolved(from: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1)
  const path = from.split('/').slice(0, -1)
  for (const step of target.split('/'))
    if (step === '..') path.pop()
    else if (step !== '.') path.push(step)
  return path.join('/')
}

/**
 * What a workbook's sheets are read with. `longest`: characters of one text; what is longer is cut one past it, since
 * it is refused anyway and ten thousand cells may refer to it. @throws BrokenWorkbook
 */
export function openWorkbook(zip: Zip, longest: number): Workbook {
  const main = relationsOf(zip, '').find(({ type }) => type === 'officeDocument')?.part
  const bytes = main === undefined ? undefined : zip.read(main)
  if (main === undefined || !bytes)
    throw new BrokenWorkbook('NOT_A_WORKBOOK', 'The file is no Excel workbook (.xlsx), nor a CSV file.')
  const related = relationsOf(zip, main)
  const partOf = (type: string) => related.find((relation) => relation.type === type)?.part
  const strings = zip.read(partOf('sharedStrings') ?? '')
  const styles = zip.read(partOf('styles') ?? '')
  return {
    sheets: readSheets(bytes, related),
    strings: strings ? readStrings(strings, longest) : [],
    shownAs: styles ? readStyles(styles) : [],
  }
}

function readSheets(bytes: Buffer, related: ReturnType<typeof relationsOf>): Sheet[] {
  const sheets: Sheet[] = []
  const byId = new Map(related.map((relation) => [relation.id, relation]))
  readXml(bytes, {
    open(name, tag) {
      if (name !== 'sheet') return undefined
      const attributes = attributesOf(tag)
      const id = [...attributes].find(([key]) => key.endsWith(':id'))?.[1]
      const relation = byId.get(id ?? '')
      // A sheet may be a chart.
      if (relation?.type === 'worksheet')
        sheets.push({
          name: attributes.get('name') ?? '',
          hidden: (attributes.get('state') ?? 'visible') !== 'visible',
          part: relation.part,
        })
      if (sheets.length > mostSheets)
        throw new BrokenWorkbook('TOO_LARGE_INSIDE', 'The workbook has more sheets than are looked at.')
      return undefined
    },
    close: (name) => name === 'sheets',
  })
  return sheets
}

/** A control character in a text, and an underscore that would begin one (ECMA-376, ST_Xstring). */
export const withoutEscapes = (text: string): string =>
  text.includes('_x')
    ? text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text

/** A text that is refused for its length, as far as needed for that; what is left out may not be blank. */
export const cut = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest)}…` : text

/** Gathers the text of an element that may be in runs; how it is pronounced (`rPh`) is not part of it. */
export class RunsOfText {
  readonly #longest: number
  #text = ''
  #reading = false
  #aside = false

  constructor(longest: number) {
    this.#longest = longest
  }

  open(name: string): void {
    if (name === 't') this.#reading = !this.#aside
    else if (name === 'rPh') this.#aside = true
  }

  close(name: string): void {
    if (name === 't') this.#reading = false
    else if (name === 'rPh') this.#aside = false
  }

  add(raw: string): void {
    if (this.#reading && this.#text.length <= this.#longest) this.#text += xmlText(raw)
  }

  /** The text so far, and begins anew. */
  take(): string {
    const text = cut(withoutEscapes(this.#text), this.#longest)
    this.#text = ''
    return text
  }
}

function readStrings(bytes: Buffer, longest: number): string[] {
  const strings: string[] = []
  const runs = new RunsOfText(longest)
  readXml(bytes, {
    open(name) {
      runs.open(name)
      return undefined
    },
    close(name) {
      runs.close(name)
      if (name === 'si') strings.push(runs.take())
      if (strings.length > mostStrings)
        throw new BrokenWorkbook('TOO_LARGE_INSIDE', 'The workbook holds more texts than any budget.')
      return undefined
    },
    text(raw) {
      runs.add(raw)
    },
  })
  return strings
}

// ECMA-376 part 1, 18.8.30: formats that a workbook need not list. 14 to 22 and 45 to 47 are dates and times in every
// language, 27 to 36 and 50 to 58 are dates in East Asian ones.
const builtInDate = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)
const builtInPercent = new Set([9, 10])
/** General, `0` and text: they show a whole number as its digits. */
const builtInPlain = new Set([0, 1, 49])

/** A format's own letters: without texts in quotes, escaped characters, fill and width marks, colours and locales. */
const lettersOf = (code: string): string =>
  code.replaceAll(/"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^[\]]*\]/gi, '')

function shownById(id: number): ShownAs {
  if (builtInDate(id)) return 'date'
  if (builtInPercent.has(id)) return 'percent'
  return builtInPlain.has(id) ? 'plain' : 'other'
}

function shownByCode(code: string): ShownAs {
  if (/^(?:general|@|0)$/i.test(code)) return 'plain'
  const letters = lettersOf(code)
  if (/[dmyhs]/i.test(letters.replaceAll(/general/gi, ''))) return 'date'
  return letters.includes('%') ? 'percent' : 'other'
}

function readStyles(bytes: Buffer): ShownAs[] {
  // A format is looked at once, however many styles have it.
  const formats = new Map<number, ShownAs>()
  const shown: ShownAs[] = []
  let inCells = false
  readXml(bytes, {
    open(name, tag) {
      if (name === 'cellXfs') inCells = true
      if (name !== 'numFmt' && !(inCells && name === 'xf')) return undefined
      const attributes = attributesOf(tag)
      const id = Number(attributes.get('numFmtId') ?? 0)
      if (name === 'numFmt') formats.set(id, shownByCode(attributes.get('formatCode') ?? ''))
      else shown.push(formats.get(id) ?? shownById(id))
      return undefined
    },
    close: (name) => name === 'cellXfs',
  })
  return shown
}
