import { createHash } from 'node:crypto'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { expect, test } from 'vitest'
import { sendMail } from '../../functions/mailer/send-mail.ts'
import { BudgetMailKind, type MailRequest } from '../../shared/store/outbox.ts'
import { linkOpens } from '../../shared/mail/letters.ts'
import { boxOf, dayInWords, totalInWords, whenToStop } from '../../shared/mail/words.ts'
import { cents, showCents } from '../../shared/domain/cents.ts'
import { Day, Instant, Sha256 } from '../../shared/domain/ids.ts'
import { exportedOn } from '../statemachines/cycle/carried.ts'
import {
  accept,
  amounts,
  approver,
  clinicLines,
  command,
  exported,
  failure,
  exporting,
  key,
  manager,
  masterData,
  poster,
  sent as sendBudget,
  stop,
  totals,
} from '../statemachines/cycle/clinic.ts'
import { days, second } from '../statemachines/cycle/days.ts'
import { cycleMachine, type CycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'
import { htmlOf, messageOf, type PostOffice, postOffice, type Sent, textOf } from './post-office.ts'

const database = useMemoryDatabase()

type Post = PostOffice & { readonly row: (id: string) => Promise<Record<string, unknown> | undefined> }

async function post(machine: CycleMachine, answer?: () => Promise<unknown>): Promise<Post> {
  const { document } = database()
  const row = async (id: string) =>
    (
      await document.send(
        new GetCommand({
          TableName: machine.table,
          Key: { pk: 'C#northwind#P#clinic', sk: `MAIL#${id}` },
        }),
      )
    ).Item
  return await Promise.resolve({ ...postOffice(database(), machine, answer), row })
}

const review: MailRequest = {
  id: 'ready_for_review/v1-s1-1/anna',
  mail: 'ready_for_review',
  to: approver,
  approval: { version: 1, send: 1, step: 1 },
}

async function sentMachine(): Promise<CycleMachine> {
  const machine = await cycleMachine(database())
  await sendBudget(machine)
  return machine
}

test('a mail is sent once however often its message comes', async () => {
  const mailer = await post(await sentMachine())
  expect(await sendMail(mailer, messageOf(review))).toBe('sent')
  expect(await sendMail(mailer, messageOf(review))).toBe('sent_before')
  expect(mailer.sent).toHaveLength(1)
  expect(mailer.sent[0]?.Destination?.ToAddresses).toEqual(['anna@example.com'])
})

test('a mail names the configuration set that tells of it, and carries what finds it again', async () => {
  const mailer = await post(await sentMachine())
  await sendMail(mailer, messageOf(review))
  expect(mailer.sent[0]).toMatchObject({
    ConfigurationSetName: 'budget-mails',
    EmailTags: [
      { Name: 'company', Value: 'northwind' },
      { Name: 'project', Value: 'clinic' },
      { Name: 'mail', Value: Buffer.from(review.id).toString('base64url') },
    ],
  })
})

test('a mail goes to the address that stands when it is sent, not to the one of when it was asked for', async () => {
  const machine = await sentMachine()
  const anna = (await machine.companies.person(key.company, approver))!
  await machine.companies.putPerson(key.company, { ...anna, email: 'anna@new.example.com' }, 'system')
  const mailer = await post(machine)
  await sendMail(mailer, messageOf(review))
  expect(mailer.sent[0]?.Destination?.ToAddresses).toEqual(['anna@new.example.com'])
})

test('a mail is recorded before it is sent', async () => {
  const machine = await sentMachine()
  const seen: unknown[] = []
  const mailer: Post = await post(machine, async () => {
    seen.push(await mailer.row(review.id))
  })
  await sendMail(mailer, messageOf(review))
  expect(seen).toMatchObject([{ attempts: 1 }])
  expect(seen[0]).not.toHaveProperty('sent_at')
  expect(await mailer.row(review.id)).toHaveProperty('sent_at')
})

test('a mail whose fate is unknown is tried again, and its record says how often', async () => {
  const machine = await sentMachine()
  const broken = await post(machine, async () => await Promise.reject(new Error('the line broke')))
  await expect(sendMail(broken, messageOf(review))).rejects.toThrow('the line broke')
  expect(await broken.row(review.id)).not.toHaveProperty('sent_at')
  const mailer = await post(machine)
  expect(await sendMail(mailer, messageOf(review))).toBe('sent')
  expect(await mailer.row(review.id)).toMatchObject({ attempts: 2 })
})

test('nobody who left the directory is mailed', async () => {
  const machine = await sentMachine()
  const mailer = await post(machine)
  const person = await machine.companies.person(key.company, approver)
  await machine.companies.putPerson(key.company, { ...person!, active: false }, 'system')
  expect(await sendMail(mailer, messageOf(review))).toBe('nobody')
  expect(mailer.sent).toEqual([])
})

test('of a mailed link only its SHA-256 is stored', async () => {
  const machine = await sentMachine()
  const mailer = await post(machine)
  await sendMail(mailer, messageOf(review))
  const [, reference = ''] = /budgets\.example\.com\/review\/([\w-]{43})/.exec(textOf(mailer.sent[0])) ?? []
  const hash = Sha256.parse(createHash('sha256').update(reference).digest('hex'))
  expect(await machine.companies.link(hash)).toMatchObject({ kind: 'review', person: approver })
  const rows = JSON.stringify(await database().rowsOf(machine.table))
  expect(rows).toContain(hash)
  expect(rows).not.toContain(reference)
})

test('links are not tracked by the house that sends the mail', async () => {
  const mailer = await post(await sentMachine())
  await sendMail(mailer, messageOf(review))
  const overrides = (mailer.sent[0] as { ConfigurationOverrides?: unknown }).ConfigurationOverrides
  expect(overrides).toEqual({
    Tracking: { ClickTrackingEnabled: 'DISABLED', OpenTrackingEnabled: 'DISABLED' },
  })
})

const hostile = 'Clinic\r\nBcc: all@example.com\u2028\u202e<script>alert(1)</script>&"'

async function renamed(machine: CycleMachine): Promise<void> {
  await machine.store.decide(key, async (head) => {
    const project = await machine.store.project(key)
    if (!head || !project) throw new Error('no project')
    return {
      answer: undefined,
      commit: {
        head,
        project: { ...project, name: hostile },
        history: [{ event: 'project_changed', by: manager, detail: { before: null, after: null } }],
      },
    }
  })
}

/** What a mail of a kind would be about in the machine that stands at *exported*. */
const requestOf = (mail: BudgetMailKind): MailRequest => ({
  id: `${mail}/test`,
  mail,
  to: poster,
  approval: { version: 1, send: 1, step: 1 },
  export: { number: 1, part: 1 },
})

test('every kind of mail has one line of subject and escaped HTML, whatever the project is called', async () => {
  const machine = await exportedOn(database())
  await renamed(machine)
  const mailer = await post(machine)
  for (const kind of BudgetMailKind.options) await sendMail(mailer, messageOf(requestOf(kind)))
  expect(mailer.sent).toHaveLength(BudgetMailKind.options.length)
  for (const mail of mailer.sent) {
    expect(mail.Content?.Simple?.Subject?.Data).toMatch(/^[^\p{Cc}\p{Cf}\u2028\u2029]+$/u)
    expect(htmlOf(mail)).not.toContain('<script')
    expect(htmlOf(mail)).toContain('&lt;script&gt;')
  }
})

test.each(BudgetMailKind.options.map((kind) => [kind, linkOpens[kind] ?? 'nothing'] as const))(
  'a mail %s carries the link that opens %s',
  async (kind, opens) => {
    const machine = await exportedOnce()
    const mailer = await post(machine)
    await sendMail(mailer, {
      ...messageOf(requestOf(kind)),
      mail: { ...requestOf(kind), id: `link/${kind}` },
    })
    const found = /budgets\.example\.com\/(review|posting|board)\//.exec(textOf(mailer.sent[0]))?.[1]
    expect(found ?? 'nothing').toBe(opens)
  },
)

test.each([
  ['a poster', poster, true],
  ['an approver, who may not open the posting page', approver, false],
])('a mismatch told to %s has a link to the posting page or not', async (_who, to, linked) => {
  const mailer = await post(await exportedOnce())
  await sendMail(mailer, {
    ...messageOf(requestOf('mismatch')),
    mail: { ...requestOf('mismatch'), to, id: `mismatch-to/${to}` },
  })
  expect(textOf(mailer.sent[0]).includes('budgets.example.com/posting/')).toBe(linked)
})

let once: Promise<CycleMachine> | undefined
const exportedOnce = async (): Promise<CycleMachine> =>
  await (once ??= cycleMachine(database()).then(async (machine) => {
    await exported(machine)
    return machine
  }))

test.each([
  ['original_estimate', 'EMPTY'],
  ['approved_estimate_change', 'TICK'],
] as const)('the mail about a file of the mode %s says which box', (mode, word) => {
  expect(boxOf(mode)).toContain(word)
})

test.each([
  ['2026-12-22T14:05:00.000Z', 'America/Los_Angeles', '22 December 2026 at 06:05 PST'],
  ['2026-07-01T14:05:00.000Z', 'America/New_York', '1 July 2026 at 10:05 EDT'],
  ['2026-12-22T14:05:00.000Z', undefined, '22 December 2026 at 14:05 UTC'],
])('%s is shown in the time zone %s of the Sage company as %s', (instant, timeZone, words) => {
  expect(whenToStop(Instant.parse(instant), timeZone)).toBe(words)
})

test('a day is written as the moments are', () => {
  expect(dayInWords(Day.parse('2026-12-22'))).toBe('22 December 2026')
})

test.each([
  [0, 1_825_040, '0.00 (+18,250.40 / -18,250.40)'],
  [100_000, 150_000, '1,000.00 (+1,500.00 / -500.00)'],
  [150_000, 150_000, '1,500.00'],
  [-50_000, 0, '-500.00'],
  [0, undefined, '0.00'],
])('a total of %s cents with increases of %s is told as %s', (total, increases, words) => {
  const known = increases === undefined ? {} : { increases: cents(increases) }
  expect(totalInWords({ total: cents(total), ...known })).toBe(words)
})

const subjectOf = (mail: Sent | undefined): string => mail?.Content?.Simple?.Subject?.Data ?? ''

test('the mail of a budget that is sent again unchanged says so, and gives the time of the Sage company', async () => {
  const machine = await sentMachine()
  await command(machine, 'retrieve')
  await command(machine, 'send')
  const mailer = await post(machine)
  await sendMail(mailer, messageOf({ ...review, id: 'first' }))
  await sendMail(mailer, messageOf({ ...review, id: 'second', approval: { version: 1, send: 2, step: 1 } }))
  expect(mailer.sent.map(subjectOf)).toEqual([
    'Budget ready for review: Riverside Clinic, budget version 1',
    'Budget ready for review: Riverside Clinic, budget version 1, sent again',
  ])
  expect(textOf(mailer.sent[1])).toMatch(/Decide before: .* PST/)
})

test('the mail to an approver tells what waits, its total and until when, as text too, and no line of it', async () => {
  const mailer = await post(await sentMachine())
  await sendMail(mailer, messageOf(review))
  for (const words of [textOf(mailer.sent[0]), htmlOf(mailer.sent[0])]) {
    for (const told of [
      'Riverside Clinic',
      '1,010,000.00',
      'Decide before',
      'https://budgets.example.com/review/',
    ])
      expect(words).toContain(told)
    // The total alone, and nothing of what it is made of.
    for (const { code, original } of clinicLines) {
      expect(words).not.toContain(code.cost_code)
      expect(words).not.toContain(showCents(original))
    }
  }
})

test('the mail about a file names the date that its entries carry', async () => {
  const mailer = await post(await exportedOnce())
  await sendMail(mailer, messageOf({ ...requestOf('file_ready'), id: 'dated' }))
  expect(textOf(mailer.sent[0])).toMatch(/Date of the entries: +5 January 2026/)
})

test('the mail of a failed export tells what the connector says of the export and of its lines', async () => {
  const machine = await sentMachine()
  await accept(machine)
  const [, concrete] = clinicLines
  await failure(machine, { lines: [{ code: concrete!.code, message: 'This cost code is closed.' }] })
  const text = await exportFailedMail(machine)
  expect([
    text.includes('The share is gone.'),
    text.includes('03-3000.S: This cost code is closed.'),
  ]).toEqual([true, true])
})

/** The mail of a failed export as the approver gets it. */
async function exportFailedMail(machine: CycleMachine): Promise<string> {
  const mailer = await post(machine)
  const mail = machine.mails.find(({ mail: kind, to }) => kind === 'export_failed' && to === approver)
  await sendMail(mailer, messageOf(mail))
  return textOf(mailer.sent[0])
}

test('the mail of a failed export keeps its messages short, and leads to the board', async () => {
  const machine = await sentMachine()
  await accept(machine)
  const messages = [
    'The share is gone.',
    ...Array.from({ length: 6 }, (_, i) => `${'x'.repeat(900)}${String(i)}`),
  ]
  await failure(machine, { messages })
  const told = await exportFailedMail(machine)
  expect(told).toContain('https://budgets.example.com/board/jobs/clinic?company=northwind')
  expect(told).toContain('The share is gone.')
  expect(told).toContain('And 2 more.')
  expect(Math.max(...told.split('\n').map(({ length }) => length))).toBeLessThan(310)
})

test('the mail of an export for which no file was made names what the check found', async () => {
  const machine = await sentMachine()
  await masterData(machine, ['L'])
  await accept(machine)
  const told = await exportFailedMail(machine)
  expect(told).toContain('no file was made')
  expect(told).toMatch(/03-3000\.S: Cost type S is not a standard category .* Use a standard category/)
  expect(told).toMatch(/Correct what the findings name .*, or return the budget/s)
  expect(told).not.toContain('the same file')
})

const notPosted = async (machine: CycleMachine): Promise<string> => {
  const mailer = await post(machine)
  await sendMail(mailer, messageOf({ ...requestOf('not_posted'), id: 'waits' }))
  return textOf(mailer.sent[0])
}

test('the mail about a stale file says what to do if its entries were deleted', async () => {
  const machine = await exportedOn(database())
  await machine.pass(days(3) + second)
  const told = await notPosted(machine)
  expect(told).toContain('Not posted 3 days after the file was delivered: 3 entries.')
  expect(told).toMatch(/import\s+the\s+SAME\s+file\s+again,\s+or\s+close\s+the\s+export\s+as\s+withdrawn/)
  expect(told).toContain('Import Estimates')
})

test.each([
  ['was posted twice', async (machine: CycleMachine) => await totals(machine, amounts(clinicLines, 2))],
  ['was stopped by Sage', stop],
])('the mail about a file that waits and %s does not ask to import it', async (_, happens) => {
  const machine = await exportedOn(database())
  await happens(machine)
  await machine.pass(days(4))
  const told = await notPosted(machine)
  expect(told).toContain((await exporting(machine)).part.observation?.sentence.slice(0, 30))
  expect(told).not.toContain('Import Estimates')
})
