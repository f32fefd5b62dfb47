import { beforeAll, describe, expect, test } from 'vitest'
import { readXlsx } from 'hucre/xlsx'
import { workbookType } from '../../../functions/api/budget-download.ts'
import { fileTypes } from '../../../functions/api/budget-import.ts'
import { fileAnswer } from '../../../functions/api/file-answer.ts'
import { writeBudgetXlsx } from '../../../shared/budget-files/xlsx-out.ts'
import { cents } from '../../../shared/domain/cents.ts'
import { sha256 } from '../../../shared/store/content-hash.ts'
import { concrete as concreteCode, givenLine } from '../../given.ts'
import { textWith } from './answer-body.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { acme, ed, etagOf, projectWithLines, setUpAcme, vera } from './acme.ts'
import { type Came, useLocalApi } from './local-api.ts'
import { lockedProject, makeChange } from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const headings =
  'Sub Job,Cost Code,Cost Type,Description,Manual Calculation,Unit Qty,UOM,Unit Cost,Budget Amount'
const csv = (...rows: string[]) => [headings, ...rows].join('\r\n')

const importIt = async (
  project: string,
  text: string,
  query: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Came> =>
  await api().call('POST', `/projects/${project}/budget/import`, {
    as: ed,
    text,
    query,
    headers: { 'content-type': 'text/csv', 'if-match': await etagOf(api(), project), ...headers },
  })

const codes = async (project: string): Promise<string[]> =>
  (await api().call('GET', `/projects/${project}/budget/line_items`, { as: vera })).json.line_items.map(
    ({ budget_code, revised_estimate }) => `${budget_code} ${revised_estimate}`,
  )

const concrete = ',03-3000,S,Concrete,yes,,,,330000.00'
const general = ',01-1000,L,General,yes,,,,20000.00'

describe('a file', () => {
  test('merged into the budget adds and changes, and leaves what it does not name', async () => {
    const project = await projectWithLines(api())
    const came = await importIt(project, csv(concrete, general))
    expect([came.json.counts, await codes(project)]).toEqual([
      { add: 1, change: 1, unchanged: 0, remove: 0, keep: 0 },
      ['01-1000.L 20000.00', '03-3000.S 330000.00', '05-1200.M 180750.00'],
    ])
  })

  test('that replaces the budget takes away what it does not name', async () => {
    const project = await projectWithLines(api())
    await importIt(project, csv(concrete), { mode: 'replace' })
    expect(await codes(project)).toEqual(['03-3000.S 330000.00'])
  })

  test('that replaces the budget keeps a line that a change touches, and says so', async () => {
    const project = await projectWithLines(api())
    await makeChange(api(), project)
    const came = await importIt(project, csv(concrete), { mode: 'replace' })
    expect(came.json.line_items).toMatchObject([
      { kind: 'change', line: 2, columns: ['Description', 'Budget Amount'] },
      { kind: 'keep', budget_code: '05-1200.M', what_to_do: textWith('Void') },
    ])
  })

  test('is only looked at in a dry run', async () => {
    const project = await projectWithLines(api())
    const before = await codes(project)
    const came = await importIt(project, csv(concrete), { dry_run: 'true' })
    expect([came.json.stored, came.json.counts.change, await codes(project)]).toEqual([false, 1, before])
  })

  test('is stored in one revision', async () => {
    const came = await importIt(await projectWithLines(api()), csv(concrete, general))
    expect(came.headers['etag']).toBe('"3"')
  })

  test('with one bad row is refused whole, naming line and column', async () => {
    const project = await projectWithLines(api())
    const came = await importIt(project, csv(general, ',03-3000,S,Concrete,yes,,,,1e5'))
    expect({ status: came.status, type: came.json.type, errors: came.json.errors }).toMatchObject({
      status: 422,
      type: problemType('LINE_INVALID'),
      errors: [{ line: 3, column: 'Budget Amount', code: 'EXPONENT' }],
    })
  })

  test('that is no budget file is refused', async () => {
    const came = await importIt(await projectWithLines(api()), 'Name,Colour\r\nA,B')
    expect([came.status, came.json.type]).toEqual([422, problemType('FILE_NOT_READABLE')])
  })

  test('sent as something that no budget file is called is refused', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const came = await importIt(await projectWithLines(api()), csv(concrete), {}, headers)
    expect([came.status, came.json.type]).toEqual([415, problemType('WRONG_CONTENT_TYPE')])
    expect(fileTypes.filter((type) => !came.json.what_to_do.includes(type))).toEqual([])
  })

  test('that is a workbook and was sent as text is refused, naming what a workbook is sent as', async () => {
    const text = Buffer.from(writeBudgetXlsx([givenLine(concreteCode)])).toString('utf8')
    const came = await importIt(await projectWithLines(api()), text)
    expect(came.json).toMatchObject({
      type: problemType('WRONG_CONTENT_TYPE'),
      detail: textWith('is a workbook'),
      what_to_do: textWith(workbookType),
    })
  })

  test('over the limit of a request is refused', async () => {
    const came = await importIt(await projectWithLines(api()), 'x'.repeat(4_400_001))
    expect([came.status, came.json.type]).toEqual([413, problemType('TOO_LARGE')])
  })

  test('from an older revision is refused', async () => {
    const came = await importIt(await projectWithLines(api()), csv(concrete), {}, { 'if-match': '"1"' })
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })

  test('is not taken by a locked budget, not even for a look', async () => {
    const came = await importIt(await lockedProject(api()), csv(concrete), { dry_run: 'true' })
    expect([came.status, came.json.type]).toEqual([409, problemType('BUDGET_LOCKED')])
  })

  test('in a mode that nobody knows is refused', async () => {
    const came = await importIt(await projectWithLines(api()), csv(concrete), { mode: 'append' })
    expect(came.json.errors).toMatchObject([{ pointer: '/mode' }])
  })
})

