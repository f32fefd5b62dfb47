import { expect, test } from 'vitest'
import { review } from '../../functions/review/index.ts'
import { type PersonId, PersonId as personId } from '../../shared/domain/ids.ts'
import {
  approval,
  approver,
  command,
  head,
  key,
  manager,
  poster,
  reject,
  sent,
} from '../statemachines/cycle/clinic.ts'
import { days, second } from '../statemachines/cycle/days.ts'
import { holds } from '../statemachines/cycle/invariants.ts'
import { type CycleMachine, cycleMachine } from '../statemachines/cycle/machine.ts'
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
const bert = personId.parse('bert')

const accepting: readonly Field[] = [
  ['choice', 'accept'],
  ['tick', 'import_from_sage_closes'],
]
const rejecting: readonly Field[] = [
  ['choice', 'reject'],
  ['reason', 'Concrete is too low'],
]

const linkFor = async (machine: CycleMachine, person: PersonId = approver): Promise<string> => {
  const { version, send, step } = await approval(machine)
  return await referenceTo(machine, { kind: 'review', ...key, person, approval: { version, send, step } })
}

/** A sent budget and the link of one approver; Bert approves too. */
async function waiting() {
  const machine = await cycleMachine(database())
  await machine.companies.putPerson(
    key.company,
    {
      id: bert,
      name: 'Bert',
      email: 'bert@example.com',
      subjects: ['sub-bert'],
      roles: ['accounting_approver'],
      active: true,
    },
    'system',
  )
  await sent(machine)
  const reference = await linkFor(machine)
  const look = async (headers = {}) => await review(machine, pageEvent({ reference, headers }))
  const post = async (form: string, headers = {}) =>
    await review(machine, pageEvent({ reference, form, headers }))
  /** Opens the page, fills the form in and sends it. */
  const choose = async (fields: readonly Field[]) => await post(filled(await look(), fields))
  return { machine, reference, look, post, choose }
}

const stillWaiting = shared(waiting)

const undecided = async (machine: CycleMachine): Promise<void> => {
  await machine.settle()
  expect(await approval(machine)).toMatchObject({ decisions: [] })
  expect((await machine.store.signals(key, 1)).map(({ kind }) => kind)).toEqual(['send'])
}

test('a link opened a hundred times decides nothing', async () => {
  const { machine, reference } = await stillWaiting()
  const before = await everyRow(database(), machine)
  for (let i = 0; i < 50; i += 1)
    for (const method of ['GET', 'HEAD'] as const)
      expect((await review(machine, pageEvent({ method, reference }))).statusCode).toBe(200)
  expect(await everyRow(database(), machine)).toBe(before)
})

test('the page shows the figures and no choice that is made already', async () => {
  const { look } = await stillWaiting()
  const { body = '' } = await look()
  expect(body).toContain('1,010,000.00')
  expect(body).not.toMatch(/<script| checked/)
})

test('an accept by the link is recorded and shown at the same address', async () => {
  const { machine, reference, look, choose } = await waiting()
  const answer = await choose(accepting)
  expect([answer.statusCode, answer.headers?.['location']]).toEqual([303, `/review/${reference}`])
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
  const { body } = await look()
  expect(body).toContain('You accepted this budget')
  expect(body).toContain('Riverside Clinic: budget version 1')
  expect(body).toContain('dated 5 January 2026 in Sage')
  await holds(machine)
})

test.each([
  ['accept', accepting],
  ['reject', rejecting],
])(
  'the history of an %s by the link tells who, how known, on what, and from which network and browser',
  async (choice, fields) => {
    const { machine, choose } = await waiting()
    await choose(fields)
    const { version_hash, export_hash } = await approval(machine)
    const rows = await machine.store.history(key, { limit: 1000 })
    expect(rows.find(({ event }) => event === `decision_${choice}`)).toMatchObject({
      by: approver,
      request: 'request-of-a-page',
      detail: {
        by: 'link',
        version_hash,
        export_hash,
        decided_from: { family: 'IPv4', network: '203.0.113.0/24', agent: 'Mozilla/5.0 (X11; Linux x86_64)' },
      },
    })
    expect(JSON.stringify(await everyRow(database(), machine))).not.toContain('203.0.113.77')
  },
)

test('a reject by the link carries its reason', async () => {
  const { machine, choose } = await waiting()
  expect((await choose(rejecting)).statusCode).toBe(303)
  await machine.settle()
  expect((await approval(machine)).decisions).toMatchObject([{ reason: 'Concrete is too low', by: 'link' }])
})

