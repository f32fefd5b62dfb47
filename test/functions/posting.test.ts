import { expect, test } from 'vitest'
import { posting } from '../../functions/posting/index.ts'
import { exportedOn, sentOn } from '../statemachines/cycle/carried.ts'
import {
  accept,
  amounts,
  changedLines,
  clinicLines,
  close,
  exporting,
  head,
  key,
  poster,
  receipt,
  rejectSome,
  totals,
  approver,
} from '../statemachines/cycle/clinic.ts'
import { days, second } from '../statemachines/cycle/days.ts'
import { holds } from '../statemachines/cycle/invariants.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import { showCode } from '../../shared/domain/budget-code.ts'
import { Altered } from '../../shared/store/errors.ts'
import { useMemoryDatabase } from '../store/use-local.ts'
import {
  everyRow,
  type Field,
  filled,
  guarded,
  malformed,
  neverMade,
  type Page,
  pageEvent,
  referenceTo,
  shared,
} from './page-event.ts'

const database = useMemoryDatabase()

const posted: readonly Field[] = [['choice', 'posted']]

const linkFor = async (machine: CycleMachine): Promise<string> =>
  await referenceTo(machine, { kind: 'posting', ...key, person: poster, export: 1 })

/** A file with accounting, and the poster's link. */
async function delivered() {
  const machine = await exportedOn(database())
  const reference = await linkFor(machine)
  const look = async () => await posting(machine, pageEvent({ reference }))
  const post = async (form: string, headers = {}) =>
    await posting(machine, pageEvent({ reference, form, headers }))
  const choose = async (fields: readonly Field[]) => await post(filled(await look(), fields))
  const download = async (part: string) => await posting(machine, pageEvent({ reference, part }))
  return { machine, reference, look, post, choose, download }
}

const stillDelivered = shared(delivered)

/** What Sage shows once the box was ticked for the clinic's originals. */
const inTheOtherBox = amounts(clinicLines).map(
  ([extra, cost_code, category, original, changes]) =>
    [extra, cost_code, category, changes, original] as const,
)

const unchanged = async (machine: CycleMachine): Promise<void> => {
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  expect((await exporting(machine)).part).not.toHaveProperty('posted')
}

test('a posting link opened a hundred times, and its file taken, posts nothing', async () => {
  const { machine, reference } = await stillDelivered()
  const before = await everyRow(database(), machine)
  for (let i = 0; i < 50; i += 1)
    for (const method of ['GET', 'HEAD'] as const)
      expect((await posting(machine, pageEvent({ method, reference }))).statusCode).toBe(200)
  await posting(machine, pageEvent({ reference, part: '1' }))
  expect(await everyRow(database(), machine)).toBe(before)
})

test('what is changed in Sage after the settlement is acknowledged on the page, with a note', async () => {
  const { machine, look, choose } = await delivered()
  await totals(machine, amounts(clinicLines))
  expect((await look()).body).not.toContain('Changed in Sage since')
  await totals(machine, [...amounts(clinicLines), ['', '31-2000', 'L', 12_300, 0]])
  expect((await look()).body).toContain('Changed in Sage since')
  await choose([
    ['choice', 'acknowledge'],
    ['reason', 'Owner change order 7.'],
  ])
  expect((await machine.store.parts(key, 1))[0]).not.toHaveProperty('observation')
  expect((await look()).body).not.toContain('Changed in Sage since')
  await holds(machine)
})

test('a note to what was changed afterwards, without its choice, acknowledges nothing and is kept', async () => {
  const { machine, choose } = await delivered()
  await totals(machine, amounts(clinicLines))
  await totals(machine, [...amounts(clinicLines), ['', '31-2000', 'L', 12_300, 0]])
  const { statusCode, body } = await choose([['reason', 'Owner change order 7.']])
  expect(statusCode).toBe(422)
  expect(body).toContain('value="Owner change order 7."')
  expect((await machine.store.parts(key, 1))[0]).toMatchObject({ observation: { kind: 'drift' } })
})

/** Others made more on a code than the file sends there, which may be posted besides. */
const asksWhetherPosted = async () => {
  const page = await delivered()
  await totals(page.machine, [['', '03-3000', 'L', 18_500_000 + 500, 0]])
  return page
}
const onPurpose: readonly Field[] = [
  ['choice', 'acknowledge'],
  ['reason', 'Owner change order 7.'],
]

