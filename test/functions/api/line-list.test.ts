import { beforeAll, describe, expect, test } from 'vitest'
import { problemType } from '../../../shared/http/problem.ts'
import { ed, etagOf, newProject, setUpAcme, vera } from './acme.ts'
import { type Came, useLocalApi } from './local-api.ts'
import { lockedProject, unlock } from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const get = async (project: string, what: string, query: Record<string, string> = {}): Promise<Came> =>
  await api().call('GET', `/projects/${project}/budget/${what}`, { as: vera, query })

const store = async (project: string, body: unknown): Promise<void> => {
  const headers = { 'if-match': await etagOf(api(), project) }
  const came = await api().call('PATCH', `/projects/${project}/budget/line_items`, { as: ed, body, headers })
  expect(came.status).toBe(200)
}

const line = (sub_job: string, cost_code: string, cost_type: string, original_budget_amount: string) => ({
  sub_job,
  cost_code,
  cost_type,
  original_budget_amount,
})

async function towerOfLines(): Promise<string> {
  const project = await newProject(api())
  await store(project, {
    upserts: [
      line('', '03-3000', 'L', '100.00'),
      line('', '03-3000', 'S', '200.00'),
      line('', '05-1200', 'M', '300.00'),
      line('SITE', '03-1000', 'L', '-50.00'),
    ],
  })
  return project
}

const codesOf = ({ json }: Came): string[] => json.line_items.map(({ budget_code }) => budget_code)

const everyPage = async (project: string, what: string, query: Record<string, string>): Promise<Came[]> => {
  const pages: Came[] = []
  let cursor: string | null = null
  do {
    const page = await get(project, what, { ...query, ...(cursor !== null && { cursor }) })
    pages.push(page)
    cursor = page.json.next_cursor
  } while (cursor !== null)
  return pages
}

describe('lines that are asked for by', () => {
  test.each([
    [{ division: '03' }, ['03-3000.L', '03-3000.S', 'SITE.03-1000.L']],
    [{ cost_code: '03-3000' }, ['03-3000.L', '03-3000.S']],
    [{ cost_type: 'L' }, ['03-3000.L', 'SITE.03-1000.L']],
    [{ sub_job: 'SITE' }, ['SITE.03-1000.L']],
    [{ sub_job: '' }, ['03-3000.L', '03-3000.S', '05-1200.M']],
    [{ division: '03', cost_type: 'L', sub_job: '' }, ['03-3000.L']],
    [{ division: '99' }, []],
  ])('%j are those that agree in every part', async (query, codes) => {
    const project = await towerOfLines()
    const came = await get(project, 'line_items', query)
    expect([codesOf(came), came.json.line_items_in_all]).toEqual([codes, codes.length])
  })

  test('a part come page by page, each once', async () => {
    const project = await towerOfLines()
    const pages = await everyPage(project, 'line_items', { division: '03', limit: '2' })
    expect(pages.map(codesOf)).toEqual([['03-3000.L', '03-3000.S'], ['SITE.03-1000.L']])
  })

  test('a part that no line has are refused by its name', async () => {
    const came = await get(await towerOfLines(), 'line_items', { colour: 'red' })
    expect([came.status, came.json.errors]).toMatchObject([400, [{ pointer: '/colour' }]])
  })
})

describe('lines changed since a version', () => {
  test('are those that were added or changed after it, and not those that were removed', async () => {
    const project = await lockedProject(api())
    await unlock(api(), project)
    await store(project, {
      upserts: [line('', '03-3000', 'S', '1.00'), line('', '01-1000', 'L', '2.00')],
      deletes: [{ cost_code: '05-1200', cost_type: 'M' }],
    })
    expect(codesOf(await get(project, 'line_items', { changed_since: '1' }))).toEqual([
      '01-1000.L',
      '03-3000.S',
    ])
  })

  test('are none where nothing was', async () => {
    const project = await lockedProject(api())
    expect(codesOf(await get(project, 'line_items', { changed_since: '1' }))).toEqual([])
  })

  test('that never was are not found', async () => {
    const came = await get(await towerOfLines(), 'line_items', { changed_since: '7' })
    expect([came.status, came.json.type]).toEqual([404, problemType('NOT_FOUND')])
  })
})

describe('subtotals', () => {
  test('by division add up to the totals', async () => {
    const came = await get(await towerOfLines(), 'subtotals', { by: 'division' })
    expect(came.json).toMatchObject({
      by: 'division',
      subtotals: [
        { division: '03', line_items: 3, original_budget_amount: '250.00', revised_estimate: '250.00' },
        { division: '05', line_items: 1, original_budget_amount: '300.00', budget_changes: '0.00' },
      ],
      totals: { line_items: 4, original_budget_amount: '550.00' },
      next_cursor: null,
    })
  })

  test('by cost type may be of one division', async () => {
    const came = await get(await towerOfLines(), 'subtotals', { by: 'cost_type', division: '03' })
    expect(came.json).toMatchObject({
      subtotals: [
        { cost_type: 'L', original_budget_amount: '50.00' },
        { cost_type: 'S', original_budget_amount: '200.00' },
      ],
      totals: { original_budget_amount: '250.00' },
    })
  })

  test('come page by page, each once', async () => {
    const pages = await everyPage(await towerOfLines(), 'subtotals', { by: 'sub_job', limit: '1' })
    expect(pages.map(({ json }) => json.subtotals)).toMatchObject([[{ sub_job: '' }], [{ sub_job: 'SITE' }]])
  })

  test.each([
    ['subtotals', { by: 'division' }, 'subtotals', { by: 'sub_job' }],
    ['subtotals', { by: 'division' }, 'line_items', {}],
    ['line_items', {}, 'subtotals', { by: 'division' }],
  ])('of %s %j begin no page of %s %j', async (what, query, other, asked) => {
    const project = await towerOfLines()
    const cursor = (await get(project, what, { ...query, limit: '1' })).json.next_cursor ?? ''
    const came = await get(project, other, { ...asked, cursor })
    expect([came.status, came.json.errors]).toMatchObject([400, [{ pointer: '/cursor', code: 'CURSOR' }]])
  })

  test('by what lines are not grouped by are refused', async () => {
    const came = await get(await towerOfLines(), 'subtotals', { by: 'colour' })
    expect([came.status, came.json.errors]).toMatchObject([400, [{ pointer: '/by' }]])
  })
})
