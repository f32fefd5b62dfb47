import { expect, test, vi } from 'vitest'
import { sendMail } from '../../functions/mailer/send-mail.ts'
import { review } from '../../functions/review/index.ts'
import { type ApprovalStep, defaultPolicy } from '../../shared/domain/approval.ts'
import { cents } from '../../shared/domain/cents.ts'
import { PersonId } from '../../shared/domain/ids.ts'
import { codeHash } from '../../shared/mail/confirmation-code.ts'
import { clinicOn } from '../statemachines/cycle/carried.ts'
import { approval, approver, command, head, key, sageId } from '../statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'
import { everyRow, type Field, filled, type Page, pageEvent, referenceTo } from './page-event.ts'
import { messageOf, postOffice, subjectOf, textOf } from './post-office.ts'

const database = useMemoryDatabase()
const bert = PersonId.parse('bert')
const minute = 60_000

// The clinic's budget comes to 1,010,000.00.
const amount = cents(101_000_000)

const accepting: readonly Field[] = [
  ['choice', 'accept'],
  ['tick', 'import_from_sage_closes'],
]

const asking: readonly Field[] = [
  ['choice', 'accept'],
  ['mail_code', '1'],
]

const pageOf = (machine: CycleMachine, reference: string) => {
  const look = async () => await review(machine, pageEvent({ reference }))
  const post = async (form: string) => await review(machine, pageEvent({ reference, form }))
  const choose = async (fields: readonly Field[]) => await post(filled(await look(), fields))
  return { look, post, choose }
}

async function openStep(machine: CycleMachine): Promise<ApprovalStep> {
  const { version, send, step } = await approval(machine)
  return { version, send, step }
}

/** A sent budget whose accept takes a code from an amount on, and the page of a link. */
async function waiting(from = amount) {
  const machine = await clinicOn(database())
  await machine.companies.putPolicy(key.company, { ...defaultPolicy, code_from_amount: from }, 'system')
  const anna = await machine.companies.person(key.company, approver)
  const other = { ...anna!, id: bert, email: 'bert@example.com', subjects: ['sub-bert'] }
  await machine.companies.putPerson(key.company, other, 'system')
  await command(machine, 'lock')
  await command(machine, 'send')
  const step = await openStep(machine)
  const linkOf = async (person: PersonId) =>
    await referenceTo(machine, { kind: 'review', ...key, person, approval: step })
  return { machine, linkOf, ...pageOf(machine, await linkOf(approver)) }
}

/** The letters with codes, in the order in which they were asked for, as the mailer sends them now. */
async function mailed(machine: CycleMachine) {
  await machine.settle()
  const office = postOffice(database(), machine)
  for (const mail of machine.mails.filter((each) => each.mail === 'confirmation_code'))
    await sendMail(office, messageOf(mail))
  return office.sent
}

const codeIn = (letter: string): string => /\*\*\* (\S+) \*\*\*/.exec(letter)?.[1] ?? ''

async function askedCode(
  machine: CycleMachine,
  { choose }: Pick<ReturnType<typeof pageOf>, 'choose'>,
): Promise<string> {
  expect((await choose(asking)).statusCode).toBe(200)
  return codeIn(textOf((await mailed(machine)).at(-1)))
}

const undecided = async (machine: CycleMachine, answer: Page, words: string): Promise<void> => {
  expect([answer.statusCode, answer.body?.includes(words)]).toEqual([422, true])
  expect(await approval(machine)).toMatchObject({ decisions: [] })
}

test('an accept takes the code from the mail, and says that it had one', async () => {
  const { machine, ...page } = await waiting()
  await undecided(machine, await page.choose(accepting), 'takes a code from your mail')
  const code = await askedCode(machine, page)
  expect(code).toMatch(/^[\dA-HJKMNP-TV-Z]{4}-[\dA-HJKMNP-TV-Z]{4}$/)
  expect((await page.choose([...accepting, ['code', code]])).statusCode).toBe(303)
  expect((await approval(machine)).decisions).toMatchObject([{ person: 'anna', by: 'link_and_code' }])
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
})

test.each(['0a1b-2c3d', '0A1B2C3D', ' 0A1B - 2C3D ', 'oAlB2c3D', 'OAIB-2C3D'])(
  '%o is read as the code 0A1B-2C3D',
  (typed) => {
    expect(codeHash(typed)).toBe(codeHash('0A1B-2C3D'))
  },
)

test('a code is good for ten minutes, and the last one alone', async () => {
  const { machine, ...page } = await waiting()
  const first = await askedCode(machine, page)
  const second = await askedCode(machine, page)
  await undecided(
    machine,
    await page.choose([...accepting, ['code', first]]),
    'not the code of the last mail',
  )
  await machine.pass(10 * minute)
  await undecided(machine, await page.choose([...accepting, ['code', second]]), 'ten minutes are over')
  const third = await askedCode(machine, page)
  await machine.pass(10 * minute - 1)
  expect((await page.choose([...accepting, ['code', third]])).statusCode).toBe(303)
})