test.each<[string, readonly Field[], string]>([
  ['no choice', [], 'No choice was made.'],
  ['a choice that nobody knows', [['choice', 'approve']], 'This choice is not known.'],
  ['two choices', [['choice', 'accept'], ...rejecting], 'No choice was made.'],
  ['a reject without a reason', [['choice', 'reject']], 'A rejection needs a reason.'],
  [
    'a reject whose reason is blank',
    [
      ['choice', 'reject'],
      ['reason', '  \r\n '],
    ],
    'A rejection needs a reason.',
  ],
  ['an accept without its tick', [['choice', 'accept']], 'tick'],
  ['a tick that nobody knows', [...accepting, ['tick', 'all']], 'A tick is not understood.'],
  ['a date that is none', [...accepting, ['entry_date', '2026-02-30']], 'in Sage is not understood.'],
  ['a date outside the window', [...accepting, ['entry_date', '2020-01-01']], 'entry date'],
  ['an accept whose date was cleared', [...accepting, ['entry_date', '']], 'in Sage is missing.'],
  ['a total that is no amount', [...accepting, ['part_2', 'all']], 'No choice was made.'],
])('a form with %s comes back with what is wrong, and decides nothing', async (_, fields, words) => {
  const { machine, choose } = await stillWaiting()
  const answer = await choose(fields)
  expect(answer.statusCode).toBe(422)
  expect(/role="alert"[^>]*>([^<]*)</.exec(answer.body ?? '')?.[1]).toContain(words)
  guarded(answer)
  await undecided(machine)
})

test('a form without the field of the date is told that the date is missing', async () => {
  const { machine, look, post } = await stillWaiting()
  const fields = new URLSearchParams(filled(await look(), accepting))
  fields.delete('entry_date')
  const answer = await post(fields.toString())
  expect([answer.statusCode, answer.body?.includes('in Sage is missing.')]).toEqual([422, true])
  await undecided(machine)
})

test.each<[string, string, (page: Page) => string, Record<string, string>?]>([
  ['form', 'no form', () => '', { 'content-type': 'text/plain' }],
  [
    'own origin',
    'the form of another site',
    (page) => filled(page, accepting),
    { origin: 'https://a.example' },
  ],
  ['mark of the page', 'an empty form', () => ''],
  ['choice', 'the form as it stands', (page) => filled(page, [])],
  ['choice', 'the form with both choices', (page) => filled(page, [...accepting, ...rejecting])],
])('the log says that a %s was lacking in %s, and names no reference', async (lacks, _, form, headers) => {
  const { machine, reference, look, post } = await stillWaiting()
  machine.logged.length = 0
  await post(form(await look()), headers)
  expect(machine.logged).toEqual([['incomplete form', { page: 'review', ...key, person: approver, lacks }]])
  expect(JSON.stringify(machine.logged)).not.toContain(reference)
})

test.each<[string, readonly Field[]]>([
  ['a reject without a reason', [['choice', 'reject']]],
  ['a look at other lines', [['turn', '']]],
])('nothing is logged of %s: a person was there', async (_, fields) => {
  const { machine, choose } = await stillWaiting()
  machine.logged.length = 0
  await choose(fields)
  expect(machine.logged).toEqual([])
})

/** What the form holds when it comes back: the choice, the ticks, the date and the reason. */
const held = ({ body = '' }: Page) => ({
  choices: [...body.matchAll(/name="choice"\s+value="(\w+)"[^>]*\schecked/g)].map(([, value]) => value),
  ticks: [...body.matchAll(/name="tick"\s+value="(\w+)"[^>]*\schecked/g)].map(([, value]) => value),
  entry_date: /name="entry_date"\s+value="([^"]*)"/.exec(body)?.[1],
  reason: /<textarea[^>]*>([^<]*)</.exec(body)?.[1],
})

test.each<[string, readonly Field[], ReturnType<typeof held>]>([
  [
    'an accept without its tick',
    [
      ['choice', 'accept'],
      ['entry_date', '2026-12-01'],
    ],
    { choices: ['accept'], ticks: [], entry_date: '2026-12-01', reason: '' },
  ],
  [
    'an accept without its date',
    [...accepting, ['entry_date', ''], ['reason', 'typed before']],
    { choices: ['accept'], ticks: ['import_from_sage_closes'], entry_date: '', reason: 'typed before' },
  ],
  [
    'a reject without a reason',
    [
      ['choice', 'reject'],
      ['tick', 'import_from_sage_closes'],
      ['entry_date', '2026-12-01'],
      ['reason', ' '],
    ],
    { choices: ['reject'], ticks: ['import_from_sage_closes'], entry_date: '2026-12-01', reason: ' ' },
  ],
])('%s comes back with everything that was typed', async (_, fields, typed) => {
  const { choose } = await stillWaiting()
  expect(held(await choose(fields))).toEqual(typed)
})

