import { type ZipFile, zipOf } from './zip-out.ts'

/** The styles that cells of our workbooks have, by their place in `styles`. */
export const cellStyle = { plain: 0, heading: 1, text: 2, amount: 3, quantity: 4 } as const
export type CellStyle = (typeof cellStyle)[keyof typeof cellStyle]

/** A column of a sheet: how wide in characters, and how its cells are shown, those not yet filled too. */
export interface SheetColumn {
  readonly width: number
  readonly style: CellStyle
}

/** A choice offered in the cells of a column, from 0, below the headings; another value is asked about, not refused. */
export interface Choice {
  readonly column: number
  readonly formula: string
}

export interface SheetOut {
  readonly name: string
  readonly columns: readonly SheetColumn[]
  /** Texts, and numbers as decimals; a cell is a number where its column is shown as one, below the first row. */
  readonly rows: Iterable<readonly string[]>
  readonly choices?: readonly Choice[]
}

// What XML 1.0 cannot hold at all, an underscore that would begin an escape, and what it would change (ST_Xstring).
// oxlint-disable-next-line no-control-regex
const escaped = /[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)/g

const entities = new Map(Object.entries({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }))

/** A text as XML of a workbook. */
const xml = (text: string): string =>
  text
    .replaceAll(/[&<>"]/g, (character) => entities.get(character) ?? '')
    .replaceAll(
      escaped,
      (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )

/** `A` for 0. Our sheets have fewer than 26 columns. */
export const columnLetter = (index: number): string => String.fromCharCode(65 + index)

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const ofPackage = 'http://schemas.openxmlformats.org/package/2006'

const isNumber = (style: CellStyle): boolean => style === cellStyle.amount || style === cellStyle.quantity

function cell(text: string, at: string, style: CellStyle): string {
  if (text === '') return ''
  const begin = `<c r="${at}" s="${String(style)}"`
  return isNumber(style)
    ? `${begin}><v>${text}</v></c>`
    : `${begin} t="inlineStr"><is><t xml:space="preserve">${xml(text)}</t></is></c>`
}

function* rowsOf({ columns, rows }: SheetOut): Generator<string> {
  let line = 0
  for (const cells of rows) {
    line += 1
    const number = String(line)
    const written = cells.map((text, index) => {
      const style = line === 1 ? cellStyle.heading : (columns[index]?.style ?? cellStyle.text)
      return cell(text, columnLetter(index) + number, style)
    })
    yield `<row r="${number}">${written.join('')}</row>`
  }
}

const lastRow = 1_048_576 // where a sheet ends

const choice = ({ column, formula }: Choice): string => {
  const letter = columnLetter(column)
  return `<dataValidation type="list" errorStyle="warning" allowBlank="1" showErrorMessage="1" sqref="${letter}2:${letter}${String(lastRow)}"><formula1>${xml(formula)}</formula1></dataValidation>`
}

function worksheet(sheet: SheetOut): string {
  const columns = sheet.columns.map(({ width, style }, index) => {
    const at = String(index + 1)
    return `<col min="${at}" max="${at}" width="${String(width)}" style="${String(style)}" customWidth="1"/>`
  })
  const { choices = [] } = sheet
  return [
    `${declaration}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0">`,
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>',
    `<cols>${columns.join('')}</cols><sheetData>`,
    ...rowsOf(sheet),
    '</sheetData>',
    choices.length === 0
      ? ''
      : `<dataValidations count="${String(choices.length)}">${choices.map(choice).join('')}</dataValidations>`,
    '</worksheet>',
  ].join('')
}

// Number formats: 49 is text, 2 is `0.00`, as a sheet saved as CSV must not hold thousands separators, 0 is general, which shows a quantity with the decimals it has.
const styles = `${declaration}<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">${[
  'numFmtId="0" fontId="0"',
  'numFmtId="49" fontId="1" applyFont="1" applyNumberFormat="1"',
  'numFmtId="49" fontId="0" applyNumberFormat="1"',
  'numFmtId="2" fontId="0" applyNumberFormat="1"',
  'numFmtId="0" fontId="0"',
]
  .map((format) => `<xf ${format} fillId="0" borderId="0" xfId="0"/>`)
  .join(
    '',
  )}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`

const relation = (id: number, type: string, target: string): string =>
  `<Relationship Id="rId${String(id)}" Type="${relations}/${type}" Target="${target}"/>`

const relationships = (...each: readonly string[]): string =>
  `${declaration}<Relationships xmlns="${ofPackage}/relationships">${each.join('')}</Relationships>`

const typeOf = (part: string, name: string): string =>
  `<Override PartName="/xl/${part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${name}+xml"/>`

const contentTypes = (sheets: number): string =>
  [
    `${declaration}<Types xmlns="${ofPackage}/content-types">`,
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>',
    '<Default Extension="xml" ContentType="application/xml"/>',
    typeOf('workbook.xml', 'sheet.main'),
    typeOf('styles.xml', 'styles'),
    ...Array.from({ length: sheets }, (_, n) => typeOf(`worksheets/sheet${String(n + 1)}.xml`, 'worksheet')),
    '</Types>',
  ].join('')

/** Sheets as an Excel workbook; the same sheets give the same bytes. Texts are never formulas. */
export function workbookOf(sheets: readonly SheetOut[]): Uint8Array {
  const listed = sheets.map(
    ({ name }, n) => `<sheet name="${xml(name)}" sheetId="${String(n + 1)}" r:id="rId${String(n + 1)}"/>`,
  )
  const files: ZipFile[] = [
    { name: '[Content_Types].xml', text: contentTypes(sheets.length) },
    { name: '_rels/.rels', text: relationships(relation(1, 'officeDocument', 'xl/workbook.xml')) },
    {
      name: 'xl/workbook.xml',
      text: `${declaration}<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${listed.join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      text: relationships(
        ...sheets.map((_, n) => relation(n + 1, 'worksheet', `worksheets/sheet${String(n + 1)}.xml`)),
        relation(sheets.length + 1, 'styles', 'styles.xml'),
      ),
    },
    { name: 'xl/styles.xml', text: styles },
    ...sheets.map((sheet, n) => ({
      name: `xl/worksheets/sheet${String(n + 1)}.xml`,
      text: worksheet(sheet),
    })),
  ]
  return zipOf(files)
}
