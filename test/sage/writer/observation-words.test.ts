import { expect, test } from 'vitest'
import type { ObservationKind } from '../../../shared/domain/export.ts'
import { notSeenYet, saidOf, wayOut, wrongBoxSettled } from '../../../shared/sage/observation-words.ts'

const none = { sent: 0, posted: 0, still: 0, twice: 0, wrong_box: 0, other: 0 }
const change = 'approved_estimate_change'

test.each<[ObservationKind, object, string]>([
  ['awaiting_posting', { sent: 1 }, "Sage's totals have not moved yet: 1 entry to be posted."],
  ['awaiting_posting', { sent: 1_200 }, "Sage's totals have not moved yet: 1,200 entries to be posted."],
  ['stale', { sent: 2, days: 1 }, 'Not posted 1 day after the file was delivered: 2 entries.'],
  ['posted', {}, "Sage's totals are what they were."],
  [
    'posted',
    { sent: 1 },
    "Sage's totals hold everything that was sent: 1 entry as approved estimate change.",
  ],
  ['partly', { sent: 3, posted: 1, still: 2 }, "1 of 3 entries stand in Sage's totals. 2 did not move."],
  ['twice', { sent: 1, twice: 1 }, "1 of 1 entry stand in Sage's totals twice."],
  [
    'posted_as_original',
    { sent: 3, wrong_box: 2, still: 1 },
    '2 of 3 entries went into the original estimate: the box was left empty. 1 did not move.',
  ],
  [
    'posted_as_change',
    { sent: 2, wrong_box: 2 },
    '2 of 2 entries went into the approved estimate changes: the box was ticked.',
  ],
  ['drift', { other: 1, still: 2 }, '1 budget code moved in Sage otherwise than was sent. 2 did not move.'],
  ['drift', { other: 2 }, '2 budget codes moved in Sage otherwise than was sent.'],
  [
    'import_stopped',
    {},
    'Sage stopped the import; lines from before the stop may stand among the unposted entries.',
  ],
])('%s of %o is told: %s', (kind, counted, sentence) => {
  expect(saidOf(kind, change, { ...none, ...counted })).toBe(sentence)
})

test('the mode of originals has its own words', () => {
  expect(saidOf('posted', 'original_estimate', { ...none, sent: 1 })).toContain(
    '1 entry as original estimate.',
  )
})

test('what nobody has posted is to be posted, stale or not', () => {
  expect(wayOut('stale', change)).toBe(wayOut('awaiting_posting', change))
  expect(wayOut('awaiting_posting', change)).toMatch(/^Post the entries in Sage \(.*Post Entries\)\. /)
})

test.each<[ObservationKind, string]>([
  ['posted_as_original', 'to approved estimate change and post'],
  ['partly', 'hand in the reject file; '],
  ['drift', 'Look at these codes in Sage.'],
])('of %s the way out is: %s', (kind, words) => {
  expect(wayOut(kind, change)).toContain(words)
})

test('what was settled in the wrong box is to be moved into its own', () => {
  expect(wrongBoxSettled('original_estimate')).toMatch(
    /^Move the amounts in Sage to original estimate and post/,
  )
})

test('an export that Sage does not show is said to be confirmed all the same', () => {
  expect(notSeenYet('Nothing moved.')).toMatchObject({
    sentence: 'Nothing moved. The export was confirmed as posted all the same.',
    what_to_do: expect.stringMatching(/^Post the entries in Sage; .* sent again by itself\.$/) as string,
  })
})
