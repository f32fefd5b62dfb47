import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { sageCompany, sageFolder } from '../../local/local-company.ts'
import { command, decideChange, makeChange, masterDataRead, until, zoneValves } from '../../local/sample.ts'
import { runs } from '../runs.ts'
import type { SampleStack } from './sample-stack.ts'
import { sharedBrowser } from './shared-browser.ts'
import { accept, openMail, placesOf, pressAndGo, tabTo } from './tour.ts'

// The rest of what a browser shows, after the tour: its budget is posted in Sage.

let browser: Browser
let stack: SampleStack

beforeAll(async () => {
  ;({ stack, browser } = await sharedBrowser())
})

async function sendAnUpdate(): Promise<void> {
  await decideChange(stack.paula, await makeChange(stack.paula, zoneValves), 'approve')
  await command(stack.paula, 'send')
}

describe('the posting page', () => {
  let page: Page

  beforeAll(async () => {
    page = await browser.newPage()
    page.setDefaultTimeout(20_000)
  })

  /** The address behind the first link of the mail with these words in its subject that comes of this. */
  async function addressInNextMail(subject: string, cause: () => Promise<unknown>): Promise<string> {
    const mails = (): number =>
      stack.runtime.readMailbox().filter((mail) => mail.subject.startsWith(subject)).length
    const before = mails()
    await cause()
    await until(`a mail "${subject}"`, () => mails() > before || undefined)
    await openMail(page, stack.url, subject)
    return (await page.frameLocator('iframe').getByRole('link').first().getAttribute('href')) ?? ''
  }

  test('the keyboard alone says that a file is imported and posted, from the top of the page down', async () => {
    await page.goto(await addressInNextMail('Budget ready for review', sendAnUpdate))
    await page.goto(await addressInNextMail('File ready for Sage', async () => await accept(page)))
    const toChoice = await tabTo(page, 'choice')
    await page.keyboard.press('Space')
    const passed = [...toChoice, ...(await tabTo(page, 'Record it'))]
    await pressAndGo(page, 'Enter')
    expect({
      passed: placesOf(passed),
      unseen: passed.filter(({ visible }) => !visible),
      upwards: passed.filter(({ top }, i, all) => top < (all[i - 1]?.top ?? 0)),
      declared: await page.getByText('Posted, as declared').isVisible(),
    }).toEqual({
      passed: ['Download the file', 'Say below', 'choice', 'Record it'],
      unseen: [],
      upwards: [],
      declared: true,
    })
  })
})

describe('the mailbox shows a mail as a mail program does', () => {
  let page: Page
  const refused: string[] = []

  beforeAll(async () => {
    const { runtime } = stack
    const mail = `<html><head></head><body><img src="${stack.url}/picture.png"><a href="${stack.url}/linked">Follow</a></body></html>`
    await new SESv2Client({
      endpoint: runtime.environment['AWS_ENDPOINT_URL_SESV2'] ?? '',
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }).send(
      new SendEmailCommand({
        FromEmailAddress: 'budgets@example.com',
        Destination: { ToAddresses: ['anna@northwind.example'] },
        Content: {
          Simple: {
            Subject: { Data: 'With a picture' },
            Body: { Html: { Data: mail }, Text: { Data: 'Follow' } },
          },
        },
      }),
    )
    page = await browser.newPage()
    page.on('requestfailed', (request) =>
      refused.push(`${new URL(request.url()).pathname} ${request.failure()?.errorText ?? ''}`),
    )
  })

  const unread = (): Promise<number> => page.getByRole('row', { name: 'Unread: With a picture' }).count()

  test('it is unread until it is opened', async () => {
    await page.goto(`${stack.url}/desk/mailbox`)
    const before = await unread()
    await page.getByRole('link', { name: 'With a picture' }).click()
    await page.goto(`${stack.url}/desk/mailbox`)
    expect({ before, after: await unread() }).toEqual({ before: 1, after: 0 })
  })

  test('no picture of it is fetched', async () => {
    await openMail(page, stack.url, 'With a picture')
    await page.frameLocator('iframe').getByRole('img').waitFor({ state: 'attached' })
    expect(refused).toContain('/picture.png csp')
  })

  test('a link of it opens a tab of its own, and the mail stays', async () => {
    const [tab] = await Promise.all([
      page.waitForEvent('popup'),
      page.frameLocator('iframe').getByRole('link', { name: 'Follow' }).click(),
    ])
    await tab.waitForLoadState()
    expect([new URL(tab.url()).pathname, await page.getByRole('heading').first().innerText()]).toEqual([
      '/linked',
      'With a picture',
    ])
  })

  test('who it is from, to whom, and when it was sent stand above it; a switch shows its plain text', async () => {
    const facts = (await page.locator('dl').innerText()).split('\n').filter((each) => each !== '')
    await page.getByRole('link', { name: 'Plain text' }).click()
    expect([
      facts.slice(0, 5),
      (await page.locator('pre').innerText()).trim(),
      await page.locator('iframe').count(),
    ]).toEqual([['From', 'budgets@example.com', 'To', 'anna@northwind.example', 'Sent'], 'Follow', 0])
  })
})

