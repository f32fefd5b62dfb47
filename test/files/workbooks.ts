import { zipOf } from '../../shared/budget-files/zip-out.ts'

// Workbooks written by hand, part by part, as they come from elsewhere or from nowhere good.

const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
const types = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const relations = (...each: readonly [id: string, type: string, target: string][]): string =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${each
    .map(([id, type, target]) => `<Relationship Id="${id}" Type="${types}/${type}" Target="${target}"/>`)
    .join('')}</Relationships>`

export interface SheetByHand {
  readonly name?: string
  readonly state?: string
  /** What stands within `sheetData`. */
  readonly rows: string
}

export interface WorkbookByHand {
  readonly sheets: readonly SheetByHand[]
  /** What stands within `sst`. */
  readonly strings?: string
  /** The number formats of the styles 0, 1, 2 ...: an id, or a format's code. */
  readonly formats?: readonly (number | string)[]
  readonly more?: readonly { readonly name: string; readonly text: string | Uint8Array }[]
  /** The whole first sheet, in place of its rows. */
  readonly sheet?: string | Uint8Array
}

const formatId = (format: number | string, index: number): number =>
  typeof format === 'number' ? format : 164 + index

export const sheetXml = (rows: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><worksheet ${main}><dimension ref="A1"/><sheetData>${rows}</sheetData></worksheet>`

export function workbook({
  sheets,
  strings = '',
  formats = [],
  more = [],
  sheet,
}: WorkbookByHand): Uint8Array {
  const codes = formats.map((format, index) =>
    typeof format === 'string' ? `<numFmt numFmtId="${String(164 + index)}" formatCode="${format}"/>` : '',
  )
  const styles = formats.map((format, index) => `<xf numFmtId="${String(formatId(format, index))}"/>`)
  return zipOf([
    { name: '_rels/.rels', text: relations(['r1', 'officeDocument', 'xl/workbook.xml']) },
    {
      name: 'xl/workbook.xml',
      text: `<workbook ${main} xmlns:r="${types}"><sheets>${sheets
        .map(
          ({ name, state = 'visible' }, n) =>
            `<sheet name="${name ?? `Sheet${String(n + 1)}`}" sheetId="${String(n + 1)}" state="${state}" r:id="s${String(n)}"/>`,
        )
        .join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      text: relations(
        ...sheets.map((_, n): [string, string, string] => [
          `s${String(n)}`,
          'worksheet',
          `worksheets/sheet${String(n)}.xml`,
        ]),
        ['strings', 'sharedStrings', 'sharedStrings.xml'],
        ['styles', 'styles', '/xl/styles.xml'],
      ),
    },
    { name: 'xl/sharedStrings.xml', text: `<sst ${main}>${strings}</sst>` },
    {
      name: 'xl/styles.xml',
      text: `<styleSheet ${main}><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${styles.join('')}</cellXfs></styleSheet>`,
    },
    ...sheets.map(({ rows }, n) => ({
      name: `xl/worksheets/sheet${String(n)}.xml`,
      text: (n === 0 ? sheet : undefined) ?? sheetXml(rows),
    })),
    ...more,
  ])
}

export const textCell = (at: string, text: string): string =>
  `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`

const row = (number: number, cells: readonly string[]): string =>
  `<row r="${String(number)}">${cells.join('')}</row>`

export const headings = row(
  1,
  ['Cost Code', 'Cost Type', 'Description', 'Unit Qty', 'Budget Amount'].map((heading, index) =>
    textCell(`${'ABCDE'.charAt(index)}1`, heading),
  ),
)

/** A workbook with the headings and one row of cells by their letter. */
export const oneLine = (
  cells: Readonly<Record<string, string>>,
  rest: Partial<WorkbookByHand> = {},
): Uint8Array => {
  const all: Readonly<Record<string, string>> = {
    A: textCell('A2', '03-3000'),
    B: textCell('B2', 'S'),
    E: '<c r="E2"><v>1</v></c>',
    ...cells,
  }
  const sorted = Object.keys(all)
    .toSorted()
    .map((letter) => all[letter] ?? '')
  return workbook({ sheets: [{ rows: headings + row(2, sorted) }], ...rest })
}
