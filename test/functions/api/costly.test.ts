import * as fc from 'fast-check'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { problemType } from '../../../shared/http/problem.ts'
import { uploadsOfDay, type RowKey, workOfDay } from '../../../shared/store/keys.ts'
import { runs } from '../../runs.ts'
import { cents } from '../../../shared/domain/cents.ts'
import {
  acme,
  ann,
  byRole,
  east,
  ed,
  etagOf,
  jobOf,
  mia,
  personOf,
  projectWithLines,
  setUpAcme,
} from './acme.ts'
import { type Came, type LocalApi, useLocalApi } from './local-api.ts'
import { keyOf, lockedProject, sentProject, step } from './workflow-by-hand.ts'

let written = 0

/** Counts every row that is put, changed or deleted. */
const counted = (document: DynamoDBDocumentClient): DynamoDBDocumentClient =>
  new Proxy(document, {
    get: (target, name) =>
      name === 'send'
        ? async (command: Sent) => {
            written += rowsOf(command)
            return await target.send(command as never)
          }
        : (Reflect.get(target, name) as unknown),
  })

interface Sent {
  readonly constructor: { readonly name: string }
  readonly input: { readonly TransactItems?: readonly unknown[]; readonly RequestItems?: object }
}

function rowsOf({ constructor: { name }, input: { TransactItems = [], RequestItems = {} } }: Sent): number {
  if (name === 'BatchWriteCommand') return Object.values(RequestItems).flat().length
  return TransactItems.length + (/^(Put|Update|Delete)/.test(name) ? 1 : 0)
}

const api = useLocalApi(undefined, ({ document, objects }) => ({ document: counted(document), objects }))
beforeAll(async () => {
  await setUpAcme(api())
  await api().companies.putPerson(acme, personOf('amy', ['accounting_approver']), 'system')
})

const tomorrow = '2026-11-23T00:00:00.000Z'
const today = '2026-11-22'

/** So many were counted today, and none once the test is over. */
async function spent(row: RowKey, count: number): Promise<void> {
  const are = async (number: number) => await api().rows.putMany([{ ...row, spent: number }])
  onTestFinished(async () => await are(0))
  await are(count)
}

const refused = (came: Came) => [came.status, came.json.type, came.headers['retry-after']]
// From 19:38:31 to midnight.
const untilMidnight = [429, problemType('TOO_MANY_TODAY'), String(4 * 3600 + 21 * 60 + 29)]

const upload = async (): Promise<Came> =>
  await api().call('POST', '/uploads', { as: ed, body: { bytes: 10 } })

test('a company is offered 500 uploads a day, whatever another one was', async () => {
  await spent(uploadsOfDay('zenith', today), 500)
  await spent(uploadsOfDay(acme, today), 499)
  expect((await upload()).status).toBe(201)
  expect(refused(await upload())).toEqual(untilMidnight)
  api().clock.set(tomorrow)
  expect((await upload()).status).toBe(201)
  api().clock.set('2026-11-22T19:38:31.000Z')
})

const csv = 'Cost Code,Cost Type,Budget Amount\r\n03-3000,S,330000.00\r\n'
const command =
  (path: string, as = mia, body: object = {}) =>
  async (project: string): Promise<Came> =>
    await api().command(`/projects/${project}/${path}`, {
      as,
      body,
      headers: { 'if-match': await etagOf(api(), project) },
    })
const imported = async (project: string): Promise<Came> =>
  await api().call('POST', `/projects/${project}/budget/import`, {
    as: ed,
    base64: Buffer.from(csv).toString('base64'),
    headers: { 'content-type': 'text/csv', 'if-match': await etagOf(api(), project) },
  })

/** A version, and other lines since. */
async function changedSince(of: LocalApi): Promise<string> {
  const project = await projectWithLines(of)
  await command('budget/versions', mia, { name: 'Before tender' })(project)
  await imported(project)
  return project
}

async function readFromSage(of: LocalApi): Promise<string> {
  const project = await projectWithLines(of)
  const amounts = { original: cents(100), changes: cents(0) }
  const totals = [{ extra: '', cost_code: '03-3000', category: 'S', ...amounts }]
  await of.companies.putJobTotals(acme, east, { job: jobOf(project), as_of: of.clock.now(), totals })
  return project
}