test('the date that the form proposes is the day in the time zone of the Sage company', async () => {
  const { machine, look } = await waiting()
  const evening = Date.parse('2026-01-06T03:00:00.000Z')
  await machine.pass(evening - machine.time.now())
  expect(held(await look()).entry_date).toBe('2026-01-05')
})

test('what is wrong stands in the form, where the browser goes, and names its field', async () => {
  const { choose } = await stillWaiting()
  const { body = '' } = await choose([['choice', 'reject']])
  const form = /<form[^]*<\/form>/.exec(body)?.[0] ?? ''
  expect(form).toMatch(/<form[^>]* action="#fault"/)
  expect(form).toMatch(/id="fault"[^>]*role="alert"[^>]*>\s*A rejection needs a reason\./)
  expect(form).toMatch(/<textarea[^>]*aria-describedby="fault"/)
})

const changed = (form: string, name: string, value: string): string => {
  const fields = new URLSearchParams(form)
  fields.set(name, value)
  return fields.toString()
}

test.each([
  ['the mark of another page', 'mark', 'x'.repeat(43)],
  ['no mark', 'mark', ''],
  ['another version', 'version_hash', 'a'.repeat(64)],
  ['another export', 'export_hash', 'a'.repeat(64)],
])('a form with %s is refused, and decides nothing', async (_, name, value) => {
  const { machine, look, post } = await stillWaiting()
  const answer = await post(changed(filled(await look(), accepting), name, value))
  expect(answer.statusCode).toBe(403)
  guarded(answer)
  await undecided(machine)
})

test('a mark of one link does not open another', async () => {
  const { machine, look } = await stillWaiting()
  const form = filled(await look(), accepting)
  const other = await linkFor(machine, bert)
  expect((await review(machine, pageEvent({ reference: other, form }))).statusCode).toBe(403)
  await undecided(machine)
})

test('a total that was changed on the way decides nothing', async () => {
  const { machine, look, post } = await stillWaiting()
  const answer = await post(changed(filled(await look(), accepting), 'part_1', '1.00'))
  expect(answer.statusCode).toBe(409)
  expect(answer.body).toContain('Nothing was recorded')
  guarded(answer)
  await undecided(machine)
})

test.each([
  [{ origin: 'https://evil.example' }],
  [{ 'sec-fetch-site': 'cross-site' }],
  [{ 'sec-fetch-site': 'same-site' }],
  [{ 'content-type': 'application/json' }],
])('a form that came with %j is not ours', async (headers) => {
  const { machine, look, post } = await stillWaiting()
  const answer = await post(filled(await look(), accepting), headers)
  expect(answer.statusCode).toBe(403)
  await undecided(machine)
})

/** How an approval may end before a form is sent, and what the page says then. */
const endings: Readonly<Record<string, [(machine: CycleMachine) => Promise<void>, string]>> = {
  'the time is up': [
    async (machine) => {
      await machine.pass(days(30) + second)
    },
    'Not decided in time',
  ],
  'the project took it back': [
    async (machine) => {
      await command(machine, 'retrieve')
    },
    'Taken back by the project',
  ],
  'it was sent again': [
    async (machine) => {
      await command(machine, 'retrieve')
      await command(machine, 'send')
    },
    'Replaced by a newer request',
  ],
  'somebody else rejected it': [
    async (machine) => {
      await reject(machine, 'No', bert)
    },
    'Already rejected',
  ],
}

test.each(Object.entries(endings))(
  'once %s, a form changes nothing and the page says so',
  async (_, ending) => {
    const [end, words] = ending
    const { machine, look, post } = await waiting()
    const form = filled(await look(), accepting)
    await end(machine)
    const before = await everyRow(database(), machine)
    const first = await post(form)
    expect(first.body).toContain(words)
    expect(first.body).toContain('Your answer came after that, and was not recorded.')
    guarded(first)
    expect(await everyRow(database(), machine)).toBe(before)
  },
)

test('a decision that is repeated is shown as it was recorded', async () => {
  const { machine, look, post } = await waiting()
  const form = filled(await look(), rejecting)
  const other = filled(await look(), accepting)
  await post(form)
  expect((await post(form)).statusCode).toBe(303)
  const late = await post(other)
  expect(late.statusCode).toBe(409)
  expect(late.body).toContain('Your second answer was not recorded.')
  expect((await look()).body).toContain('You rejected this budget')
  expect((await approval(machine)).decisions).toHaveLength(1)
})

