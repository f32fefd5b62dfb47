import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { review } from '../../functions/review/index.ts'
import { CompanyId } from '../../shared/domain/ids.ts'
import { runs } from '../runs.ts'
import { spoilt } from '../spoilt.ts'
import { sentOn } from '../statemachines/cycle/carried.ts'
import { approval, approver, command, key } from '../statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'
import {
  everyRow,
  type Field,
  filled,
  guarded,
  neverMade,
  type Page,
  pageEvent,
  referenceTo,
  shared,
} from './page-event.ts'

// What a form or an address may hold that no person meant: refused, or kept as the text that it is.

const database = useMemoryDatabase()

async function linkTo(machine: CycleMachine, company = key.company): Promise<string> {
  const { version, send, step } = await approval(machine)
  const of = { version, send, step }
  return await referenceTo(machine, { kind: 'review', ...key, company, person: approver, approval: of })
}

async function waiting() {
  const machine = await sentOn(database())
  const reference = await linkTo(machine)
  const choose = async (fields: readonly Field[]): Promise<Page> => {
    const shown = await review(machine, pageEvent({ reference }))
    return await review(machine, pageEvent({ reference, form: filled(shown, fields) }))
  }
  return { machine, reference, choose }
}

const stillWaiting = shared(waiting)

const rejecting = (...more: readonly Field[]): readonly Field[] => [['choice', 'reject'], ...more]
const line = 'comment/03-3000/L/'
const long = (bytes: number): string => 'x'.repeat(bytes)

test.each<[string, number, readonly Field[], string]>([
  ['a reason that is too long', 422, rejecting(['reason', long(2001)]), 'too long'],
  ['a reason of 90 KB', 422, rejecting(['reason', long(90_000)]), 'too long'],
  ['a reason of 100 KB', 413, rejecting(['reason', long(100_000)]), 'larger than 100 kB'],
  ['a comment that is too long', 422, rejecting(['reason', 'No'], [line, long(2001)]), 'too long'],
  ['a comment of 100 KB', 413, rejecting(['reason', 'No'], [line, long(100_000)]), 'larger than 100 kB'],
  [
    'comments of more than 40,000 characters',
    422,
    rejecting(
      ['reason', 'No'],
      ...Array.from({ length: 21 }, (_, i): Field => [`comment/03-${String(i)}/L/`, long(1990)]),
    ),
    'too long',
  ],
  [
    'more than 1,000 comments',
    422,
    rejecting(
      ['reason', 'No'],
      ...Array.from({ length: 1001 }, (_, i): Field => [`comment/03-${String(i)}/L/`, 'x']),
    ),
    'at most 1,000 comments',
  ],
  ['a comment to no line', 422, rejecting(['reason', 'No'], ['comment/', 'x']), 'names no line'],
  ['a comment to half a line', 422, rejecting(['reason', 'No'], ['comment/03-3000', 'x']), 'names no line'],
  [
    'a comment whose line is cut',
    422,
    rejecting(['reason', 'No'], ['comment/%E0%A4/L/', 'x']),
    'names no line',
  ],
  [
    'a comment to a line with a long code',
    422,
    rejecting(['reason', 'No'], [`comment/${long(101)}/L/`, 'x']),
    'names no line',
  ],
  ['a choice and another', 422, [...rejecting(['reason', 'No']), ['choice', 'accept']], 'No choice was made'],
])('%s is answered %i, and nothing is recorded', async (_, status, fields, words) => {
  const { machine, choose } = await stillWaiting()
  const before = await everyRow(database(), machine)
  const answer = await choose(fields)
  expect(answer.statusCode).toBe(status)
  expect(answer.body).toContain(words)
  guarded(answer)
  expect(await everyRow(database(), machine)).toBe(before)
})

test('a text that is too long comes back whole, and its field is named', async () => {
  const { choose } = await stillWaiting()
  const { body = '' } = await choose(rejecting(['reason', 'No'], [line, long(2001)]))
  expect(body).toMatch(/<textarea[^>]*name="comment\/03-3000\/L\/"[^>]*aria-invalid="true"[^>]*>\s*x{2001}</)
})