test('where it cannot be told whether the file was posted besides, the page asks, as of the reading', async () => {
  const { look } = await asksWhetherPosted()
  const { body = '' } = await look()
  expect(body).toMatch(
    /03-3000\.L:\s+were\s+the\s+amounts\s+sent\s+there\s+posted,\s+in\s+either\s+box,\s+when\s+Sage\s+was\s+read,\s+5 January 2026 at \d\d:\d\d PST\?/,
  )
  expect(body).not.toMatch(/name="file_posted"[^>]*(?:checked|required)/)
})

test('where nothing moved that was sent, the page does not ask whether the file was posted', async () => {
  const { machine, look } = await delivered()
  await totals(machine, [['', '31-2000', 'L', 500, 0]])
  expect((await look()).body).not.toContain('file_posted')
})

test('where more than one code moved, the page says what to do when only some were posted', async () => {
  const { machine, look } = await asksWhetherPosted()
  const wayOut = /Only\s+some\s+of\s+them\?\s+Answer\s+neither/
  expect((await look()).body).not.toMatch(wayOut)
  await totals(machine, [
    ['', '03-3000', 'L', 18_500_000 + 500, 0],
    ['', '03-3000', 'S', 500, 0],
  ])
  expect((await look()).body).toMatch(wayOut)
})

test.each([
  ['yes', 'partly_posted'],
  ['no', 'exported'],
])('whether the file was posted besides: %s', async (answer, erp) => {
  const { machine, choose } = await asksWhetherPosted()
  await choose([...onPurpose, ['file_posted', answer]])
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp })
  await holds(machine)
})

test.each(['', 'perhaps', 'constructor'])(
  'without a word whether the file was posted (%j) nothing is acknowledged, and the note is kept',
  async (answer) => {
    const { machine, choose } = await asksWhetherPosted()
    const { statusCode, body } = await choose([...onPurpose, ['file_posted', answer]])
    expect([statusCode, body]).toEqual([
      422,
      expect.stringContaining('Say whether what was sent there was posted when Sage was read.'),
    ])
    expect(body).toContain('value="Owner change order 7."')
    expect((await exporting(machine)).part).toMatchObject({ observation: { kind: 'drift' } })
  },
)

test('it is asked too once such an export was closed, and what is said of it is kept in the history', async () => {
  const { machine, look, choose } = await asksWhetherPosted()
  await close(machine, { outcome: 'withdrawn' })
  expect((await look()).body).toMatch(/id="changed-since"[^]*name="file_posted"/)
  await choose([...onPurpose, ['file_posted', 'no']])
  expect((await machine.store.parts(key, 1))[0]).not.toHaveProperty('observation')
  const history = await machine.store.history(key, { limit: 100 })
  expect(history.find(({ event }) => event === 'drift_acknowledged')).toMatchObject({
    detail: { file_posted: false, made_in_sage: [{ code: '03-3000.L', original: '185005.00' }] },
  })
  await holds(machine)
})

test('an answer to a movement that has changed since it was shown acknowledges nothing', async () => {
  const { machine, look, post } = await asksWhetherPosted()
  const before = filled(await look(), [...onPurpose, ['file_posted', 'no']])
  await machine.pass(second)
  await totals(machine, [...amounts(clinicLines), ['', '03-3000', 'L', 500, 0]])
  expect((await post(before)).body).toContain('out of date')
  expect((await exporting(machine)).part).toMatchObject({ observation: { kind: 'drift' } })
})

test('nor does an answer to a movement that changes while it is recorded', async () => {
  const { machine, reference, look } = await asksWhetherPosted()
  const form = filled(await look(), [...onPurpose, ['file_posted', 'no']])
  await machine.pass(second)
  const { companies } = machine
  // Sage is read again after the page was looked at for its mark.
  const readMeanwhile = Object.assign(Object.create(companies) as typeof companies, {
    person: async (...of: Parameters<typeof companies.person>) => {
      await totals(machine, [...amounts(clinicLines), ['', '03-3000', 'L', 500, 0]])
      return await companies.person(...of)
    },
  })
  const { body } = await posting({ ...machine, companies: readMeanwhile }, pageEvent({ reference, form }))
  expect(body).toContain('Sage was read again since')
  expect((await exporting(machine)).part).toMatchObject({
    observation: { keys: [{ original_moved: 18_500_500 }] },
  })
  await holds(machine)
})

