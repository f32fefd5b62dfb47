import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { until } from '../../local/sample.ts'
import { choose, openPage } from '../../local/story/approver.ts'
import { type CheckedBudget, checkedBudget } from './checked-budget.ts'
import { type Client, clientOf } from './client.ts'
import { sage, setUpSage } from './sage-of-checks.ts'
import type { Stage } from './stage.ts'

// One budget, from nothing to posted and unlocked again, by what every client has. A step builds on those before it.

const run = Math.floor(Date.now() / 1000).toString(36)
const project = `check-${run}`
const job = run.toUpperCase()
const exported = `/exports/${project}-e1`

const lines = (concrete: string) => ({
  upserts: [
    { cost_code: '03-3000', cost_type: 'S', description: 'Concrete', original_budget_amount: concrete },
    { cost_code: '06-1000', cost_type: 'L', description: 'Carpentry', original_budget_amount: '41200.55' },
  ].map((line) => ({ ...line, calculation_strategy: 'manual' })),
})

/** Methods and paths of the description. */
function describedRoutes(): (readonly [method: string, path: string])[] {
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(JSON.parse(readFileSync('docs/openapi.json', 'utf8')))
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
  )
}

/** Of the links in the project's mails the one that still asks for a decision. */
const openLink = async (mails: NonNullable<Stage['mails']>) =>
  await until(`a link to decide about ${project} in a mail`, async () => {
    const links = (await mails(project)).match(/https?:\/\/[^\s"<>\\]+\/review\/[\w-]+/g) ?? []
    for (const link of new Set(links)) {
      const page = await openPage(link).catch(() => undefined)
      if (page?.fields.has('mark')) return page
    }
    return undefined
  })

/** The tests of one deployment, wherever it is. */
export function checkDeployment(open: () => Promise<Stage>): void {
  let stage: Stage
  let client: Client
  let budget: CheckedBudget
  let made = false

  beforeAll(async () => {
    stage = await open()
    client = clientOf(stage)
    budget = checkedBudget(client, project)
    await setUpSage(client, job, project)
  })

  // Where a step failed, the budget is taken back and unlocked as far as it may be: then it waits for nobody.
  afterAll(async () => {
    if (!made) return
    for (const name of ['retrieve', 'unlock'] as const) {
      const { commands } = await budget.read()
      if (commands.some(({ command, allowed }) => command === name && allowed)) await budget.command(name)
    }
  })

  test('every route of the description is there, and lets nobody in without a token', async () => {
    const routes = describedRoutes()
    const answered = await Promise.all(
      routes.map(async ([method, path]) => {
        const { status } = await fetch(`${stage.url}${path.replaceAll(/\{\w+\}/g, '1')}`, { method })
        return `${method} ${path}: ${String(status)}`
      }),
    )
    expect(answered).toEqual(routes.map(([method, path]) => `${method} ${path}: 401`))
    expect((await fetch(`${stage.url}/no/such/address`)).status).toBe(404)
  })

  test('a project that is not there is not found', async () => {
    expect(await client.ask('budget_admin', 'GET', `/projects/${project}-none/budget`)).toMatchObject({
      status: 404,
      json: { type: 'urn:sage-budget-export:problem:NOT_FOUND' },
    })
  })

  test('a project is made, with its lines', async () => {
    const settings = { name: project, job: { sage_company: sage, number: job } }
    await client.send('budget_admin', 'PUT', `/projects/${project}`, { body: settings })
    made = true
    const body = lines('325000.00')
    await client.send('budget_admin', 'PATCH', `${budget.path}/line_items`, { body, matching: budget.path })
    expect(await budget.read()).toMatchObject({ edit_state: 'unlocked', erp_state: 'not_sent' })
  })

  test('whoever lacks the role may not lock it', async () => {
    expect(await client.ask('accounting_approver', 'POST', `${budget.path}/lock`)).toMatchObject({
      status: 403,
      json: { type: 'urn:sage-budget-export:problem:NOT_ALLOWED' },
    })
    expect(await budget.read()).toMatchObject({ edit_state: 'unlocked', pending: null })
  })

  test('a lock that is sent twice with one key is answered twice with the same, and done once', async () => {
    const key = randomUUID()
    const lock = async () => await client.ask('budget_admin', 'POST', `${budget.path}/lock`, { key })
    const first = await lock()
    await budget.stands({ edit_state: 'locked' })
    const again = await lock()
    expect([first.status, again.status, again.json]).toEqual([202, 202, first.json])
    expect(again.headers['idempotent-replayed']).toBe('true')
    const versions = await client.get('budget_admin', `${budget.path}/versions`)
    expect(versions).toMatchObject({ versions: [{ version: 1 }] })
  })

  test('it is sent, and taken back', async () => {
    await budget.command('send')
    expect(await budget.read()).toMatchObject({ erp_state: 'sent' })
    await budget.command('retrieve')
    expect(await budget.read()).toMatchObject({ edit_state: 'locked', erp_state: 'retrieved' })
  })

  test('it is sent, and rejected with a reason, which the project side reads', async () => {
    await budget.command('send')
    await budget.decide({ choice: 'reject', reason: 'Concrete is too low.' })
    expect(await budget.stands({ erp_state: 'rejected' })).toMatchObject({ edit_state: 'unlocked' })
    const history = await client.get('budget_admin', `${budget.path}/history?limit=100`)
    expect(JSON.stringify(history)).toContain('Concrete is too low.')
  })

  test('it is corrected, locked and sent again', async () => {
    const body = lines('330000.00')
    await client.send('budget_admin', 'PATCH', `${budget.path}/line_items`, { body, matching: budget.path })
    await budget.command('lock')
    await budget.command('send')
    expect(await budget.read()).toMatchObject({ edit_state: 'locked', erp_state: 'sent' })
  })

  test('the link in the mail takes the decision to accept', async (context) => {
    if (!stage.mails) return context.skip('MAIL_COMMAND is not set: no mailed link is tried, the API accepts')
    const page = await openLink(stage.mails)
    expect(await choose(page, { choice: 'accept' }, page.ticks)).toBe('You accepted this budget')
  })

  test('accepted, by the link or else through the API, it is exported', async () => {
    if (!stage.mails) await budget.decide({ choice: 'accept', ...(await budget.shown()) })
    await budget.stands({ erp_state: 'exported' })
  })

  test('the poster gets the file as it was accepted, with the corrected amount', async () => {
    const { parts } = z
      .looseObject({ parts: z.tuple([z.looseObject({ file_sha256: z.string() })]) })
      .parse(await client.get('accounting_poster', exported))
    const { status, bytes } = await client.ask('accounting_poster', 'GET', `${exported}/parts/1/file`)
    expect([status, createHash('sha256').update(bytes).digest('hex')]).toEqual([200, parts[0].file_sha256])
    expect(bytes.toString('latin1')).toContain('330000.00')
  })

  test('what the poster says is posted settles it', async () => {
    await client.send('accounting_poster', 'POST', `${exported}/posted`, { body: { part: 1 } })
    expect(await budget.stands({ erp_state: 'synced' })).toMatchObject({ edit_state: 'locked', export: null })
  })

  test('it is unlocked again', async () => {
    await budget.command('unlock')
    expect(await budget.read()).toMatchObject({ edit_state: 'unlocked', erp_state: 'synced' })
  })

  test('its history is whole', async () => {
    const verified = await client.get('budget_admin', `${budget.path}/history/verify`)
    expect(verified).toMatchObject({ verified: true, complete: true })
  })
}
