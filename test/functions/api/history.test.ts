import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { verifyHistory } from '../../../shared/store/history.ts'
import type { HistoryRow } from '../../../shared/store/budget-store.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { bob, ed, etagOf, lines, mia, newProject, projectWithLines, setUpAcme, vera } from './acme.ts'
import { useLocalApi } from './local-api.ts'
import { decideChange, keyOf, lockedProject, makeChange } from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const get = async (project: string, path = '', query: Record<string, string> = {}) =>
  await api().call('GET', `/projects/${project}/budget/history${path}`, { as: bob, query })

const [concrete] = lines

async function edit(project: string, upserts: object[]): Promise<void> {
  const headers = { 'if-match': await etagOf(api(), project) }
  const path = `/projects/${project}/budget/line_items`
  const came = await api().call('PATCH', path, { as: ed, body: { upserts }, headers })
  if (came.status !== 200) throw new Error(came.text)
}

/** What the last row of the history says was altered. */
async function lastChanges(project: string) {
  const { sequence } = (await api().store.head(keyOf(project)))!
  return (await get(project, `/${String(sequence)}/changes`)).json
}

const change = (field: string, old_value: unknown, new_value: unknown, budget_code: string | null = null) =>
  expect.objectContaining({ budget_code, field, old_value, new_value }) as unknown

const concreteChange = (field: string, old_value: unknown, new_value: unknown) =>
  change(field, old_value, new_value, '03-3000.S')