test('while Sage shows something else the file is not offered again, and what to do stands before the lines', async () => {
  const { machine, look } = await delivered()
  await totals(machine, amounts(clinicLines, 2))
  const { body = '' } = await look()
  expect(body).not.toContain('Download the file')
  const places = ['What Sage shows', 'id="happened"', 'What moved in Sage, by code'].map((words) =>
    body.indexOf(words),
  )
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places).not.toContain(-1)
})

test('the page says which box, in large letters', async () => {
  const { look } = await stillDelivered()
  expect((await look()).body).toMatch(/class="loud"[^]*?EMPTY/)
})

test('the page says how old Sage’s lists and totals are', async () => {
  const { look } = await stillDelivered()
  expect((await look()).body).toMatch(
    /Sage’s lists as of 5 January 2026 at 01:00 PST, less than a day old\.\s+Sage’s totals of this job as of 5 January 2026 at 01:00 PST, less than a day old\./,
  )
})

test('next to what Sage shows stands how old the totals are with which it was compared', async () => {
  const { machine, look } = await delivered()
  await totals(machine, amounts(clinicLines, 2))
  await machine.pass(days(2))
  expect((await look()).body).toMatch(
    /<h2>What Sage shows<\/h2>[^]*Compared with Sage’s totals of this job as of [^<]*, 2 days old\./,
  )
})

test('what a person says of the import was not compared with totals', async () => {
  const { choose, look } = await delivered()
  await choose([
    ['choice', 'stopped'],
    ['stop_message', 'Category Q is not set up.'],
  ])
  expect((await look()).body).not.toContain('Compared with')
})

test('the file that goes out is the file that was made', async () => {
  const { machine, download } = await stillDelivered()
  const { part } = await exporting(machine)
  const answer = await download('1')
  const bytes = await machine.objects.getFile(part.file_key, part.file_sha256)
  expect(Buffer.from(answer.body ?? '', 'base64')).toEqual(Buffer.from(bytes))
  expect(answer.headers).toMatchObject({
    'cache-control': 'no-store',
    'content-disposition': `attachment; filename="${part.file_name}"`,
  })
})

test('a file that is not stored any more as it was accepted is refused with what to do, and told in the log', async () => {
  const { machine, reference } = await stillDelivered()
  const altered = new Altered('The bytes of part 1 are not those that were put')
  const objects = { ...machine.objects, getFile: async () => await Promise.reject(altered) }
  const answer = await posting({ ...machine, objects }, pageEvent({ reference, part: '1' }))
  expect(answer.statusCode).toBe(409)
  expect(answer.body).toContain('File 1 is not stored any more as it was accepted')
  expect(answer.body).toContain('say that the import was given up')
  const told = JSON.stringify(machine.logged.at(-1))
  expect(told).toContain('clinic-e1')
  expect(told).toContain('The bytes of part 1 are not those that were put')
  expect(told).not.toContain(reference)
})

test('a bucket that cannot be read now says nothing of the file', async () => {
  const { machine, reference } = await stillDelivered()
  const objects = { ...machine.objects, getFile: async () => await Promise.reject(new Error('SlowDown')) }
  await expect(posting({ ...machine, objects }, pageEvent({ reference, part: '1' }))).rejects.toThrow(
    'SlowDown',
  )
})

test.each(['2', '0', '-1', 'x', '1.5', '__proto__'])('there is no file %s', async (part) => {
  const { download } = await stillDelivered()
  expect((await download(part)).statusCode).toBe(404)
})

test('a file without a receipt is not handed out', async () => {
  const machine = await sentOn(database())
  await accept(machine)
  const reference = await linkFor(machine)
  const early = await posting(machine, pageEvent({ reference, part: '1' }))
  expect(early.statusCode).toBe(409)
  await receipt(machine)
  expect((await posting(machine, pageEvent({ reference, part: '1' }))).statusCode).toBe(200)
})

test('a poster declares a file posted, and its file is dead', async () => {
  const { machine, choose, look, download } = await delivered()
  expect((await choose([['choice', 'posted']])).statusCode).toBe(303)
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'declared' })
  expect((await look()).body).toContain('settled')
  expect((await download('1')).statusCode).toBe(409)
  await holds(machine)
})

