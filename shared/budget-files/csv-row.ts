// Semicolon and tab too: where a spreadsheet separates by them, a quoted text stays one cell.
const quoted = (cell: string): string =>
  /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

/** One record of a CSV file (RFC 4180). */
export const csvRow = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\r\n`

/** Makes Excel read the file as UTF-8. */
export const byteOrderMark = '\ufeff'