describe('every field that was altered is told, with old and new value', () => {
  test('of a line', async () => {
    const project = await projectWithLines(api())
    const upsert = {
      cost_code: '03-3000',
      cost_type: 'S',
      description: 'Concrete',
      quantity: '100',
      uom: 'CY',
      unit_cost: '3300',
    }
    await edit(project, [upsert])
    expect(await lastChanges(project)).toMatchObject({
      event: 'lines_edited',
      by: 'ed',
      request: 'request-1',
      changes: [
        concreteChange('description', 'Concrete, placed', 'Concrete'),
        concreteChange('calculation_strategy', 'manual', 'automatic'),
        concreteChange('quantity', null, '100'),
        concreteChange('uom', '', 'CY'),
        concreteChange('unit_cost', null, '3300'),
        concreteChange('original_budget_amount', '325000.00', '330000.00'),
      ],
      next_cursor: null,
    })
  })

  test('of more lines than the row itself holds, page by page', async () => {
    const project = await newProject(api())
    const upserts = Array.from({ length: 120 }, (_, i) => ({
      cost_code: `03-${String(1000 + i)}`,
      cost_type: 'L',
      original_budget_amount: '1.00',
    }))
    await edit(project, upserts)
    const changes: unknown[] = []
    let cursor: string | null = null
    do {
      const query: Record<string, string> = { limit: '100', ...(cursor !== null && { cursor }) }
      const page = (await get(project, '/2/changes', query)).json
      changes.push(...page.changes.filter(({ field }) => field === 'original_budget_amount'))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(changes).toEqual(
      upserts.map(({ cost_code }) => change('original_budget_amount', null, '1.00', `${cost_code}.L`)),
    )
  })

  test('of the project’s settings', async () => {
    const project = await newProject(api())
    const body = { name: 'Bridge 2', settings: { one_sided_changes: true } }
    await api().call('PUT', `/projects/${project}`, { as: bob, body, headers: { 'if-match': '"1"' } })
    const { changes } = await lastChanges(project)
    expect(changes).toEqual(
      expect.arrayContaining([
        change('name', 'Bridge', 'Bridge 2'),
        change('job.sage_company', 'east', null),
        change('settings.one_sided_changes', false, true),
      ]),
    )
  })

  test('of a new project', async () => {
    const { changes } = await lastChanges(await newProject(api()))
    expect(changes).toContainEqual(change('name', null, 'Bridge'))
  })

  test('of a budget change as it is made, edited and approved, and of the lines under it', async () => {
    const project = await lockedProject(api())
    const path = `/projects/${project}/budget_changes/${String(await makeChange(api(), project))}`
    expect((await lastChanges(project)).changes).toContainEqual(
      change('adjustment_line_items.0.amount', null, '-15000.00'),
    )
    const items = [
      { cost_code: '03-3000', cost_type: 'S', amount: '-15000.00' },
      { cost_code: '05-1200', cost_type: 'M', amount: '15000.00', comment: 'Heavier beams' },
    ]
    const headers = { 'if-match': await etagOf(api(), project) }
    const body = { title: 'More steel', adjustment_line_items: items }
    await api().call('PATCH', path, { as: mia, body, headers })
    expect((await lastChanges(project)).changes).toEqual([
      change('adjustment_line_items.1.comment', '', 'Heavier beams'),
      change('title', 'Less concrete, more steel', 'More steel'),
    ])
    await decideChange(api(), project, 'approve')
    expect((await lastChanges(project)).changes).toEqual([
      change('approved_in_version', null, 2),
      change('status', 'draft', 'approved'),
      change('budget_changes', '0.00', '-15000.00', '03-3000.S'),
      change('budget_changes', '0.00', '15000.00', '05-1200.M'),
    ])
  })

  test('and of a row that is not there nothing', async () => {
    expect((await get(await newProject(api()), '/9/changes')).status).toBe(404)
  })
})

/** A history with lines, settings and text that a spreadsheet would run. */
async function told(): Promise<string> {
  const project = await projectWithLines(api())
  await edit(project, [{ ...concrete, description: '=HYPERLINK("x")', original_budget_amount: '-5.00' }])
  return project
}

describe('the history as a file', () => {
  test('as JSON lines holds the rows as they are chained, and each change after its row', async () => {
    const project = await told()
    const came = await get(project, '.jsonl')
    const records = came.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as HistoryRow & { change?: { field: string } })
    const rows = records.filter((record) => 'hash' in record)
    const head = (await api().store.head(keyOf(project)))!
    expect(verifyHistory(rows, head)).toBeUndefined()
    expect(records.slice(-2)).toEqual([
      { sequence: 3, change: change('description', 'Concrete, placed', '=HYPERLINK("x")', '03-3000.S') },
      { sequence: 3, change: change('original_budget_amount', '325000.00', '-5.00', '03-3000.S') },
    ])
  })

  test('as CSV has a record per field, and nothing that a spreadsheet would run', async () => {
    const came = await get(await told(), '.csv')
    const [heading, ...records] = came.text.trimEnd().split('\r\n')
    expect(heading).toBe(
      '\ufeffNumber,When,Who,Event,Request,Sub Job,Cost Code,Cost Type,Field,Old Value,New Value,Detail',
    )
    expect(records.slice(-2).map((record) => record.replace(/,"{.*}"$/, ''))).toEqual([
      expect.stringMatching(
        /^3,[^,]+Z,ed,lines_edited,request-1,,03-3000,S,description,"Concrete, placed","'=HYPERLINK\(""x""\)"$/,
      ),
      expect.stringMatching(/,03-3000,S,original_budget_amount,325000.00,-5.00,$/),
    ])
  })

  test('as CSV tells an event without fields by its detail', async () => {
    const came = await get(await lockedProject(api()), '.csv')
    expect(came.text.trimEnd().split('\r\n').at(-1)).toMatch(
      /,mia,locked,request-\d+,,,,,,,"{""hash"":""[0-9a-f]{64}"",""project"":""[^"]+"",""version"":1}"$/,
    )
  })

  test.each(['.csv', '.jsonl'])('%s page by page is the same file', async (kind) => {
    const project = await told()
    const whole = (await get(project, kind)).text
    let text = ''
    let cursor: string | undefined
    do {
      const query: Record<string, string> = { limit: '5', ...(cursor !== undefined && { cursor }) }
      const page = await get(project, kind, query)
      text += page.text
      cursor = page.headers['x-next-cursor']
    } while (cursor !== undefined)
    expect(text).toBe(whole)
  })
})