test('a reject file names the lines of the correction', async () => {
  const { machine, choose } = await delivered()
  const { part } = await exporting(machine)
  const bytes = await machine.objects.getFile(part.file_key, part.file_sha256)
  const text = Buffer.from(bytes).toString('latin1')
  const rejected = text.split('\r\n').filter((line) => !line.startsWith('"C"') || line.includes('31-2000'))
  const answer = await choose([
    ['choice', 'rejects'],
    ['reject_text', rejected.join('\r\n')],
  ])
  expect(answer.statusCode).toBe(303)
  await machine.settle()
  expect((await exporting(machine)).part).toMatchObject({ kind: 'correction', entries: 1 })
  await holds(machine)
})

test('a reject file that is handed in again, once its correction is due, makes no second correction', async () => {
  const { machine, choose } = await delivered()
  const { part } = await exporting(machine)
  const bytes = await machine.objects.getFile(part.file_key, part.file_sha256)
  // As Sage writes it: without our comment line.
  const [, ...records] = Buffer.from(bytes).toString('latin1').split('\r\n')
  const handIn = async () =>
    await choose([
      ['choice', 'rejects'],
      ['reject_text', records.join('\r\n')],
    ])
  await handIn()
  await machine.settle()
  await receipt(machine)
  const again = await handIn()
  await machine.settle()
  expect([again.statusCode, again.body]).toEqual([422, expect.stringContaining('names every line of file 2')])
  expect((await exporting(machine)).parts).toHaveLength(2)
  // Rejected once more as a whole, the lines are named.
  await choose([
    ['choice', 'rejects'],
    ['reject_lines', clinicLines.map(({ code }) => showCode(code)).join('\n')],
  ])
  await machine.settle()
  expect((await exporting(machine)).parts).toHaveLength(3)
  await holds(machine)
})

test('lines are named by their codes, with a reason behind or one for all others, and both are shown', async () => {
  const { machine, choose, look } = await delivered()
  const answer = await choose([
    ['choice', 'rejects'],
    ['reject_lines', ' SITE.31-2000.S\tClosed extra \r\n\r\n03-3000.L'],
    ['reject_reason', 'Not on <the> job'],
  ])
  expect(answer.statusCode).toBe(303)
  await machine.settle()
  const { parts, part } = await exporting(machine)
  expect(part).toMatchObject({ kind: 'correction', entries: 2 })
  expect(parts[0]?.exceptions.map(({ reason }) => reason)).toEqual(['Closed extra', 'Not on <the> job'])
  const { body } = await look()
  expect(body).toContain('<code>SITE.31-2000.S</code>: Closed extra')
  expect(body).toContain('<code>03-3000.L</code>: Not on &lt;the&gt; job')
  await holds(machine)
})

test('the reason that a poster gives with a reject file is kept with its lines', async () => {
  const { machine, choose } = await delivered()
  const { part } = await exporting(machine)
  const bytes = await machine.objects.getFile(part.file_key, part.file_sha256)
  await choose([
    ['choice', 'rejects'],
    ['reject_text', Buffer.from(bytes).toString('latin1')],
    ['reject_reason', 'The job was closed'],
  ])
  const [first] = (await exporting(machine)).parts
  expect(first?.exceptions.map(({ reason }) => reason)).toEqual(Array(3).fill('The job was closed'))
})

test('a stop is told with the message of Sage’s report; the file is not offered again, its way out is', async () => {
  const { machine, choose, look } = await delivered()
  const answer = await choose([
    ['choice', 'stopped'],
    ['stop_message', 'Category Q is not set up.\r\nImport ended.'],
  ])
  expect(answer.statusCode).toBe(303)
  await machine.settle()
  const { body = '' } = await look()
  expect(body).toMatch(
    /Sage stopped the import<[^]*Category Q is not set up\.[^]*Look at the unposted entries/,
  )
  expect(body).not.toContain('Download the file')
  expect(await head(machine)).toMatchObject({ erp: 'mismatch' })
  await choose([
    ['choice', 'rejects'],
    ['reject_lines', 'SITE.31-2000.S'],
  ])
  await machine.settle()
  expect((await exporting(machine)).part).toMatchObject({ kind: 'correction', entries: 1 })
  await holds(machine)
})

