/**
 * A text that begins like this is run as a formula by spreadsheets; the wide forms are, too, in some.
 * Source: OWASP ASVS 5.0, 1.2.10 (formula injection).
 */
const runs = /^'*[=+\-@\t\r\0\uff1d\uff0b\uff0d\uff20]/

/** A text that a spreadsheet shows and does not run: an apostrophe before it. `takenBack` undoes exactly this. */
export const shownNotRun = (text: string): string => (runs.test(text) ? `'${text}` : text)

/** A text as it was before `shownNotRun`; an apostrophe that stands before anything else belongs to the text. */
export const takenBack = (text: string): string =>
  text.startsWith("'") && runs.test(text) ? text.slice(1) : text
