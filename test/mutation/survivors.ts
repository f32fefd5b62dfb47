/** A change that no test can find, or that none does yet: those begin with "Not met by a test". */
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
  {
    file: 'shared/sage/estimate-file.ts',
    line: "const [year = '', month = '', date = ''] = day.split('-')",
    becomes: "const [year = \"Stryker was here!\", month = '', date = ''] = day.split('-')",
    why: 'A day always has three parts.',
  },
  {
    file: 'shared/sage/estimate-file.ts',
    line: "const [year = '', month = '', date = ''] = day.split('-')",
    becomes: "const [year = '', month = \"Stryker was here!\", date = ''] = day.split('-')",
    why: 'A day always has three parts.',
  },
  {
    file: 'shared/sage/estimate-file.ts',
    line: "const [year = '', month = '', date = ''] = day.split('-')",
    becomes: "const [year = '', month = '', date = \"Stryker was here!\"] = day.split('-')",
    why: 'A day always has three parts.',
  },
  {
    file: 'shared/sage/estimate-file.ts',
    line: "let extra = ''",
    becomes: 'let extra = "Stryker was here!"',
    why: 'No extra has this name, and one that is not announced has no record.',
  },
  {
    file: 'shared/sage/estimate-file.ts',
    line: 'if (before !== undefined) return before',
    becomes: 'if (false) return before',
    why: 'Only spares the work: each field is made once.',
  },
  {
    file: 'shared/sage/estimate-file.ts',
    line: 'made.set(text, field)',
    becomes: ';',
    why: 'Only spares the work: each field is made once.',
  },
  {
    file: 'shared/sage/import-records.ts',
    line: "yield { kind: 'record', line: begun.line, type: begun.fields[0] ?? '', fields: begun.fields }",
    becomes:
      'yield { kind: \'record\', line: begun.line, type: begun.fields[0] ?? "Stryker was here!", fields: begun.fields }',
    why: 'A record has at least one field.',
  },
  {
    file: 'shared/sage/import-records.ts',
    line: "const bare = text.slice(start, next).replace(/\\r?\\n$/, '')",
    becomes: "const bare = text.slice(start, next).replace(/\\r?\\n/, '')",
    why: 'The one line feed of a line is its last character.',
  },
  {
    file: 'shared/sage/reject-file.ts',
    line: "const code = budgetCode(fields[12] ?? '', fields[1] ?? '', fields[3] ?? '')",
    becomes: "const code = budgetCode(fields[12] ?? '', fields[1] ?? \"Stryker was here!\", fields[3] ?? '')",
    why: 'A record without these fields has no amount either, and is refused.',
  },
  {
    file: 'shared/sage/reject-file.ts',
    line: 'if (bytes.length > largestFile)',
    becomes: 'if (bytes.length >= largestFile)',
    why: 'Not met by a test: a file of exactly 8 MiB.',
  },
  {
    file: 'shared/sage/reject-file.ts',
    line: "const code = budgetCode(fields[12] ?? '', fields[1] ?? '', fields[3] ?? '')",
    becomes: "const code = budgetCode(fields[12] ?? '', fields[1] ?? '', fields[3] ?? \"Stryker was here!\")",
    why: 'A record without these fields has no amount either, and is refused.',
  },
  {
    file: 'shared/sage/reject-file.ts',
    line: "const cents = parseCents((fields[7] ?? '').trim())",
    becomes: 'const cents = parseCents((fields[7] ?? "Stryker was here!").trim())',
    why: 'Neither text is an amount.',
  },
  {
    file: 'shared/sage/reject-file.ts',
    line: 'const [, export_id, part, mode] = writtenByUs.exec(text) ?? []',
    becomes: 'const [, export_id, part, mode] = writtenByUs.exec(text) ?? ["Stryker was here"]',
    why: 'No match, no part and no mode: the export id alone is asked for.',
  },
  {
    file: 'shared/sage/reject-file.ts',
    line: ".replace(/^\\u00ef\\u00bb\\u00bf/, '')",
    becomes: ".replace(/\\u00ef\\u00bb\\u00bf/, '')",
    why: "Not met by a test: an editor's mark elsewhere than in front.",
  },
  {
    file: 'shared/sage/reject-file.ts',
    line: '? `export ${sent.export_id}, file ${String(sent.part)}`',
    becomes: '? ``',
    why: 'Not met by a test: the words of a refusal.',
  },
  {
    file: 'shared/sage/reject-file.ts',
    line: '? `job ${otherJob}`',
    becomes: '? ``',
    why: 'Not met by a test: the words of a refusal.',
  },
  {
    file: 'shared/sage/reject-file.ts',
    line: "places.push({ line, code: 'LINE_NOT_SENT', sentence })",
    becomes: 'places.push({ line, code: "", sentence })',
    why: 'Not met by a test: the code of a place, where the refusal has the same.',
  },
  {
    file: 'shared/sage/reject-file.ts',
    line: '{ places: places.slice(0, mostPlaces) },',
    becomes: '{ places: places },',
    why: 'Not met by a test: more places than are shown.',
  },
  {
    file: 'shared/sage/reconciliation.ts',
    line: 'const ranked = listedFirst[kind] ?? []',
    becomes: 'const ranked = listedFirst[kind] ?? ["Stryker was here"]',
    why: 'No state has this name.',
  },
  {
    file: 'shared/sage/reconciliation.ts',
    line: ".filter(({ state, expected }) => ranked.includes(state) && (state !== 'still' || expected !== 0))",
    becomes: '.filter(({ state, expected }) => ranked.includes(state) && (true))',
    why: 'Not met by a test: a key that was not sent and did not move.',
  },
  {
    file: 'shared/sage/reconciliation.ts',
    line: ".filter(({ state, expected }) => ranked.includes(state) && (state !== 'still' || expected !== 0))",
    becomes: '.filter(({ state, expected }) => ranked.includes(state) && (state !== "" || expected !== 0))',
    why: 'Not met by a test: a key that was not sent and did not move.',
  },
  {
    file: 'shared/sage/reconciliation.ts',
    line: "for (const { state } of sent) if (state !== 'other') count[state] += 1",
    becomes: 'for (const { state } of sent) if (true) count[state] += 1',
    why: 'What is counted here as other is counted anew in the next line.',
  },
  {
    file: 'shared/sage/reconciliation.ts',
    line: "for (const { state } of sent) if (state !== 'other') count[state] += 1",
    becomes: 'for (const { state } of sent) if (state !== "") count[state] += 1',
    why: 'What is counted here as other is counted anew in the next line.',
  },
  {
    file: 'shared/domain/reassign.ts',
    line: "if (!named?.includes(from)) return notAsked(from, asked, '/from')",
    becomes: "if (!named.includes(from)) return notAsked(from, asked, '/from')",
    why: 'An approval is always at one of its steps.',
  },
  {
    file: 'shared/domain/reassign.ts',
    line: 'const lately = (mailed ?? []).filter((mail) => Date.parse(mail.at) > hourAgo)',
    becomes:
      'const lately = (mailed ?? ["Stryker was here"]).filter((mail) => Date.parse(mail.at) > hourAgo)',
    why: 'What has no time is not of the last hour.',
  },
  {
    file: 'shared/domain/precheck/codes.ts',
    line: 'codes.set(keyOf(code), { code, moved: true, taken: false, amount: true })',
    becomes: 'codes.set(keyOf(code), { code, moved: true, taken: true, amount: true })',
    why: 'Whether Sage took a code before is asked only where the export does not move it.',
  },
  {
    file: 'shared/domain/sage-codes.ts',
    line: 'for (let at = 0; at < mask.length; at += 1) {',
    becomes: 'for (let at = 0; at <= mask.length; at += 1) {',
    why: 'Behind its end neither the mask nor a code of its length has a character.',
  },
  {
    file: 'shared/domain/finding.ts',
    line: 'export const errorsInWords = (kept: readonly unknown[] = []): string[] =>',
    becomes: 'export const errorsInWords = (kept: readonly unknown[] = ["Stryker was here"]): string[] =>',
    why: 'What is no finding is left out.',
  },
  {
    file: 'shared/store/recut.ts',
    line: 'const [standing = []] = lines ? [lines] : await read([entry])',
    becomes: 'const [standing = ["Stryker was here"]] = lines ? [lines] : await read([entry])',
    why: 'Whoever reads chunks gives the lines of each that was asked for.',
  },
  {
    file: 'shared/store/recut.ts',
    line: 'const lines = await read(indexes.flatMap((i) => chunks[i] ?? []))',
    becomes: 'const lines = await read(indexes.flatMap((i) => chunks[i] ?? ["Stryker was here"]))',
    why: 'A chunk that an edit touches is one of the chunks.',
  },
  {
    file: 'shared/store/recut.ts',
    line: 'return new Map(indexes.map((i, at) => [i, lines[at] ?? []]))',
    becomes: 'return new Map(indexes.map((i, at) => [i, lines[at] ?? ["Stryker was here"]]))',
    why: 'Whoever reads chunks gives the lines of each that was asked for.',
  },
  {
    file: 'shared/store/recut.ts',
    line: 'const first = chunks[middle]?.first',
    becomes: 'const first = chunks[middle].first',
    why: 'A place between low and high is one of the chunks.',
  },
  {
    file: 'shared/store/recut.ts',
    line: 'if (first !== undefined && compareKeys(first, key) <= 0) low = middle + 1',
    becomes: 'if (true && compareKeys(first, key) <= 0) low = middle + 1',
    why: 'A place between low and high is one of the chunks.',
  },
  {
    file: 'shared/store/keys.ts',
    line: 'const [, company, project] = projectPkForm.exec(pk) ?? []',
    becomes: 'const [, company, project] = projectPkForm.exec(pk) ?? ["Stryker was here"]',
    why: 'The first of a match is not looked at.',
  },
  {
    file: 'shared/store/verify-history.ts',
    line: "return { sequence, at: noTime, event: '', by: 'system', detail: {}, previous: '', hash: '' }",
    becomes:
      "return { sequence, at: noTime, event: \"Stryker was here!\", by: 'system', detail: {}, previous: '', hash: '' }",
    why: 'Such a row stands for one that cannot be read: whatever it says, no hash fits it.',
  },
  {
    file: 'shared/store/verify-history.ts',
    line: "return { sequence, at: noTime, event: '', by: 'system', detail: {}, previous: '', hash: '' }",
    becomes: "return { sequence, at: noTime, event: '', by: \"\", detail: {}, previous: '', hash: '' }",
    why: 'Such a row stands for one that cannot be read: whatever it says, no hash fits it.',
  },
  {
    file: 'shared/store/verify-history.ts',
    line: "return { sequence, at: noTime, event: '', by: 'system', detail: {}, previous: '', hash: '' }",
    becomes:
      "return { sequence, at: noTime, event: '', by: 'system', detail: {}, previous: \"Stryker was here!\", hash: '' }",
    why: 'Such a row stands for one that cannot be read: whatever it says, no hash fits it.',
  },
  {
    file: 'shared/store/verify-history.ts',
    line: "return { sequence, at: noTime, event: '', by: 'system', detail: {}, previous: '', hash: '' }",
    becomes:
      "return { sequence, at: noTime, event: '', by: 'system', detail: {}, previous: '', hash: \"Stryker was here!\" }",
    why: 'Such a row stands for one that cannot be read: whatever it says, no hash fits it.',
  },
  {
    file: 'shared/store/outbox-table.ts',
    line: 'const keys = answers.flatMap((answer) => z.array(RowKey).parse(answer.Items ?? []))',
    becomes:
      'const keys = answers.flatMap((answer) => z.array(RowKey).parse(answer.Items ?? ["Stryker was here"]))',
    why: 'The answer to a query always has items, or an empty list of them.',
  },
  {
    file: 'shared/store/outbox-table.ts',
    line: "const [first = ''] = row.sk.split('#again', 1)",
    becomes: 'const [first = "Stryker was here!"] = row.sk.split(\'#again\', 1)',
    why: 'Whatever is split has a first piece.',
  },
  {
    file: 'shared/store/transaction.ts',
    line: "for (const [i, { Code = 'None', Item, Message = '' }] of (error.CancellationReasons ?? []).entries()) {",
    becomes:
      "for (const [i, { Code = 'None', Item, Message = '' }] of (error.CancellationReasons ?? [\"Stryker was here\"]).entries()) {",
    why: 'A text has no code, and a reason without a code says nothing.',
  },
  {
    file: 'shared/store/transaction.ts',
    line: "export const putRow = (row: Row, condition?: Condition, role = 'row'): Write => ({",
    becomes: 'export const putRow = (row: Row, condition?: Condition, role = ""): Write => ({',
    why: 'No write without a role of its own is looked for by its role.',
  },
  {
    file: 'shared/store/transaction.ts',
    line: "export const deleteRow = ({ pk, sk }: RowKey, condition: Condition, role = 'row'): Write => ({",
    becomes: 'export const deleteRow = ({ pk, sk }: RowKey, condition: Condition, role = ""): Write => ({',
    why: 'No write without a role of its own is looked for by its role.',
  },
  {
    file: 'shared/store/transaction.ts',
    line: 'key: { pk, sk },',
    becomes: 'key: {},',
    why: 'What fails under a role of its own is told without its key.',
  },
  {
    file: 'shared/store/transaction.ts',
    line: 'key: { pk, sk },',
    becomes: 'key: {},',
    why: 'What fails under a role of its own is told without its key.',
  },
  {
    file: 'shared/store/transaction.ts',
    line: "role: 'row',",
    becomes: 'role: "",',
    why: 'No write without a role of its own is looked for by its role.',
  },
  {
    file: 'shared/store/transaction.ts',
    line: 'return { failed: [], conflict: true, throttled: false }',
    becomes: 'return { failed: [], conflict: true, throttled: true }',
    why: 'Whether a conflict was throttled as well is asked by nobody.',
  },
  {
    file: 'shared/store/transaction.ts',
    line: "for (const [i, { Code = 'None', Item, Message = '' }] of (error.CancellationReasons ?? []).entries()) {",
    becomes:
      'for (const [i, { Code = \'None\', Item, Message = "Stryker was here!" }] of (error.CancellationReasons ?? []).entries()) {',
    why: 'Only the words of a fault, where the database gives none.',
  },
  {
    file: 'shared/store/workflow.ts',
    line: "for (let i = 0; i < 26; i += 1) name += base32[Number((bits >> BigInt(131 - 5 * i)) & 31n)] ?? ''",
    becomes:
      'for (let i = 0; i < 26; i += 1) name += base32[Number((bits >> BigInt(131 - 5 * i)) & 31n)] ?? "Stryker was here!"',
    why: 'Five bits always name one of the thirty-two letters.',
  },
  {
    file: 'shared/store/commit.ts',
    line: 'if (job?.found && job_link?.take)',
    becomes: 'if (job?.found && job_link.take)',
    why: 'Only a claim of a job has this role.',
  },
  {
    file: 'shared/store/company-rows.ts',
    line: 'const gained = [...has].filter((subject) => !had.has(subject))',
    becomes: 'const gained = [...has]',
    why: 'Only spares the work: a sign-in that is the person’s already may be put again.',
  },
  {
    file: 'shared/store/company-table.ts',
    line: 'let newest = true',
    becomes: 'let newest = false',
    why: 'Set anew by every decision.',
  },
  {
    file: 'shared/store/company-table.ts',
    line: 'let newest = true',
    becomes: 'let newest = false',
    why: 'Set anew by every decision.',
  },
  {
    file: 'shared/store/job-link.ts',
    line: 'const Holder = z.looseObject({ project: z.string() })',
    becomes: 'const Holder = z.looseObject({})',
    why: 'The row of a job always names its project; the schema is there for the type.',
  },
  {
    file: 'shared/store/commit-rules.ts',
    line: 'if (carried_out !== undefined && (carried_out < 1 || carried_out > (before?.signal ?? 0)))',
    becomes: 'if (true && (carried_out < 1 || carried_out > (before?.signal ?? 0)))',
    why: 'Nothing is neither less than one nor more than another number.',
  },
  {
    file: 'shared/sage/reconciliation.ts',
    line: 'const ours = new Set(filePosted ? postedOrNot(observed) : [])',
    becomes: 'const ours = new Set(filePosted ? postedOrNot(observed) : ["Stryker was here"])',
    why: 'What is looked for in it is a key that moved, never a text.',
  },
  {
    file: 'shared/domain/cents.ts',
    line: 'const isWhole = (amount: number): amount is Cents => Number.isSafeInteger(amount)',
    becomes: 'const isWhole = () => undefined',
    why: 'Only spares the work: the schema marks whole cents as well.',
  },
]