test('a stale file is still offered, with what to do if its entries were deleted', async () => {
  const { machine, look } = await delivered()
  await machine.pass(days(3) + second)
  const { body } = await look()
  expect(body).toContain('Not posted 3 days after the file was delivered')
  expect(body).toContain('import the SAME file again, or close the export as withdrawn')
  expect(body).toContain('Download the file')
})

test('a file whose rejected lines travel in a correction is dead from the report on; the correction is not', async () => {
  const { machine, download } = await delivered()
  const unsettled = { ...machine, settle: async () => await Promise.resolve() }
  await rejectSome(unsettled, clinicLines[1]!)
  const reported = await download('1')
  await machine.settle()
  const exportedAgain = await download('1')
  await receipt(machine)
  const answers = [reported, exportedAgain, await download('1'), await download('2')]
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([409, 409, 409, 200])
})

test('an export that was given up goes back to the project', async () => {
  const { machine, choose } = await delivered()
  await choose([
    ['choice', 'close'],
    ['outcome_1', 'withdrawn'],
    ['reason', 'The entries were deleted.'],
  ])
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'rejected', edit: 'unlocked' })
  await holds(machine)
})

test('nothing is chosen beforehand on the posting page', async () => {
  const { look } = await stillDelivered()
  expect((await look()).body).not.toMatch(/<input[^>]*\bchecked|<option/)
})

test('a close says of single lines that they ended otherwise', async () => {
  const { machine, choose } = await delivered()
  await choose([
    ['choice', 'close'],
    ['outcome_1', 'withdrawn'],
    ['taken_1', ' SITE.31-2000.S \r\n\r\n'],
    ['rejected_1', '03-3000.L'],
    ['reason', 'Half of it was posted.'],
  ])
  await machine.settle()
  const [part] = await machine.store.parts(key, 1)
  const ends = part?.exceptions.map(({ code, outcome }) => [code.cost_code, code.cost_type, outcome])
  expect([part?.outcome, ends]).toEqual([
    'taken',
    [
      ['03-3000', 'L', 'rejected'],
      ['03-3000', 'S', 'withdrawn'],
    ],
  ])
  await holds(machine)
})

test('a file that was imported with the other box is closed as taken in that mode', async () => {
  const { machine, choose } = await delivered()
  await choose([
    ['choice', 'close'],
    ['outcome_1', 'other_box'],
    ['reason', 'The box was ticked; the total is right.'],
  ])
  await machine.settle()
  const [part] = await machine.store.parts(key, 1)
  expect(part?.exceptions.map(({ outcome, mode }) => [outcome, mode])).toEqual(
    Array.from({ length: 3 }, () => ['taken', 'approved_estimate_change']),
  )
  await holds(machine)
})

test('entries that are posted with the wrong box are left as they are by a choice of its own', async () => {
  const { machine, look, choose } = await delivered()
  expect((await look()).body).toContain('the wrong box was chosen: leave them as they are')
  await totals(machine, inTheOtherBox)
  const answer = await choose([
    ['choice', 'wrong_box'],
    ['reason', 'The total is right.'],
    // Filled in under another choice before this one was made.
    ['outcome_1', 'withdrawn'],
    ['rejected_1', '03-3000.L'],
  ])
  expect(answer.statusCode).toBe(303)
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  const [part] = await machine.store.parts(key, 1)
  expect(part?.exceptions.map(({ outcome, mode }) => [outcome, mode])).toEqual(
    Array.from({ length: 3 }, () => ['taken', 'approved_estimate_change']),
  )
  await holds(machine)
})

test('of a file in both boxes single lines are named, and one that Sage shows otherwise is told', async () => {
  const { machine, choose } = await delivered()
  const [one, ...others] = clinicLines
  const { cost_code, cost_type } = one!.code
  await totals(machine, [...amounts(others), ['', cost_code, cost_type, 0, one!.original]])
  const asSent = [
    ['choice', 'close'],
    ['reason', 'The total is right.'],
    ['outcome_1', 'taken'],
  ] as const
  expect((await choose(asSent)).body).toContain(
    `say otherwise of 1 entry. ${cost_code}.${cost_type} stands in Sage in the other mode`,
  )
  await choose([...asSent, ['other_box_1', `${cost_code}.${cost_type}`]])
  await machine.settle()
  const [part] = await machine.store.parts(key, 1)
  expect([part?.outcome, part?.exceptions]).toMatchObject([
    'taken',
    [{ code: one!.code, outcome: 'taken', mode: 'approved_estimate_change' }],
  ])
  await holds(machine)
})

