import { expect, test } from 'vitest'
import { addMilliseconds, addDays, daysBetween, systemClock } from '../../shared/domain/clock.ts'
import { readingsStopped } from '../../shared/domain/readings-stopped.ts'
import { noon } from '../given.ts'

const weekAgo = addDays(noon, -7)
const longer = addMilliseconds(weekAgo, -1)
const jobs = [{ job: ' 24-1007 ', since: addDays(noon, -30) }]
const stopped = (connector: 'file_drop' | 'agent', read: readonly (readonly [string, typeof noon])[]) =>
  readingsStopped({ connector }, jobs, new Map(read), noon)

test('a job is told whose totals were not read for more than a week', () => {
  expect(stopped('agent', [['24-1007', longer]])).toEqual([{ job: ' 24-1007 ', since: longer }])
  expect(stopped('agent', [['24-1007', weekAgo]])).toEqual([])
})

test('a job that was never read is told by when a reading was to be expected', () => {
  expect(stopped('agent', [])).toEqual(jobs)
})

test('where files are taken by hand, readings are missed only once there was one', () => {
  expect(stopped('file_drop', [])).toEqual([])
  expect(stopped('file_drop', [['other', noon]])).toEqual(jobs)
})

test('the clock of the system tells the time of the machine', () => {
  const before = Date.now()
  const now = Date.parse(systemClock.now())
  expect([now >= before, now <= Date.now()]).toEqual([true, true])
})

test('days between two instants are whole ones', () => {
  expect([daysBetween(weekAgo, noon), daysBetween(longer, noon), daysBetween(noon, weekAgo)]).toEqual([
    7, 7, -7,
  ])
  expect(daysBetween(weekAgo, addMilliseconds(noon, -1))).toBe(6)
})