test('the code of another approver confirms nothing', async () => {
  const { machine, linkOf, ...page } = await waiting()
  const his = await askedCode(machine, pageOf(machine, await linkOf(bert)))
  await undecided(machine, await page.choose([...accepting, ['code', his]]), 'not the code of the last mail')
})

test('two hundred wrong codes accept nothing, and lock nobody out: the right one does', async () => {
  const { machine, ...page } = await waiting()
  const code = await askedCode(machine, page)
  const form = filled(await page.look(), accepting)
  for (let n = 0; n < 200; n += 1) expect((await page.post(`${form}&code=${wrong(n)}`)).statusCode).toBe(422)
  expect(await approval(machine)).toMatchObject({ decisions: [] })
  expect((await page.choose([...accepting, ['code', code]])).statusCode).toBe(303)
})

const wrong = (n: number): string => n.toString(16).toUpperCase().padStart(8, 'Z')

test('an accept below the amount, and a reject, take no code', async () => {
  const below = await waiting(cents(amount + 1))
  expect((await below.look()).body).not.toContain('Code from your mail')
  expect((await below.choose(accepting)).statusCode).toBe(303)
  const rejected = await waiting()
  const fields: readonly Field[] = [
    ['choice', 'reject'],
    ['reason', 'Concrete is too low'],
  ]
  expect((await rejected.choose(fields)).statusCode).toBe(303)
})

test('asking for a code keeps what was typed, tells only the asker, and is told in the history', async () => {
  const { machine, look, choose } = await waiting()
  expect((await look()).body).not.toContain('A code is on its way')
  const { body = '' } = await choose([...accepting, ['reason', 'half a thought'], ['mail_code', '1']])
  expect(body).toContain('A code is on its way to your mailbox')
  expect(body).toMatch(/value="accept"[^>]*\schecked/)
  expect(body).toContain('half a thought')
  const [letter, ...more] = await mailed(machine)
  expect([letter?.Destination?.ToAddresses, more]).toEqual([['anna@example.com'], []])
  expect(subjectOf(letter)).toBe('Code to accept: Riverside Clinic, budget version 1')
  const history = await machine.store.history(key, { limit: 100 })
  expect(history.at(-1)).toMatchObject({ event: 'code_asked', by: 'anna', detail: { step: 1 } })
})

test.each<[string, readonly Field[]]>([
  ['nothing was chosen, as when a program presses every button', []],
  [
    'a reject was chosen',
    [
      ['choice', 'reject'],
      ['reason', 'Concrete is too low'],
    ],
  ],
])('no code is mailed, and nothing is stored, while %s', async (_, fields) => {
  const { machine, choose } = await waiting()
  const before = await everyRow(database(), machine)
  await undecided(machine, await choose([...fields, ['mail_code', '1']]), 'Choose accept first')
  expect(await everyRow(database(), machine)).toBe(before)
})

test('a fourth code within the hour is refused, and the next hour has new ones', async () => {
  const { machine, choose } = await waiting()
  const ask = async () => (await choose(asking)).statusCode
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual([200, 200, 200, 422])
  expect((await choose(asking)).body).toContain('You were mailed 3 codes within the hour.')
  await machine.pass(60 * minute)
  expect(await ask()).toBe(200)
})

test('the page of a request that was taken back and sent again mails no code for the new one', async () => {
  const { machine, look, post } = await waiting()
  const form = filled(await look(), asking)
  await command(machine, 'retrieve')
  await command(machine, 'send')
  expect((await post(form)).body).toContain('Replaced by a newer request')
  expect(await mailed(machine)).toEqual([])
})

test('a budget that takes none is mailed none, whatever is posted', async () => {
  const { machine, choose } = await waiting(cents(amount + 1))
  const answer = await choose(asking)
  expect([answer.statusCode, answer.body?.includes('accepted without a code')]).toEqual([422, true])
  expect(await mailed(machine)).toEqual([])
})

test('who may not accept is mailed no code', async () => {
  const { machine, choose } = await waiting()
  const anna = await machine.companies.person(key.company, approver)
  await machine.companies.putPerson(key.company, { ...anna!, limit: cents(1) }, 'system')
  expect((await choose(asking)).statusCode).toBe(403)
  expect(await mailed(machine)).toEqual([])
})

test('the table holds no code', async () => {
  const { machine, ...page } = await waiting()
  const code = await askedCode(machine, page)
  const rows = await everyRow(database(), machine)
  expect(rows).toContain('CODE#APPROVAL#')
  expect([rows.includes(code), rows.includes(code.replace('-', ''))]).toEqual([false, false])
})

test('a decision with a code takes three calls, as one without', async () => {
  const { machine, ...page } = await waiting()
  const code = await askedCode(machine, page)
  const reference = await referenceTo(machine, {
    kind: 'review',
    ...key,
    person: approver,
    approval: await openStep(machine),
    sage_company: sageId,
    delegators: [],
  })
  const form = filled(await review(machine, pageEvent({ reference })), [...accepting, ['code', code]])
  using calls = vi.spyOn(database().document, 'send')
  expect((await review(machine, pageEvent({ reference, form }))).statusCode).toBe(303)
  expect(calls).toHaveBeenCalledTimes(3)
})
