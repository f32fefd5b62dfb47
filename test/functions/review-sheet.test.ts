import { expect, test } from 'vitest'
import { ReviewSheet, reviewSheet } from '../../shared/approving/review-sheet.ts'
import { cents, noCents } from '../../shared/domain/cents.ts'
import type { Finding } from '../../shared/domain/finding.ts'
import { Day } from '../../shared/domain/ids.ts'
import { concrete, day, earthwork, givenLine, painting } from '../given.ts'

const nothing = { lines: [], position: [], parts: [], master: undefined }

test('a sheet has each budget code of the budget, of Sage and of the export once, in their order', () => {
  const lines = [
    givenLine(painting, { description: 'Painting', original: cents(900), changes: cents(50) }),
    givenLine(concrete, { description: 'Concrete', original: cents(700), changes: noCents }),
  ]
  const position = [{ code: earthwork, original: cents(300), changes: cents(-20) }]
  const entry_date = Day.parse('2026-03-16')
  const parts = [
    { mode: 'original_estimate' as const, entry_date, entries: [{ code: painting, cents: cents(900) }] },
    {
      mode: 'approved_estimate_change' as const,
      entry_date,
      entries: [
        { code: painting, cents: cents(50) },
        { code: earthwork, cents: cents(-280) },
      ],
    },
  ]
  const none = { original: 0, changes: 0, already_sent: 0, as_original: 0, as_change: 0 }
  expect(reviewSheet({ ...nothing, lines, position, parts }, []).rows).toEqual([
    { ...none, code: concrete, description: 'Concrete', original: 700 },
    {
      ...none,
      code: painting,
      description: 'Painting',
      original: 900,
      changes: 50,
      as_original: 900,
      as_change: 50,
    },
    { ...none, code: earthwork, description: '', already_sent: 280, as_change: -280 },
  ])
})

const found = (code: Finding['code'], count: number): Finding[] =>
  Array.from({ length: count }, (_, i) => ({
    code,
    severity: 'warning',
    sentence: String(i),
    what_to_do: 'Look.',
  }))

test('a sheet keeps how often each finding stood, and the first five of them', () => {
  const cut = found('DESCRIPTION_CUT', 6)
  const old = found('MASTER_DATA_OLD', 1)
  const sheet = reviewSheet(nothing, [...cut.slice(0, 3), ...old, ...cut.slice(3)])
  expect(sheet.findings).toEqual([
    { count: 6, first: cut.slice(0, 5) },
    { count: 1, first: old },
  ])
  expect(ReviewSheet.parse(JSON.parse(JSON.stringify(sheet)))).toEqual(sheet)
})

test('a sheet that an earlier release stored has no findings', () => {
  expect(ReviewSheet.parse({ rows: [] })).toEqual({ rows: [], findings: [] })
})

test('a sheet says as of when Sage’s lists were, by the oldest of them', () => {
  const lists_as_of = {
    jobs: day('2026-03-16'),
    cost_codes: day('2026-03-12'),
    categories: day('2026-03-14'),
  }
  const master = {
    as_of: day('2026-03-16'),
    lists_as_of,
    jobs: [],
    cost_codes: [],
    categories: [],
    extras: [],
  }
  expect(reviewSheet({ ...nothing, master }, [])).toEqual({
    rows: [],
    findings: [],
    lists_as_of: day('2026-03-12'),
  })
  expect(reviewSheet(nothing, [])).toEqual({ rows: [], findings: [] })
})