describe('what a file is', () => {
  const latin1 = Buffer.from(csv(',03-3000,S,Béton,yes,,,,330000.00'), 'latin1')
  const utf16 = Buffer.from(`\ufeff${csv(',03-3000,S,Béton,yes,,,,330000.00')}`, 'utf16le')
  const semicolons = Buffer.from(csv(',03-3000,S,Béton,yes,,,,330000.00').replaceAll(',', ';'))
  const workbook = writeBudgetXlsx([
    givenLine(concreteCode, { description: 'Béton', original: cents(33_000_000) }),
  ])

  test.each<[string, string, Uint8Array]>([
    ['Windows-1252, as browsers on Windows call a .csv', 'application/vnd.ms-excel', latin1],
    ['UTF-16, called nothing', 'application/octet-stream', utf16],
    ['semicolons', 'application/octet-stream', semicolons],
    ['a workbook', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', workbook],
    ['semicolons by the name of a workbook', workbookType, semicolons],
    ['a workbook by a wrong name', 'application/vnd.ms-excel', workbook],
  ])('is told by its bytes: %s', async (_, type, bytes) => {
    const project = await projectWithLines(api())
    const came = await api().call('POST', `/projects/${project}/budget/import`, {
      as: ed,
      base64: Buffer.from(bytes).toString('base64'),
      headers: { 'content-type': type, 'if-match': await etagOf(api(), project) },
    })
    expect(came.json.line_items).toMatchObject([{ kind: 'change', after: { description: 'Béton' } }])
  })
})

describe('the budget as a file', () => {
  test.each([
    ['csv', 'text/csv; charset=utf-8'],
    ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ])('can be imported again as %s and changes nothing', async (kind, type) => {
    const project = await projectWithLines(api())
    const file = await api().call('GET', `/projects/${project}/budget/export.${kind}`, { as: vera })
    const came = await api().call('POST', `/projects/${project}/budget/import`, {
      as: ed,
      base64: file.bytes.toString('base64'),
      query: { mode: 'replace' },
      headers: { 'content-type': 'application/octet-stream', 'if-match': await etagOf(api(), project) },
    })
    expect([file.headers['content-type'], came.json.counts]).toEqual([
      type,
      { add: 0, change: 0, unchanged: 2, remove: 0, keep: 0 },
    ])
  })

  test('that is too large for an answer has an address of its own', async () => {
    const bytes = new Uint8Array(4_000_001)
    const answer = await fileAnswer(api(), acme, { name: 'bridge.csv', type: 'text/csv', bytes })
    const key = `passing/c/acme/downloads/${sha256(bytes)}`
    expect([answer.status, answer.headers?.['location']]).toEqual([303, `https://files.example/${key}`])
    expect((await api().objects.getFile(key, sha256(bytes))).byteLength).toBe(4_000_001)
  })
})

describe('the template of a project', () => {
  test('offers the codes of its Sage job', async () => {
    const project = await projectWithLines(api())
    const file = await api().call('GET', `/projects/${project}/budget/template.xlsx`, { as: vera })
    const { sheets } = await readXlsx(file.bytes)
    expect([sheets[0]?.rows.length, sheets[1]?.rows[2]?.slice(0, 4)]).toEqual([
      1,
      ['03-3000', 'Concrete', 'M', 'Material'],
    ])
  })

  test('is the headings alone as CSV', async () => {
    const project = await projectWithLines(api())
    const file = await api().call('GET', `/projects/${project}/budget/template.csv`, { as: vera })
    expect(file.text).toBe(`\ufeff${headings}\r\n`)
  })
})
