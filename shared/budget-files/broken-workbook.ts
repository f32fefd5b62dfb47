/** A workbook that cannot be read on; caught where the file is read, and told as one faulty place. */
export class BrokenWorkbook extends Error {
  override readonly name = 'BrokenWorkbook'
  readonly code: string
  constructor(code: string, sentence: string) {
    super(sentence)
    this.code = code
  }
}