describe('a large budget', () => {
  // The bench opens the page of 50,000 lines; here fewer show the same paging.
  const lines = runs(2_000, 50_000)
  const most = 60 * 1024

  const tower = { project: 'tower', job: '24-1010' }

  const categories = ['L', 'M', 'S', 'E', 'O']
  const costCodes = Array.from({ length: Math.ceil(lines / categories.length) }, (_, i) => {
    const digits = String(i).padStart(6, '0')
    return `${digits.slice(0, 2)}-${digits.slice(2)}`
  })

  /** Long descriptions and amounts of nine digits: the largest rows that a budget is likely to have. */
  function csvOfLines(): string {
    const rows = costCodes.flatMap((code, i) =>
      categories.map(
        (category) =>
          `,${code},${category},"Structural steel framing, erected, ${code}",yes,,,,${String(100_000 + i)}.25`,
      ),
    )
    const header =
      'Sub Job,Cost Code,Cost Type,Description,Manual Calculation,Unit Qty,UOM,Unit Cost,Budget Amount'
    return [header, ...rows.slice(0, lines), ''].join('\n')
  }

  /** Sage knows every cost code, and the agent has told so. */
  async function setUpCostCodes(): Promise<void> {
    const books = stack.sage.company(sageFolder)
    books.setUp({
      standardCostCodes: costCodes.map((costCode) => ({ costCode, description: 'Structural steel framing' })),
      standardCategories: [],
      jobs: [{ job: tower.job, extras: [], costCodes: [] }],
    })
    books.writeReports(stack.folders.reports)
    await masterDataRead(stack)
  }

  let url = ''

  beforeAll(async () => {
    await setUpCostCodes()
    const { paula } = stack
    const path = `/projects/${tower.project}`
    await paula.send('PUT', path, { name: 'Tower', job: { sage_company: sageCompany, number: tower.job } })
    await paula.send('POST', `${path}/budget/import?mode=merge`, csvOfLines(), {
      matching: `${path}/budget`,
      contentType: 'text/csv',
    })
    await command(paula, 'lock', tower.project)
    await until('Sage’s new cost codes to be known', async () => {
      const found = JSON.stringify(await paula.get(`${path}/budget/precheck`))
      return found.includes('COST_CODE_NOT_IN_SAGE') ? undefined : true
    })
    await command(paula, 'send', tower.project)
    const mail = await until('the mail', () =>
      stack.runtime.readMailbox().find(({ subject }) => subject.includes('Tower')),
    )
    url = /https?:\/\/\S+/.exec(mail.text ?? '')?.[0] ?? ''
  }, 400_000)

  test('the review page of a large budget is one request of at most 60 KB', async () => {
    const page = await browser.newPage()
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    const answer = await page.goto(url)
    const bytes = (await answer?.body())?.length ?? Infinity
    const large = await page.getByText(`All ${String(lines)} lines`).isVisible()
    expect({ large, requests: requests.length, small: bytes <= most }).toEqual({
      large: true,
      requests: 1,
      small: true,
    })
  })
})