test('the wrong box of a correction says nothing of the file that it corrects: that is asked', async () => {
  const { machine, choose } = await delivered()
  await rejectSome(machine, clinicLines[1]!)
  await receipt(machine)
  const left: readonly Field[] = [
    ['choice', 'wrong_box'],
    ['reason', 'The total is right.'],
  ]
  const unsaid = await choose(left)
  expect([unsaid.statusCode, unsaid.body]).toEqual([
    422,
    expect.stringContaining('Nobody said what of file 1 is in Sage.'),
  ])
  expect(unsaid.body).toMatch(/value="wrong_box"[^>]*checked/)
  await choose([...left, ['outcome_1', 'taken']])
  await machine.settle()
  const ends = (await machine.store.parts(key, 1)).map(({ outcome, exceptions }) => [
    outcome,
    exceptions.map(({ mode }) => mode),
  ])
  expect(ends).toEqual([
    ['taken', [undefined]],
    ['taken', ['approved_estimate_change']],
  ])
  await holds(machine)
})

test('the wrong box is not said where Sage’s totals show the right one', async () => {
  const { machine, choose } = await delivered()
  await totals(machine, amounts([clinicLines[0]!]))
  const answer = await choose([
    ['choice', 'wrong_box'],
    ['reason', 'x'],
  ])
  expect([answer.statusCode, answer.body]).toEqual([
    422,
    expect.stringContaining('Sage&#39;s totals say otherwise of 3 entries. '),
  ])
})

test('before a correction is said to be posted, the page says for which file that speaks too', async () => {
  const { machine, look } = await delivered()
  expect((await look()).body).toContain('All entries are imported and posted<')
  await rejectSome(machine, clinicLines[1]!)
  await receipt(machine)
  expect((await look()).body).toContain(
    'All entries of this file are imported and posted, and all of Sage import file 1 of 1 that Sage did not reject',
  )
  await rejectSome(machine, clinicLines[1]!)
  await receipt(machine)
  expect((await look()).body).toContain('of Sage import file 1 of 1 and its earlier corrections that')
})

test.each([
  ['the connector read show', undefined, 'Posted, checked in Sage'],
  ['a person uploaded show', approver, 'Posted, checked against uploaded totals'],
])('a first file that totals which %s says so while the second waits', async (_, uploader, said) => {
  const machine = await exportedOn(database(), changedLines)
  await totals(machine, amounts(changedLines), uploader)
  await receipt(machine)
  const { body } = await posting(machine, pageEvent({ reference: await linkFor(machine) }))
  expect(body).toContain(said)
})

test('file and correction of an export are closed each with its own answer', async () => {
  const { machine, choose, look } = await delivered()
  await rejectSome(machine, clinicLines[1]!)
  await receipt(machine)
  await choose([
    ['choice', 'close'],
    ['outcome_1', 'taken'],
    ['outcome_2', 'rejected'],
    ['reason', 'Sage does not take this line.'],
  ])
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'update_pending' })
  expect((await machine.store.parts(key, 1)).map(({ outcome }) => outcome)).toEqual(['taken', 'rejected'])
  const { body } = await look()
  expect(body).toMatch(/Closed: in Sage[^]*Closed: refused by Sage/)
  expect(body).not.toContain('With accounting')
  await holds(machine)
})

test('what was filled in is still there when the form comes back', async () => {
  const { choose } = await stillDelivered()
  const { body } = await choose([
    ['choice', 'close'],
    ['taken_1', '03-3000.L'],
    ['reason', 'The "share" was gone'],
  ])
  expect(body).toMatch(/value="close"[^>]*checked/)
  expect(body).toContain('>03-3000.L</textarea')
  expect(body).toContain('value="The &quot;share&quot; was gone"')
})