const texts: Readonly<Record<string, [typed: string, kept: string]>> = {
  markup: ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  'the end of its field': ['</textarea><h1>Accepted</h1>', '</textarea><h1>Accepted</h1>'],
  'CR LF': ['No\r\nBcc: all@example.com\r\n', 'No\r\nBcc: all@example.com'],
  'bidi marks': ['\u202Egnp.exe\u2066', '\u202Egnp.exe\u2066'],
  'a NUL and other control characters': ['No\u0000\u001B[2J', 'No\u0000\u001B[2J'],
  'emoji and a broken sequence': ['No \u{1F44E}\uFFFD', 'No \u{1F44E}\uFFFD'],
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

test.each(Object.entries(texts))(
  'a reason and a comment with %s are kept as text, and shown as text on the next review page',
  async (_, [typed, kept]) => {
    const { machine, choose } = await waiting()
    expect((await choose(rejecting(['reason', typed], [line, typed]))).statusCode).toBe(303)
    await machine.settle()
    expect((await approval(machine)).decisions).toMatchObject([
      { reason: kept, comments: [{ comment: kept }] },
    ])
    await command(machine, 'lock')
    await command(machine, 'send')
    const { body = '' } = await review(machine, pageEvent({ reference: await linkTo(machine) }))
    // Each stands apart, so that no mark in it turns round what stands beside it.
    expect(body.split(`<bdi>${escaped(kept)}</bdi>`)).toHaveLength(3)
  },
)

test.each(Object.entries(texts))('a refused form with %s comes back as text', async (_, [typed]) => {
  const { choose } = await stillWaiting()
  const { body = '', statusCode } = await choose(rejecting(['reason', ' '], [line, typed]))
  expect(statusCode).toBe(422)
  expect(body).toMatch(/name="comment\/03-3000\/L\/"/)
  expect(body.includes(`\n${escaped(typed)}</textarea`)).toBe(true)
})

test.each<[string, (reference: string) => string]>([
  ['cut short', (reference) => reference.slice(0, -1)],
  ['doubled', (reference) => reference + reference],
  ['in upper case', (reference) => reference.toUpperCase()],
  ['in lower case', (reference) => reference.toLowerCase()],
  ['with a blank', (reference) => `${reference} `],
  ['with what a mail puts after it', (reference) => `${reference}.`],
  ['with a line break', (reference) => `${reference}\r\n`],
  ['with a NUL', (reference) => `${reference}\u0000`],
])('a reference %s is unknown, and opens nothing', async (_, altered) => {
  const { machine, reference } = await stillWaiting()
  const unknown = await review(machine, pageEvent({ reference: neverMade }))
  const answers = [
    await review(machine, pageEvent({ reference: altered(reference) })),
    await review(machine, pageEvent({ reference: altered(reference), form: 'choice=accept' })),
  ]
  expect(unknown.statusCode).toBe(404)
  expect(answers).toEqual([unknown, unknown])
})

test('a link of another company opens nothing of this one, by GET and by POST', async () => {
  const { machine, reference } = await stillWaiting()
  const foreign = await linkTo(machine, CompanyId.parse('southwind'))
  const shown = await review(machine, pageEvent({ reference }))
  const unknown = await review(machine, pageEvent({ reference: neverMade }))
  const before = await everyRow(database(), machine)
  const form = filled(shown, rejecting(['reason', 'No']))
  expect(await review(machine, pageEvent({ reference: foreign }))).toEqual(unknown)
  expect((await review(machine, pageEvent({ reference: foreign, form }))).statusCode).toBe(403)
  expect(await everyRow(database(), machine)).toBe(before)
})

test('whatever is done to a form and to its address, a page answers, and none of it is a fault', async () => {
  const { machine, reference } = await waiting()
  const shown = await review(machine, pageEvent({ reference }))
  const accepting: readonly Field[] = [
    ['choice', 'accept'],
    ['tick', 'import_from_sage_closes'],
    [line, 'x'],
  ]
  const pieces = [
    '&',
    '=',
    '%',
    '%00',
    '%ff',
    'part_1=',
    'choice=',
    'tick=',
    'turn=',
    'mail_code=',
    'entry_date=',
    'comment/',
  ]
  const drawn = fc.record({
    page: fc.constantFrom('1', '0', '-1', '1e308', '1e21', 'NaN', '0x10', '', '9'.repeat(400)),
    form: fc.oneof(
      fc.constant(undefined),
      spoilt(Buffer.from(filled(shown, rejecting(['reason', ' ']))), pieces),
      spoilt(Buffer.from(filled(shown, accepting)), pieces),
    ),
  })
  for (const { page, form } of fc.sample(drawn, { numRuns: runs(40, 2_000), seed: 1 })) {
    const event = pageEvent({ reference, page, ...(form && { form: form.toString('latin1') }) })
    const answer = await review(machine, event)
    expect([200, 303, 403, 409, 410, 413, 422]).toContain(answer.statusCode)
    guarded(answer)
  }
})