describe('what costs something is done 200 times a day with one budget, so that the next time', () => {
  test.each<[string, (project: string) => Promise<Came>, (of: LocalApi) => Promise<string>]>([
    ['a send', command('budget/send'), lockedProject],
    ['an unlock', command('budget/unlock', byRole.budget_admin), lockedProject],
    ['an import', imported, projectWithLines],
    ['a version', command('budget/versions', mia, { name: 'Before tender' }), projectWithLines],
    ['a restore', command('budget/versions/1/restore'), changedSince],
    ['an import from Sage', command('budget/import_from_sage'), readFromSage],
  ])('%s is refused, says until when, and writes nothing', async (_, act, made) => {
    const project = await made(api())
    await spent(workOfDay(keyOf(project), today), 200)
    const { sequence } = (await api().store.head(keyOf(project)))!
    expect(refused(await act(project))).toEqual(untilMidnight)
    expect((await api().store.head(keyOf(project)))?.sequence).toBe(sequence)
  })

  test('accounting decides as before: whoever works for the project cannot use that up', async () => {
    const project = await sentProject(api())
    await spent(workOfDay(keyOf(project), today), 200)
    expect((await command('budget/resend', ann, { to: 'ann' })(project)).status).toBe(200)
    expect((await command('budget/reassign', ann, { from: 'ann', to: 'amy' })(project)).status).toBe(200)
  })

  test('an edit, a lock and a look are done as before', async () => {
    const project = await projectWithLines(api())
    await spent(workOfDay(keyOf(project), today), 200)
    const came = await command('budget/lock')(project)
    expect([
      came.status,
      (await api().call('GET', `/projects/${project}/budget`, { as: mia })).status,
    ]).toEqual([202, 200])
  })

  test('what is refused for another reason, and what is answered from before, is not counted', async () => {
    const project = await lockedProject(api())
    await spent(workOfDay(keyOf(project), today), 199)
    await imported(project)
    const headers = { 'idempotency-key': `send-${project}` }
    const send = async () => await api().command(`/projects/${project}/budget/send`, { as: mia, headers })
    expect([(await send()).status, (await send()).status]).toEqual([202, 202])
    await step(api(), project, 'sendToErp')
    await command('budget/retrieve')(project)
    await step(api(), project, 'retrieveBudget')
    expect(refused(await command('budget/send')(project))).toEqual(untilMidnight)
  })
})

// A call of these writes at most so many rows, the steps of the workflow that follow from it among them; it mails the
// approvers of a step once at most.
const bound = { rows: 16, mails: 4 }

const calls: Readonly<Record<string, (project: string) => Promise<unknown>>> = {
  upload,
  import: imported,
  lock: command('budget/lock'),
  send: command('budget/send'),
  unlock: command('budget/unlock', byRole.budget_admin),
  retrieve: command('budget/retrieve'),
  version: command('budget/versions', mia, { name: 'Again' }),
  reassign: command('budget/reassign', ann, { from: 'ann', to: 'amy' }),
  resend: command('budget/resend', ann, { to: 'ann' }),
  look: async (project) => await api().call('GET', `/projects/${project}/budget/line_items`, { as: mia }),
}

/** What was recorded is carried out, as the workflow does at once. */
async function follow(project: string): Promise<void> {
  const { pending } = (await api().store.head(keyOf(project)))!
  if (pending?.command === 'lock') await step(api(), project, 'lockBudget')
  if (pending?.command === 'send') await step(api(), project, 'sendToErp')
  if (pending?.command === 'unlock') await step(api(), project, 'unlockBudget')
  if (pending?.command === 'retrieve') await step(api(), project, 'retrieveBudget')
}

test('a program of any calls costs no more than as many times one call', async () => {
  const program = fc.array(fc.constantFrom(...Object.keys(calls)), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(program, async (names) => {
      const project = await projectWithLines(api())
      written = 0
      for (const name of names) {
        await calls[name]!(project)
        await follow(project)
      }
      const mails = await api().mails(project)
      expect(written).toBeLessThanOrEqual(names.length * bound.rows)
      expect(mails.length).toBeLessThanOrEqual(names.length * bound.mails)
    }),
    { numRuns: runs(10, 500), examples: [[['lock', 'send', 'retrieve', 'send', 'retrieve', 'unlock']]] },
  )
})