/** A form as a browser sends it when it may hold a file. */
async function withFile(fields: readonly Field[], name: string, bytes: Uint8Array<ArrayBuffer>) {
  const data = new FormData()
  for (const [field, value] of fields) data.append(field, value)
  data.append(name, new File([bytes], 'rejects.txt'))
  const request = new Request('https://x.example', { method: 'POST', body: data })
  return {
    type: request.headers.get('content-type') ?? '',
    body: Buffer.from(await request.arrayBuffer()),
  }
}

async function upload(bytes: Uint8Array<ArrayBuffer>, to = stillDelivered()) {
  const { machine, reference, look } = await to
  const hidden = [...new URLSearchParams(filled(await look(), [['choice', 'rejects']]))] as Field[]
  const { type, body } = await withFile(hidden, 'reject_file', bytes)
  const event = pageEvent({ reference, form: '', headers: { 'content-type': type } })
  return { machine, answer: await posting(machine, { ...event, body: body.toString('base64') }) }
}

test('a reject file of a thousand lines is read, and what is wrong with it is said', async () => {
  const line = `"C","24-1007","","99-9999","S","","x"\r\n`
  const { answer } = await upload(new Uint8Array(Buffer.from(line.repeat(5000), 'latin1')))
  expect(answer.statusCode).toBe(422)
  expect(answer.body).toContain('role="alert"')
})

test('a reject file is taken as Sage wrote it, byte by byte', async () => {
  const to = await delivered()
  const { part } = await exporting(to.machine)
  const bytes = await to.machine.objects.getFile(part.file_key, part.file_sha256)
  const { machine, answer } = await upload(new Uint8Array(bytes), Promise.resolve(to))
  expect(answer.statusCode).toBe(303)
  await machine.settle()
  expect((await exporting(machine)).part).toMatchObject({ kind: 'correction', entries: 3 })
})

test('what is too large to be read is told so, and not that it came from elsewhere', async () => {
  const { machine, answer } = await upload(new Uint8Array(5_000_000))
  expect([answer.statusCode, answer.body]).toEqual([413, expect.stringContaining('larger than')])
  guarded(answer)
  await unchanged(machine)
})

test.each<[string, readonly Field[]]>([
  ['no choice', []],
  ['a choice that nobody knows', [['choice', 'done']]],
  [
    'two choices',
    [
      ['choice', 'posted'],
      ['choice', 'close'],
      ['reason', 'x'],
    ],
  ],
  [
    'a close without a reason',
    [
      ['choice', 'close'],
      ['outcome_1', 'withdrawn'],
    ],
  ],
  [
    'a close that does not say what is in Sage',
    [
      ['choice', 'close'],
      ['reason', 'x'],
    ],
  ],
  [
    'a close with two answers to it',
    [
      ['choice', 'close'],
      ['reason', 'x'],
      ['outcome_1', 'withdrawn'],
      ['outcome_1', 'taken'],
    ],
  ],
  [
    'a close that names a line of another file',
    [
      ['choice', 'close'],
      ['reason', 'x'],
      ['outcome_1', 'withdrawn'],
      ['taken_1', '09-9000.S'],
    ],
  ],
  [
    'a close that names a line twice',
    [
      ['choice', 'close'],
      ['reason', 'x'],
      ['outcome_1', 'withdrawn'],
      ['taken_1', '03-3000.L'],
      ['rejected_1', '03-3000.L'],
    ],
  ],
  ['an empty reject file', [['choice', 'rejects']]],
  [
    'a reject file and lines',
    [
      ['choice', 'rejects'],
      ['reject_text', 'x'],
      ['reject_lines', '03-3000.L'],
    ],
  ],
  [
    'a line that is not in the file',
    [
      ['choice', 'rejects'],
      ['reject_lines', '03-3000.L\n03-3000.LL not on the job'],
    ],
  ],
  [
    'a line twice',
    [
      ['choice', 'rejects'],
      ['reject_lines', '03-3000.L\n03-3000.L not on the job'],
    ],
  ],
  [
    'a reason that is too long',
    [
      ['choice', 'rejects'],
      ['reject_lines', `03-3000.L ${'x'.repeat(501)}`],
    ],
  ],
  [
    'a reason for all that is too long',
    [
      ['choice', 'rejects'],
      ['reject_lines', '03-3000.L'],
      ['reject_reason', 'x'.repeat(501)],
    ],
  ],
  ['a stop without its message', [['choice', 'stopped']]],
  [
    'a reject file that is none',
    [
      ['choice', 'rejects'],
      ['reject_text', 'Dear all,\r\nsee above'],
    ],
  ],
  [
    'nothing to acknowledge',
    [
      ['choice', 'acknowledge'],
      ['reason', 'x'],
    ],
  ],
])('a form with %s comes back with what is wrong, and records nothing', async (_, fields) => {
  const { machine, choose } = await stillDelivered()
  const answer = await choose(fields)
  expect(answer.statusCode).toBe(422)
  expect(answer.body).toContain('role="alert"')
  guarded(answer)
  await unchanged(machine)
})