describe('a downloaded history', () => {
  const folder = temporaryFolder('history')

  /** What the program says of the file, and how it ends. */
  async function program(text: string): Promise<string> {
    const file = join(folder, 'history.jsonl')
    writeFileSync(file, text)
    const ran = promisify(execFile)(process.execPath, ['local/verify-history.ts', file])
    return await ran.then(
      ({ stdout }) => stdout,
      (error: { code: number; stderr: string }) => `${String(error.code)}: ${error.stderr}`,
    )
  }

  test('is verified by a program of its own, away from the database', async () => {
    const project = await told()
    const { text } = await get(project, '.jsonl')
    const { history_hash } = (await api().store.head(keyOf(project)))!
    expect(await program(text)).toContain(`3 rows hold. Hash of the last: ${history_hash}\n`)
    const changed = text.split('\n').filter((line) => line.includes('"change":')).length
    expect(await program(text)).toContain(`${String(changed)} lines of changed fields stand beside the rows`)
    expect(await program('')).toBe('1: The file holds no row.\n')
    expect(await program(text.replace('"by":"ed"', '"by":"mia"'))).toBe('1: Row 2 is altered.\n')
  })
})

test('the history comes page by page, and the last page says that it is', async () => {
  const project = await told()
  const first = (await get(project, '', { limit: '2' })).json
  const second = (await get(project, '', { limit: '2', cursor: first.next_cursor ?? '' })).json
  expect([first.history.length, second.history.length, second.next_cursor]).toEqual([2, 1, null])
})

const rowKey = (project: string, sequence: number) => ({
  pk: `C#acme#P#${project}`,
  sk: `HISTORY#00000000${String(sequence)}`,
})
const alter = async (project: string, sequence: number, but: object) => {
  const row = (await api().rows.get(rowKey(project, sequence)))!
  await api().rows.putMany([{ ...row, ...but }])
}
const remove = async (project: string, sequence: number) => {
  const { document, table } = api().rows
  await document.send(new DeleteCommand({ TableName: table, Key: rowKey(project, sequence) }))
}
const fault = async (project: string) => (await get(project, '/verify')).json

describe('verifying the history', () => {
  test('finds it whole, to the hash that the budget itself keeps', async () => {
    const project = await told()
    const { history_hash } = (await api().store.head(keyOf(project)))!
    expect((await get(project, '/verify')).json).toEqual({
      verified: true,
      complete: true,
      rows: 3,
      last_hash: history_hash,
      rows_in_all: 3,
      fault: null,
      next_cursor: null,
    })
  })

  test('goes on from call to call', async () => {
    const project = await told()
    const first = (await get(project, '/verify', { limit: '2' })).json
    const second = (await get(project, '/verify', { limit: '2', cursor: first.next_cursor ?? '' })).json
    expect([first, second]).toMatchObject([
      { verified: true, complete: false, rows: 2 },
      { verified: true, complete: true, rows: 3 },
    ])
  })

  test('names a row that somebody altered', async () => {
    const project = await told()
    await alter(project, 2, { by: 'mia' })
    expect(await fault(project)).toMatchObject({
      verified: false,
      complete: false,
      rows: 1,
      fault: { sequence: 2, fault: 'altered' },
      next_cursor: null,
    })
  })

  test('names a row that can no longer be read', async () => {
    const project = await told()
    await alter(project, 2, { zstd: Buffer.from('xx') })
    expect(await fault(project)).toMatchObject({ fault: { sequence: 2, fault: 'altered' } })
  })

  test('names a row that stands under another number', async () => {
    const project = await told()
    await alter(project, 2, { sequence: 3 })
    expect(await fault(project)).toMatchObject({ fault: { sequence: 2, fault: 'altered' } })
  })

  test('names a row that is gone', async () => {
    const project = await told()
    await remove(project, 2)
    expect(await fault(project)).toMatchObject({ fault: { sequence: 2, fault: 'missing' } })
  })

  test('misses a last row that was cut off', async () => {
    const project = await told()
    await remove(project, 3)
    expect(await fault(project)).toMatchObject({ verified: false, fault: { sequence: 3, fault: 'missing' } })
  })

  test('names what was altered before the call that goes on', async () => {
    const project = await told()
    const { next_cursor } = (await get(project, '/verify', { limit: '2' })).json
    await alter(project, 3, { previous: 'f'.repeat(64) })
    expect((await get(project, '/verify', { cursor: next_cursor ?? '' })).json).toMatchObject({
      fault: { sequence: 3, fault: 'altered' },
    })
  })

  test('is not for a viewer', async () => {
    const path = `/projects/${await newProject(api())}/budget/history/verify`
    expect((await api().call('GET', path, { as: vera })).status).toBe(403)
  })
})
