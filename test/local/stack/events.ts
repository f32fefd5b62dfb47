import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, expect, test } from 'vitest'
import type { PublishedEvent } from '../../../functions/events-out/published-event.ts'
import { until } from '../../../local/sample.ts'
import { whyNotDescribed } from '../../store/events-fit.ts'
import { sharedFolder, sharedStack, tableRows } from './shared-stack.ts'

// What the suites before this one caused, as it came out on the bus.

interface Line {
  readonly source: string
  readonly 'detail-type': string
  readonly time: string
  readonly detail: PublishedEvent
}

/** By company and project, the numbers of all rows of history, ascending. */
let written: Map<string, readonly number[]>
let lines: Line[]

const linesNow = (): Line[] =>
  readFileSync(join(sharedFolder(), 'events.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

const whose = ({ detail: { company, project } }: Line): string =>
  project === undefined ? `C#${company}` : `C#${company}#P#${project}`

const numbersOf = (key: string, of = lines): number[] =>
  of.filter((line) => whose(line) === key).map(({ detail }) => detail.sequence)

beforeAll(async () => {
  const rows = (await tableRows(await sharedStack()))
    .map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }))
    .filter(({ sk }) => sk.startsWith('HISTORY#'))
    .toSorted((a, b) => (a.sk < b.sk ? -1 : 1))
  const keys = [...new Set(rows.map(({ pk }) => pk))]
  written = new Map(
    keys.map((key) => [key, rows.filter(({ pk }) => pk === key).map(({ sk }) => Number(sk.split('#')[1]))]),
  )
  lines = await until('every row of history to come out', () => {
    const now = linesNow()
    return keys.every((key) => new Set(numbersOf(key, now)).size >= (written.get(key)?.length ?? 0))
      ? now
      : undefined
  })
})

test('everything that history tells of projects and of the set-up came out once, in its order', () => {
  // What docs/events.md sends again comes last.
  const again = 'C#northwind#P#clinic'
  const projects = [...written.keys()].filter((key) => key !== again)
  expect(projects.length).toBeGreaterThan(5)
  expect(projects.map((key) => [key, numbersOf(key)])).toEqual(projects.map((key) => [key, written.get(key)]))
  expect([...new Set(numbersOf(again))]).toEqual(written.get(again))
})

test('a whole cycle can be followed from it', () => {
  const cycle = [
    'project_created',
    'lock_asked',
    'locked',
    'send_asked',
    'sent',
    'decision_accept',
    'accepted',
    'export_prepared',
    'receipt',
    'file_delivered',
    'posted_declared',
    'settled',
  ]
  const garage = lines
    .filter((line) => whose(line) === 'C#northwind#P#garage')
    .map((line) => line['detail-type'])
  expect(garage.filter((name) => cycle.includes(name))).toEqual(cycle)
})

test('every event is one of the published schemas, and tells nothing that is not described there', () => {
  const fits = new Ajv2020({ validateFormats: false }).compile(
    JSON.parse(readFileSync('docs/events.schema.json', 'utf8')) as object,
  )
  expect(lines.filter(({ detail }) => !fits(detail))).toEqual([])
  const told = lines.map(({ detail: { event, detail = {} } }) => whyNotDescribed({ event, detail }))
  expect(told.filter((why) => why !== undefined)).toEqual([])
})

test('an event says in its envelope what a rule can match, and when it happened', () => {
  for (const { source, 'detail-type': type, time, detail } of lines)
    expect([source, type, time]).toEqual([
      'sage-budget-export',
      detail.event,
      detail.at.replace(/\.\d{3}Z$/, 'Z'),
    ])
})
