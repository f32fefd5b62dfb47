import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { eventSchemas, withEvents } from '../../functions/events-out/description.ts'

const page = readFileSync('docs/events.md', 'utf8')
const stored: unknown = JSON.parse(readFileSync('docs/events.schema.json', 'utf8'))

test('docs/events.schema.json and the list in docs/events.md are as the events are; npm run events writes them', () => {
  expect(stored).toEqual(eventSchemas())
  expect(page).toBe(withEvents(page))
})

describe('to the published schema', () => {
  // The formats that JSON Schema leaves to its reader are in patterns as well.
  const fits = new Ajv2020({ validateFormats: false }).compile(eventSchemas() as object)
  const envelope = {
    v: 1,
    id: 'acme/clinic/2',
    company: 'acme',
    project: 'clinic',
    sequence: 2,
    at: '2026-11-22T19:38:31.000Z',
    by: 'ann',
    event: 'version_saved',
  }
  const detail = { version: 2, name: null, hash: 'a'.repeat(64) }

  test.each<[string, boolean, object]>([
    ['an event fits', true, { ...envelope, detail }],
    ['one of a set-up fits', true, { ...envelope, project: undefined, detail }],
    ['one whose detail was left out, and which says so, fits', true, { ...envelope, left_out: 'detail' }],
    [
      'one with members of a later release fits',
      true,
      { ...envelope, more: 1, detail: { ...detail, more: 1 } },
    ],
    ['one without its detail does not fit', false, envelope],
    [
      'one that says its detail was left out, and has it, does not fit',
      false,
      { ...envelope, detail, left_out: 'detail' },
    ],
    ['one with the detail of another does not fit', false, { ...envelope, detail: { code: 'X' } }],
    ['one of another version does not fit', false, { ...envelope, v: 2, detail }],
    ['one that nobody has described does not fit', false, { ...envelope, event: 'mailed', detail }],
  ])('%s', (_, expected, event) => {
    expect(fits(JSON.parse(JSON.stringify(event)))).toBe(expected)
  })
})
