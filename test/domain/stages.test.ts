import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PolicyStep } from '../../shared/domain/approval.ts'
import { addDays } from '../../shared/domain/clock.ts'
import { nextStage, stageDue, stagesAfterTheEnd } from '../../shared/domain/stages.ts'
import { tried } from '../arbitraries.ts'
import { id, noon } from '../given.ts'

const opened = (timing: Pick<PolicyStep, 'reminder' | 'escalation'> = {}) => ({
  steps: [{ name: 'Accounting', approvers: [], accepts: 1, ...timing }],
  step: 1,
  opened_at: noon,
  until: addDays(noon, 30),
})

const reminder = { after: 'P3D', every: 'P2D' }
const escalation = { after: 'P5D', to: id('cara') }

test('a step without stages waits for its end', () => {
  expect(nextStage(opened())).toEqual({ stage: 'expire', at: addDays(noon, 30) })
})

test.each([
  ['the first reminder', 0, undefined, { stage: 'remind', at: addDays(noon, 3), number: 1 }],
  // Both are due on day 5.
  [
    'the escalation before a reminder of the same time',
    1,
    undefined,
    { stage: 'escalate', at: addDays(noon, 5) },
  ],
  ['the second reminder', 1, noon, { stage: 'remind', at: addDays(noon, 5), number: 2 }],
  ['the reminder after that', 2, noon, { stage: 'remind', at: addDays(noon, 7), number: 3 }],
  ['the end, before a reminder that would come later', 14, noon, { stage: 'expire', at: addDays(noon, 30) }],
])('%s comes next', (_, reminded, escalated_at, stage) => {
  expect(
    nextStage({ ...opened({ reminder, escalation }), reminded, ...(escalated_at && { escalated_at }) }),
  ).toEqual(stage)
})

test('a reminder without a repeat comes once', () => {
  const step = opened({ reminder: { after: 'P3D' } })
  const first = { stage: 'remind', at: addDays(noon, 3), number: 1 }
  expect([nextStage(step), stageDue(step, addDays(noon, 10))]).toEqual([first, first])
  expect(nextStage({ ...step, reminded: 1 }).stage).toBe('expire')
})

test.each([
  [3, { stage: 'remind', number: 1 }],
  [5, { stage: 'remind', number: 2 }],
])('what is due on day %i is due to the millisecond', (days, stage) => {
  expect(stageDue(opened({ reminder }), addDays(noon, days))).toMatchObject(stage)
})

test('an escalation is due as itself', () => {
  const step = { ...opened({ reminder, escalation }), reminded: 1 }
  expect(stageDue(step, addDays(noon, 5))).toEqual({ stage: 'escalate', at: addDays(noon, 5) })
})

test('what would come at the end of a step or after it is named', () => {
  const [step] = opened({ reminder, escalation }).steps
  expect(stagesAfterTheEnd({ steps: [step!, { ...step!, expiry: 'P9D' }], expiry: 'P5D' })).toEqual([
    { index: 0, name: 'Accounting', stage: 'escalation', expiry: 'P5D' },
  ])
})

test('nothing is due before its time', () => {
  expect(stageDue(opened({ reminder }), addDays(noon, 2.999))).toBeUndefined()
})

test('a late look finds one reminder for all that were due', () => {
  expect(stageDue(opened({ reminder }), addDays(noon, 10))).toMatchObject({ stage: 'remind', number: 4 })
})

test('after the end nothing but the end is due', () => {
  expect(stageDue(opened({ reminder, escalation }), addDays(noon, 30))?.stage).toBe('expire')
})

test('whenever somebody looks, every reminder is written at most once and the step ends', () => {
  const looks = fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { maxLength: 60 })
  fc.assert(
    fc.property(looks, (days) => {
      let step: Parameters<typeof stageDue>[0] = opened({ reminder, escalation })
      const written: unknown[] = []
      for (const day of [...days.toSorted((a, b) => a - b), 41]) {
        const due = stageDue(step, addDays(noon, day))
        if (due) written.push(due.stage === 'remind' ? due.number : due.stage)
        if (due?.stage === 'remind') step = { ...step, reminded: due.number }
        if (due?.stage === 'escalate') step = { ...step, escalated_at: noon }
        if (due?.stage === 'expire') break
      }
      expect(new Set(written).size).toBe(written.length)
      expect(written.at(-1)).toBe('expire')
    }),
    tried(100, 1_000),
  )
})
