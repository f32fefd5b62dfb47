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
  {
    file: 'shared/domain/eligibility.ts',
    line: 'return step ? rightsOf(step, people, at, timeZone).filter((right) => right.person.id === person.id) : []',
    becomes:
      'return step ? rightsOf(step, people, at, timeZone).filter((right) => right.person.id === person.id) : ["Stryker was here"]',
    why: 'An approval is always at one of its steps.',
  },
  {
    file: 'shared/domain/eligibility.ts',
    line: 'const rights = step ? rightsOf(step, people, at, timeZone) : []',
    becomes: 'const rights = step ? rightsOf(step, people, at, timeZone) : ["Stryker was here"]',
    why: 'An approval is always at one of its steps.',
  },
  {
    file: 'shared/domain/eligibility.ts',
    line: 'return refusals[0] ?? notApprover(asking.approval.steps[asking.approval.step - 1]?.name)',
    becomes: 'return refusals[0] ?? notApprover(asking.approval.steps[asking.approval.step - 1].name)',
    why: 'An approval is always at one of its steps.',
  },
  {
    file: 'shared/domain/eligibility.ts',
    line: ': notApprover(asking.approval.steps[asking.approval.step - 1]?.name)',
    becomes: ': notApprover(asking.approval.steps[asking.approval.step - 1].name)',
    why: 'An approval is always at one of its steps.',
  },
  {
    file: 'shared/domain/eligibility.ts',
    line: 'eligibleToAccept(asking).length >= (asking.approval.steps[asking.approval.step - 1]?.accepts ?? 1)',
    becomes:
      'eligibleToAccept(asking).length >= (asking.approval.steps[asking.approval.step - 1].accepts ?? 1)',
    why: 'An approval is always at one of its steps.',
  },
  {
    file: 'shared/domain/decide.ts',
    line: "(choice.choice === 'accept' ? choice.entry_date : undefined) ?? dayIn(sage.time_zone, at)",
    becomes: '(true ? choice.entry_date : undefined) ?? dayIn(sage.time_zone, at)',
    why: 'Only asked of an accept; a reject has no entry date.',
  },
  {
    file: 'shared/domain/decide.ts',
    line: 'code_from_amount !== undefined && amount >= code_from_amount',
    becomes: 'true && amount >= code_from_amount',
    why: 'No amount is at least undefined.',
  },
  {
    file: 'shared/domain/decide.ts',
    line: 'const needed = approval.steps[approval.step - 1]?.accepts ?? 1',
    becomes: 'const needed = approval.steps[approval.step - 1].accepts ?? 1',
    why: 'An approval is always at one of its steps.',
  },
  {
    file: 'shared/domain/project-policy.ts',
    line: 'const shorter = (a: string, b: string): string => (lengthOf(a) <= lengthOf(b) ? a : b)',
    becomes: 'const shorter = (a: string, b: string): string => (lengthOf(a) < lengthOf(b) ? a : b)',
    why: 'Of two equal lengths either is the shorter.',
  },
  {
    file: 'shared/domain/project-policy.ts',
    line: '...(code_from_amount !== undefined &&',
    becomes: '...(true &&',
    why: 'Nothing is more than undefined.',
  },
  {
    file: 'shared/domain/project-policy.ts',
    line: '...(step.accepts !== undefined && step.accepts < of.accepts',
    becomes: '...(true && step.accepts < of.accepts',
    why: 'Nothing is less than undefined.',
  },
  {
    file: 'shared/domain/project-policy.ts',
    line: '...(step.from_amount !== undefined && step.from_amount > (of.from_amount ?? Number.NEGATIVE_INFINITY)',
    becomes: '...(true && step.from_amount > (of.from_amount ?? Number.NEGATIVE_INFINITY)',
    why: 'Nothing is more than undefined.',
  },
  {
    file: 'shared/domain/durations.ts',
    line: "const [, weeks = '0', days = '0', hoursBesideDays = '0', hours = '0'] = match",
    becomes: "const [, weeks = \"\", days = '0', hoursBesideDays = '0', hours = '0'] = match",
    why: 'No digits count as none.',
  },
  {
    file: 'shared/domain/durations.ts',
    line: "const [, weeks = '0', days = '0', hoursBesideDays = '0', hours = '0'] = match",
    becomes: "const [, weeks = '0', days = \"\", hoursBesideDays = '0', hours = '0'] = match",
    why: 'No digits count as none.',
  },
  {
    file: 'shared/domain/durations.ts',
    line: "const [, weeks = '0', days = '0', hoursBesideDays = '0', hours = '0'] = match",
    becomes: "const [, weeks = '0', days = '0', hoursBesideDays = \"\", hours = '0'] = match",
    why: 'No digits count as none.',
  },
  {
    file: 'shared/domain/durations.ts',
    line: "const [, weeks = '0', days = '0', hoursBesideDays = '0', hours = '0'] = match",
    becomes: "const [, weeks = '0', days = '0', hoursBesideDays = '0', hours = \"\"] = match",
    why: 'No digits count as none.',
  },
  {
    file: 'shared/domain/stages.ts',
    line: 'const after = steps[step - 1]?.escalation?.after',
    becomes: 'const after = steps[step - 1].escalation?.after',
    why: 'An approval is always at one of its steps.',
  },
  {
    file: 'shared/domain/stages.ts',
    line: 'const wanted = steps[step - 1]?.reminder',
    becomes: 'const wanted = steps[step - 1].reminder',
    why: 'An approval is always at one of its steps.',
  },
]
