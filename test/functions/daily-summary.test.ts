import { expect, test } from 'vitest'
import { sendMail } from '../../functions/mailer/send-mail.ts'
import { dailySummary } from '../../functions/schedule/daily-summary.ts'
import { type WaitingBudget, waitingBudgets } from '../../shared/approving/waiting-budgets.ts'
import { defaultPolicy } from '../../shared/domain/approval.ts'
import { inSummaryOf, summaryDue } from '../../shared/domain/daily-summary.ts'
import { CompanyId, Day, Instant, PersonId, SageCompanyId } from '../../shared/domain/ids.ts'
import { summaryLetter } from '../../shared/mail/summary-letter.ts'
import { letterAsText } from '../../shared/mail/letter.ts'
import type { MailRequest } from '../../shared/store/outbox.ts'
import { clinicOn, sentOn } from '../statemachines/cycle/carried.ts'
import {
  accept,
  approval,
  approver,
  command,
  key,
  manager,
  sageId,
  sageSettings,
  sent,
} from '../statemachines/cycle/clinic.ts'
import { type CycleMachine, cycleMachine } from '../statemachines/cycle/machine.ts'
import { summaryOf } from '../statemachines/cycle/summary.ts'
import { useMemoryDatabase } from '../store/use-local.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { messageOf, postOffice, subjectOf, textOf } from './post-office.ts'

const database = useMemoryDatabase()
const hour = 3_600_000

/** A budget that was sent on 5 January 2026 at one in the morning, at its Sage company in Los Angeles. */
async function waiting(): Promise<CycleMachine> {
  const machine = await sentOn(database())
  return machine
}

/** The summary as of a moment, and its mails by id. */
async function summaryAt(machine: CycleMachine, at: string): Promise<string[]> {
  await machine.time.advanceTo(Date.parse(at))
  await dailySummary(summaryOf(machine, database().document))
  await machine.settle()
  return machine.mails.filter(({ mail }) => mail === 'daily_summary').map(({ id }) => id)
}

test.each([
  // Winter and summer time: seven in Los Angeles is 15:00 UTC, and 14:00 from 8 March on.
  ['2026-03-07T14:59:59.000Z', undefined],
  ['2026-03-07T15:00:00.000Z', '2026-03-07'],
  ['2026-03-08T13:59:59.000Z', undefined],
  ['2026-03-08T14:00:00.000Z', '2026-03-08'],
  ['2026-03-09T06:59:59.000Z', '2026-03-08'],
  ['2026-03-09T07:00:00.000Z', undefined],
  ['2026-11-01T14:59:59.000Z', undefined],
  ['2026-11-01T15:00:00.000Z', '2026-11-01'],
])('at %s the summary due in Los Angeles is that of %s', (at, day) => {
  expect(summaryDue('America/Los_Angeles', Instant.parse(at))).toBe(day)
})

test.each([
  ['2026-03-08T13:59:59.000Z', true],
  ['2026-03-08T14:00:00.000Z', false],
  ['2026-03-07T23:00:00.000Z', true],
])('what opened at %s is in the summary of 8 March: %s', (opened, holds) => {
  expect(inSummaryOf('America/Los_Angeles', Day.parse('2026-03-08'), Instant.parse(opened))).toBe(holds)
})

test('what waits is summed up from seven on, once on a day', async () => {
  const machine = await waiting()
  expect(await summaryAt(machine, '2026-01-05T14:59:00.000Z')).toEqual([])
  expect(await summaryAt(machine, '2026-01-05T15:00:00.000Z')).toEqual(['daily_summary/2026-01-05/anna'])
  expect(await summaryAt(machine, '2026-01-05T16:00:00.000Z')).toHaveLength(1)
  expect(await summaryAt(machine, '2026-01-06T15:00:00.000Z')).toHaveLength(2)
})

test('a summary that is made late goes out late on its day', async () => {
  const machine = await waiting()
  expect(await summaryAt(machine, '2026-01-05T23:00:00.000Z')).toEqual(['daily_summary/2026-01-05/anna'])
})

test('two summaries made at one time are one mail', async () => {
  const machine = await waiting()
  await machine.time.advanceTo(Date.parse('2026-01-05T15:00:00.000Z'))
  const twice = [1, 2].map(async () => await dailySummary(summaryOf(machine, database().document)))
  await Promise.allSettled(twice)
  await machine.settle()
  expect(machine.mails.filter(({ mail }) => mail === 'daily_summary')).toHaveLength(1)
})

