/** A change that no test can find, or that none should. */
export interface Survivor {
  readonly file: string
  /** The first line that the change touches, and what comes of it. */
  readonly line: string
  readonly becomes: string
  readonly why: string
}

export const survivors: readonly Survivor[] = [
  {
    file: 'shared/domain/budget-code.ts',
    line: "const [sub_job = '', cost_code = '', cost_type = ''] = key.split(separator)",
    becomes: "const [sub_job = \"Stryker was here!\", cost_code = '', cost_type = ''] = key.split(separator)",
    why: 'A key always has three parts: keyOf makes it.',
  },
  {
    file: 'shared/domain/budget-code.ts',
    line: "const [sub_job = '', cost_code = '', cost_type = ''] = key.split(separator)",
    becomes: "const [sub_job = '', cost_code = \"Stryker was here!\", cost_type = ''] = key.split(separator)",
    why: 'A key always has three parts: keyOf makes it.',
  },
  {
    file: 'shared/domain/budget-code.ts',
    line: "const [sub_job = '', cost_code = '', cost_type = ''] = key.split(separator)",
    becomes: "const [sub_job = '', cost_code = '', cost_type = \"Stryker was here!\"] = key.split(separator)",
    why: 'A key always has three parts: keyOf makes it.',
  },
  {
    file: 'shared/domain/cents.ts',
    line: "const [, sign, whole = '', fraction = ''] = match",
    becomes: 'const [, sign, whole = "Stryker was here!", fraction = \'\'] = match',
    why: 'The pattern always gives this group.',
  },
  {
    file: 'shared/domain/entry-date.ts',
    line: "format.formatToParts(Date.parse(at)).find((found) => found.type === type)?.value ?? ''",
    becomes:
      'format.formatToParts(Date.parse(at)).find((found) => found.type === type)?.value ?? "Stryker was here!"',
    why: 'The format always has this part.',
  },
  {
    file: 'shared/domain/entry-date.ts',
    line: "format.formatToParts(Date.parse(at)).find((found) => found.type === type)?.value ?? ''",
    becomes: "format.formatToParts(Date.parse(at)).find(found => found.type === type).value ?? ''",
    why: 'The format always has this part.',
  },
  {
    file: 'shared/domain/lines.ts',
    line: "places: faults.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer ?? ''}` })),",
    becomes:
      'places: faults.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer ?? "Stryker was here!"}` })),',
    why: 'Every fault of a line has a pointer.',
  },
  {
    file: 'shared/domain/lines.ts',
    line: 'new Set(Object.entries(input).flatMap(([field, value]) => (value === undefined ? [] : [field])))',
    becomes:
      'new Set(Object.entries(input).flatMap(([field, value]) => (value === undefined ? ["Stryker was here"] : [field])))',
    why: 'No field has this name.',
  },
  {
    file: 'shared/domain/lines.ts',
    line: "codes.size === 1 && only !== undefined ? only : 'LINE_INVALID',",
    becomes: "codes.size === 1 && true ? only : 'LINE_INVALID',",
    why: 'A set of one has a first.',
  },
  {
    file: 'shared/domain/quantity.ts',
    line: "const [, sign, whole = '', fraction = ''] = match",
    becomes: 'const [, sign, whole = "Stryker was here!", fraction = \'\'] = match',
    why: 'The pattern always gives this group.',
  },
  {
    file: 'shared/domain/quantity.ts',
    line: 'const size = product < 0n ? -product : product',
    becomes: 'const size = product <= 0n ? -product : product',
    why: 'Zero has no sign.',
  },
  {
    file: 'shared/domain/quantity.ts',
    line: 'const amount = Number(product < 0n ? -rounded : rounded)',
    becomes: 'const amount = Number(product <= 0n ? -rounded : rounded)',
    why: 'Zero has no sign.',
  },
  {
    file: 'shared/domain/restore.ts',
    line: '(key) => rowOf(codeOfKey(key), now.get(key), edits.get(key), then.has(key)) ?? [],',
    becomes:
      '(key) => rowOf(codeOfKey(key), now.get(key), edits.get(key), then.has(key)) ?? ["Stryker was here"],',
    why: 'Every key of the edits, or of a line that the version lacks, has a row.',
  },
  {
    file: 'shared/domain/restore.ts',
    line: 'const keys = new Set([...edits.keys(), ...[...now.keys()].filter((key) => !then.has(key))])',
    becomes: 'const keys = new Set([...edits.keys(), ...[...now.keys()]])',
    why: 'Lines of the version without an edit make no row: they are left out sooner.',
  },
  {
    file: 'shared/domain/line-faults.ts',
    line: 'if (product !== undefined && product !== line.original && Math.abs(product) <= largestAmount)',
    becomes: 'if (true && product !== line.original && Math.abs(product) <= largestAmount)',
    why: 'Without a product the last comparison is false.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: 'lines.map((line) => ({ code: line.code, cents: amount(line) })).filter(({ cents }) => cents !== 0),',
    becomes: 'lines.map(line => ({ code: line.code, cents: amount(line) })),',
    why: 'oneEntryPerKey drops zeros as well; without them it need not sort.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: 'lines.map((line) => ({ code: line.code, cents: amount(line) })).filter(({ cents }) => cents !== 0),',
    becomes: 'lines.map((line) => ({ code: line.code, cents: amount(line) })).filter(({ cents }) => true),',
    why: 'oneEntryPerKey drops zeros as well; without them it need not sort.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: '[...stillDue(lines, position)]',
    becomes: '[...stillDue(lines, position)]',
    why: 'oneEntryPerKey drops zeros as well; without them it need not sort.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: '.filter(([, cents]) => cents !== 0)',
    becomes: '.filter(([, cents]) => true)',
    why: 'oneEntryPerKey drops zeros as well; without them it need not sort.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: 'if (isCanonical(entries)) return entries',
    becomes: 'if (false) return entries',
    why: 'Only spares the work: canonical entries stay as they are.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: 'function isCanonical(entries: readonly ExportEntry[]): boolean {',
    becomes: 'function isCanonical(entries: readonly ExportEntry[]): boolean {}',
    why: 'Only spares the work: canonical entries stay as they are.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: "let before = ''",
    becomes: 'let before = "Stryker was here!"',
    why: 'Only spares the work: canonical entries stay as they are.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: 'if (cents === 0 || key <= before) return false',
    becomes: 'if (true) return false',
    why: 'Only spares the work: canonical entries stay as they are.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: 'if (cents === 0 || key <= before) return false',
    becomes: 'if (cents !== 0 || key <= before) return false',
    why: 'Only spares the work: canonical entries stay as they are.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: 'if (cents === 0 || key <= before) return false',
    becomes: 'if (cents === 0 || key > before) return false',
    why: 'Only spares the work: canonical entries stay as they are.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: 'return true',
    becomes: 'return false',
    why: 'Only spares the work: canonical entries stay as they are.',
  },
  {
    file: 'shared/domain/entries.ts',
    line: 'totalOf(entries.filter(({ cents }) => cents > 0))',
    becomes: 'totalOf(entries.filter(({ cents }) => cents >= 0))',
    why: 'Zero adds nothing.',
  },
  {
    file: 'shared/domain/line-filter.ts',
    line: 'return wanted.every((part) => parts[part] === filter[part]?.trim())',
    becomes: 'return wanted.every((part) => parts[part] === filter[part].trim())',
    why: 'Only parts that are named are wanted.',
  },
]
