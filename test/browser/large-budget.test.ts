import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sageCompany, sageFolder } from '../../local/local-company.ts'
import { command, masterDataRead, until } from '../../local/sample.ts'
import { runs } from '../runs.ts'
import { launchChromium } from './chromium.ts'
import { type SampleStack, startSampleStack } from './sample-stack.ts'

let browser: Browser
let stack: SampleStack

beforeAll(async () => {
  ;[stack, browser] = await Promise.all([startSampleStack(), launchChromium()])
}, 300_000)

afterAll(async () => {
  await browser.close()
  await stack.stop()
})

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