test('what was sent after seven is in the summary of the next day', async () => {
  const machine = await cycleMachine(database())
  await machine.time.advanceTo(Date.parse('2026-01-05T20:00:00.000Z'))
  await sent(machine)
  expect(await summaryAt(machine, '2026-01-05T21:00:00.000Z')).toEqual([])
  expect(await summaryAt(machine, '2026-01-06T15:00:00.000Z')).toEqual(['daily_summary/2026-01-06/anna'])
})

test('nobody is mailed once nothing waits', async () => {
  const machine = await waiting()
  await accept(machine)
  expect(await summaryAt(machine, '2026-01-06T15:00:00.000Z')).toEqual([])
})

test('what waits for nobody is in no summary', async () => {
  const machine = await waiting()
  const anna = await machine.companies.person(key.company, approver)
  await machine.companies.putPerson(key.company, { ...anna!, active: false }, 'system')
  expect(await summaryAt(machine, '2026-01-05T15:00:00.000Z')).toEqual([])
})

test('a company without a Sage company has its day in UTC', async () => {
  const machine = await waiting()
  const utc = { ...summaryOf(machine, database().document) }
  const none = { ...machine.companies, sageCompanies: async () => await Promise.resolve([]) }
  await machine.time.advanceTo(Date.parse('2026-01-06T07:00:00.000Z'))
  expect(await dailySummary({ ...utc, companies: none })).toEqual({ mailed: 1 })
})

test('a company that fails keeps no other from its mails, and is told to the operators', async () => {
  const machine = await waiting()
  const summary = summaryOf(machine, database().document)
  const broken = CompanyId.parse('broken')
  await machine.time.advanceTo(Date.parse('2026-01-05T15:00:00.000Z'))
  const companies: typeof machine.companies = {
    ...machine.companies,
    people: async (company) => {
      if (company === broken) throw new Error('cannot be read')
      return await machine.companies.people(company)
    },
  }
  const summaries = {
    ...summary.summaries,
    companies: async () => await Promise.resolve([broken, key.company]),
  }
  const informed: unknown[] = []
  const logger = { ...summary.logger, info: (...line: unknown[]) => void informed.push(line) }
  const failing = dailySummary({ ...summary, companies, summaries, logger })
  await expect(failing).rejects.toThrow('1 companies failed')
  expect(informed).toEqual([['daily summary', { mailed: 1, failed: 1 }]])
  await machine.settle()
  expect(machine.mails.filter(({ mail }) => mail === 'daily_summary')).toHaveLength(1)
  expect(summary.lines).toMatchObject([['daily summary failed', { company: 'broken' }]])
})

test('that nobody is left is found within the hour, whoever changed the directory', async () => {
  const machine = await waiting()
  const anna = await machine.companies.person(key.company, approver)
  // As a script or an older release writes it: no request looked at what waits.
  await machine.companies.putPerson(key.company, { ...anna!, active: false }, 'system')
  await summaryAt(machine, '2026-01-05T10:00:00.000Z')
  await summaryAt(machine, '2026-01-05T11:00:00.000Z')
  const told = () => machine.mails.filter(({ mail }) => mail === 'nobody_can_accept')
  expect(told().map(({ to }) => to)).toEqual(['paula'])
  await machine.companies.putPerson(key.company, anna!, 'system')
  await summaryAt(machine, '2026-01-05T12:00:00.000Z')
  await machine.companies.putPerson(key.company, { ...anna!, active: false }, 'system')
  await summaryAt(machine, '2026-01-05T13:00:00.000Z')
  expect(new Set(told().map(({ id }) => id)).size).toBe(2)
})

const waitingNow = async (machine: Pick<CycleMachine, 'companies' | 'store' | 'clock'>) => {
  const people = await machine.companies.people(key.company)
  const sageCompanies = await machine.companies.sageCompanies(key.company)
  const found: WaitingBudget[] = []
  for await (const each of waitingBudgets(machine, key.company, people, sageCompanies)) found.push(each)
  return found
}

test('a budget waits until its time is up, in the time of its own Sage company', async () => {
  const machine = await waiting()
  const own = await machine.companies.sageCompany(key.company, sageId)
  const other = { ...own!, id: SageCompanyId.parse('a-first'), folder: 'OTHER', time_zone: 'UTC' }
  await machine.companies.putSageCompany(key.company, other, 'system')
  expect((await waitingNow(machine)).map(({ timeZone }) => timeZone)).toEqual([own!.time_zone])
  const { until } = await approval(machine)
  // The workflow has not ended it yet.
  expect(await waitingNow({ ...machine, clock: { now: () => until } })).toEqual([])
})