test.each<[string, readonly Field[], readonly Field[], number]>([
  ['the same accept', accepting, accepting, 303],
  ['an accept with another date', accepting, [...accepting, ['entry_date', '2026-01-06']], 409],
  [
    'the same reject with a blank after its reason',
    rejecting,
    [
      ['choice', 'reject'],
      ['reason', 'Concrete is too low '],
    ],
    303,
  ],
  [
    'a reject with another reason',
    rejecting,
    [
      ['choice', 'reject'],
      ['reason', 'Steel is too low'],
    ],
    409,
  ],
])('%s after a decision is answered as a repeat or as too late', async (_, first, again, status) => {
  const { look, post } = await waiting()
  const page = await look()
  await post(filled(page, first))
  expect((await post(filled(page, again))).statusCode).toBe(status)
})

test('a sender who approves may not accept, and is told why', async () => {
  const { machine } = await waiting()
  const person = await machine.companies.person(key.company, manager)
  const both = { ...person!, roles: ['project_manager' as const, 'accounting_approver' as const] }
  await machine.companies.putPerson(key.company, both, 'system')
  const reference = await linkFor(machine, manager)
  const shown = await review(machine, pageEvent({ reference }))
  const answer = await review(machine, pageEvent({ reference, form: filled(shown, accepting) }))
  expect(answer.statusCode).toBe(403)
  await undecided(machine)
})

test('an approver who left sees nothing and decides nothing', async () => {
  const { machine, look, post } = await waiting()
  const form = filled(await look(), accepting)
  const person = await machine.companies.person(key.company, approver)
  await machine.companies.putPerson(key.company, { ...person!, active: false }, 'system')
  const answers = [await look(), await post(form)]
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403])
  expect(answers[0]?.body).not.toContain('1,010,000.00')
  await undecided(machine)
})

test('a link to a request that was never made opens nothing', async () => {
  const { machine } = await stillWaiting()
  const of = { version: 1, send: 9, step: 1 }
  const reference = await referenceTo(machine, { kind: 'review', ...key, person: approver, approval: of })
  const unknown = await review(machine, pageEvent({ reference: neverMade }))
  expect(await review(machine, pageEvent({ reference }))).toEqual(unknown)
})

test('every look and every answer is logged with whose link it was and what was answered', async () => {
  const { machine, look, choose } = await waiting()
  await look()
  machine.informed.length = 0
  await choose(rejecting)
  const about = { ...key, by: approver, approval: 'clinic-v1-s1-1' }
  expect(machine.informed).toMatchObject([
    ['answered', { ...about, status: 200 }],
    ['answered', { ...about, status: 303 }],
  ])
})

test('malformed, unknown and foreign references are answered alike, by GET and by POST', async () => {
  const { machine } = await stillWaiting()
  const foreign = await referenceTo(machine, { kind: 'posting', ...key, person: poster, export: 1 })
  const answers: Page[] = []
  machine.logged.length = 0
  for (const reference of [...malformed, neverMade, foreign])
    for (const form of [undefined, 'choice=accept'])
      answers.push(await review(machine, pageEvent({ reference, ...(form !== undefined && { form }) })))
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]?.statusCode).toBe(404)
  // This line raises the alarm.
  expect(machine.logged.filter((line) => JSON.stringify(line).includes('unknown link'))).toHaveLength(
    answers.length,
  )
})

test('fifty accepts at once are one decision and one signal', async () => {
  const { machine, look, post } = await waiting()
  const form = filled(await look(), accepting)
  const answers = await Promise.all(Array.from({ length: 50 }, async () => await post(form)))
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([303]))
  await machine.settle()
  expect((await approval(machine)).decisions).toHaveLength(1)
  const kinds = (await machine.store.signals(key, 1)).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1)
  await holds(machine)
})

test('every answer keeps itself to the reader', async () => {
  const { look, choose } = await waiting()
  guarded(await look())
  guarded(await choose(accepting))
  guarded(await look())
})

test('what people typed reaches the page as text', async () => {
  const { machine } = await waiting()
  await reject(machine, '<img src=x onerror=alert(1)>', approver)
  await command(machine, 'lock')
  await command(machine, 'send')
  const reference = await linkFor(machine)
  const { body = '' } = await review(machine, pageEvent({ reference }))
  expect(body).toContain('&lt;img src=x')
  expect(body).not.toContain('<img')
})
