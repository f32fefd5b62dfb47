import { expect, test } from 'vitest'
import { nextStep, type Standing } from '../../../local/desk/next-step.ts'
import type { Mail } from '../../../local/runtime/mailbox.ts'

const locked: Standing = {
  name: 'Riverside Clinic',
  edit_state: 'locked',
  erp_state: 'not_sent',
  pending: null,
  stopped: false,
  findings: [],
  drift: null,
}

const shown = async (standing: Standing, mails: readonly Mail[] = []): Promise<string> =>
  (await nextStep(standing, mails))
    .toString()
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ')

test('a budget whose workflow has stopped does not ask for patience', async () => {
  const text = await shown({ ...locked, pending: { command: 'send' }, stopped: true })
  expect(text).toContain('The workflow of this budget has stopped.')
  expect(text).not.toContain('It takes a moment')
})

test('a locked budget without findings is to be sent', async () => {
  expect(await shown(locked)).toContain('send the budget to accounting')
})

test('a send that the pre-check would refuse is not the next act: its findings are, in words', async () => {
  const finding = {
    code: 'COST_CODE_CLOSED',
    severity: 'error' as const,
    budget_code: '03-3000.S',
    sentence: 'The cost code is closed in Sage.',
    what_to_do: 'Open it in Sage, or move the amount.',
  }
  const text = await shown({ ...locked, findings: [finding] })
  expect(text).toContain('03-3000.S: The cost code is closed in Sage. Open it in Sage, or move the amount.')
  expect(text).not.toContain('send the budget to accounting')
})

test('after a rejection the reason stands on the desk', async () => {
  const mail = {
    id: 'm1',
    to: ['paula@northwind.example'],
    subject: 'Budget rejected: Riverside Clinic, budget version 1',
    text: 'Project:  Riverside Clinic\nReason:  Concrete is too low\n',
  } as unknown as Mail
  expect(await shown({ ...locked, erp_state: 'rejected' }, [mail])).toContain('Concrete is too low')
})

test('a settled budget of which Sage shows something else is not done with', async () => {
  const drift = { sentence: 'Sage shows 500.00 more.', what_to_do: 'Acknowledge it, or put it right.' }
  const text = await shown({ ...locked, erp_state: 'synced', drift })
  expect(text).toContain('Sage shows 500.00 more. Acknowledge it, or put it right.')
  expect(text).not.toContain('Nothing')
})