test('a budget waits for those whom its open step names', async () => {
  const machine = await clinicOn(database())
  const anna = await machine.companies.person(key.company, approver)
  const bert = PersonId.parse('bert')
  await machine.companies.putPerson(key.company, { ...anna!, id: bert, subjects: ['sub-bert'] }, 'system')
  const steps = [{ name: 'Accounting', approvers: [bert], accepts: 1 }]
  await machine.companies.putPolicy(key.company, { ...defaultPolicy, steps }, 'system')
  await command(machine, 'lock')
  await command(machine, 'send')
  expect((await waitingNow(machine)).map(({ waitsFor }) => waitsFor)).toEqual([[bert]])
})

/** Sends the mails of a machine as the mailer does; what left for SES, as text. */
async function posted(machine: CycleMachine, request: MailRequest | undefined): Promise<[string, string[]]> {
  const mailer = postOffice(database(), machine)
  return [
    await sendMail(mailer, messageOf(request)),
    mailer.sent.map((mail) => `${subjectOf(mail)}\n${textOf(mail)}`),
  ]
}

test('the mail names each budget with its age and a link of its reader', async () => {
  const machine = await waiting()
  await summaryAt(machine, '2026-01-08T15:00:00.000Z')
  const request = machine.mails.find(({ mail }) => mail === 'daily_summary')
  const [outcome, [text = '']] = await posted(machine, request)
  expect(outcome).toBe('sent')
  expect(text.split('\n')[0]).toBe('ERP Integrations daily summary: 1 budget waits for your decision')
  expect(text).toMatch(/Project: +Riverside Clinic/)
  expect(text).toMatch(/Sent by: +paula name/)
  expect(text).toMatch(/Amount: +1,010,000.00/)
  expect(text).toMatch(/Waits since: +5 January 2026 at 01:00 PST, for 3 days/)
  expect(text).toMatch(/Decide before: +4 February 2026/)
  expect(text).toMatch(/https:\/\/budgets\.example\.com\/review\/[\w-]{43}/)
  expect(await posted(machine, request)).toEqual(['sent_before', []])
})

test('a reader for whom nothing waits any more is not mailed', async () => {
  const machine = await waiting()
  await summaryAt(machine, '2026-01-05T15:00:00.000Z')
  const request = machine.mails.find(({ mail }) => mail === 'daily_summary')
  await accept(machine)
  expect(await posted(machine, request)).toEqual(['nobody', []])
})

test('a summary that did not arrive is told by its name', async () => {
  const machine = await waiting()
  const undelivered = { mail: 'daily_summary' as const, to: approver, why: 'bounced' as const }
  const request = {
    id: 'mail_not_delivered/x',
    mail: 'mail_not_delivered' as const,
    to: manager,
    undelivered,
  }
  const [, [text = '']] = await posted(machine, request)
  expect(text).toContain('The mail "ERP Integrations daily summary" did not reach anna name: it came back.')
})

test('what is not listed is counted', async () => {
  const machine = await waiting()
  const [head, project] = await Promise.all([machine.store.head(key), machine.store.project(key)])
  const row = {
    head: head!,
    project,
    approval: await approval(machine),
    waitsFor: [PersonId.parse('anna')],
    timeZone: 'UTC',
    url: new Secret('https://budgets.example.com/review/x'),
  }
  const letter = summaryLetter([row, row], 7, machine.clock.now(), (id) => id)
  expect(letter.subject).toContain('9 budgets wait')
  expect(letterAsText(letter)).toContain('7 more stand in the list of budgets ready to be exported.')
})

test('another Sage company in an earlier time zone moves no summary of the first', async () => {
  const machine = await waiting()
  await sageSettings(machine)
  const first = await machine.companies.sageCompany(key.company, sageId)
  const second = {
    ...first!,
    id: 'nw-other' as typeof sageId,
    folder: 'OTHER',
    time_zone: 'America/New_York',
  }
  await machine.companies.putSageCompany(key.company, second, 'system')
  expect(await summaryAt(machine, '2026-01-05T12:00:00.000Z')).toEqual([])
  await machine.time.advance(3 * hour)
  expect(await summaryAt(machine, machine.clock.now())).toHaveLength(1)
})