test.each([
  [{ origin: 'https://evil.example' }],
  [{ 'sec-fetch-site': 'cross-site' }],
  [{ 'content-type': 'text/plain' }],
])('a form that came with %j is not ours', async (headers) => {
  const { machine, look, post } = await stillDelivered()
  expect((await post(filled(await look(), [['choice', 'posted']]), headers)).statusCode).toBe(403)
  await unchanged(machine)
})

test.each<[string, string, (page: Page) => string, Record<string, string>?]>([
  ['form', 'no form', () => '', { 'content-type': 'text/plain' }],
  ['own origin', 'the form of another site', (page) => filled(page, posted), { origin: 'https://a.example' }],
  ['mark of the page', 'an empty form', () => ''],
  ['choice', 'the form as it stands', (page) => filled(page, [])],
  ['choice', 'the form with two choices', (page) => filled(page, [...posted, ['choice', 'close']])],
])('the log says that a %s was lacking in %s, and names no reference', async (lacks, _, form, headers) => {
  const { machine, reference, look, post } = await stillDelivered()
  machine.logged.length = 0
  await post(form(await look()), headers)
  expect(machine.logged).toEqual([['incomplete form', { page: 'posting', ...key, person: poster, lacks }]])
  expect(JSON.stringify(machine.logged)).not.toContain(reference)
})

test('nothing is logged of an empty reject file: a person was there', async () => {
  const { machine, choose } = await stillDelivered()
  machine.logged.length = 0
  await choose([['choice', 'rejects']])
  expect(machine.logged).toEqual([])
})

test('a form of a page that shows another file records nothing', async () => {
  const { machine, look, post } = await delivered()
  const form = filled(await look(), [['choice', 'posted']])
  await post(filled(await look(), [['choice', 'posted']]))
  await machine.settle()
  const before = await everyRow(database(), machine)
  await post(form)
  expect(await everyRow(database(), machine)).toBe(before)
})

test('posting that Sage’s totals speak against is not declared', async () => {
  const { machine, choose } = await delivered()
  await totals(machine, amounts(clinicLines, 2))
  const answer = await choose([['choice', 'posted']])
  expect(answer.statusCode).toBe(422)
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'mismatch' })
})

test('a poster who left sees nothing', async () => {
  const { machine, look, download } = await delivered()
  const person = await machine.companies.person(key.company, poster)
  await machine.companies.putPerson(key.company, { ...person!, active: false }, 'system')
  const answers = [await look(), await download('1')]
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403])
  for (const answer of answers) guarded(answer)
})

test('malformed, unknown and foreign references are answered alike, by GET and by POST', async () => {
  const { machine } = await stillDelivered()
  const approval = { version: 1, send: 1, step: 1 }
  const foreign = await referenceTo(machine, { kind: 'review', ...key, person: approver, approval })
  const answers: Page[] = []
  for (const reference of [...malformed, neverMade, foreign])
    for (const form of [undefined, 'choice=posted'])
      answers.push(await posting(machine, pageEvent({ reference, ...(form !== undefined && { form }) })))
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]?.statusCode).toBe(404)
  // This line raises the alarm.
  expect(machine.logged.filter((line) => JSON.stringify(line).includes('unknown link'))).toHaveLength(
    answers.length,
  )
})

test('fifty declarations at once are one signal', async () => {
  const { machine, look, post } = await delivered()
  const form = filled(await look(), [['choice', 'posted']])
  await Promise.all(Array.from({ length: 50 }, async () => await post(form)))
  await machine.settle()
  const kinds = (await machine.store.signals(key, 1)).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'posted')).toHaveLength(1)
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await holds(machine)
})
