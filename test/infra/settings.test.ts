import { App } from 'aws-cdk-lib'
import { describe, expect, test } from 'vitest'
import { settingsOf } from '../../infra/settings.ts'

const settings = (context: Record<string, unknown>) => settingsOf(new App({ context }).node)
const prod = { stage: 'prod', mailFrom: 'budgets@customer.example' }

test('a machine of its own needs no setting', () => {
  expect(settings({})).toMatchObject({ stage: 'local', agents: [], keepsData: false })
})

test('a stage keeps its data unless it was made to be thrown away', () => {
  expect(settings(prod).keepsData).toBe(true)
  expect(settings({ ...prod, stage: 'test' }).keepsData).toBe(false)
})

test("mail is sent under the sender's domain unless another identity is named", () => {
  expect(settings(prod).mailIdentity).toBe('customer.example')
  expect(settings({ ...prod, mailIdentity: 'budgets@customer.example' }).mailIdentity).toBe(
    'budgets@customer.example',
  )
})

describe('refused with a sentence that names the setting:', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['a stage without a sender', { stage: 'prod' }, /mailFrom/],
    ['a stage name that no resource name takes', { ...prod, stage: 'Prod_1' }, /stage/],
    ['a stage that Cognito takes in no address', { ...prod, stage: 'awstest' }, /stage/],
    [
      'a public address without https',
      { ...prod, publicUrl: 'http://budgets.customer.example' },
      /publicUrl/,
    ],
    [
      'a public address with a slash at its end',
      { ...prod, publicUrl: 'https://budgets.customer.example/' },
      /publicUrl/,
    ],
    [
      'an issuer without an audience',
      { ...prod, issuer: 'https://sign-in.customer.example' },
      /issuer and audience/,
    ],
    ['an agent with a field nobody knows', { agents: [{ company: 'a', sage: 'b', queue: 'c' }] }, /agents/],
    [
      'two agents that would share a queue',
      {
        agents: [
          { company: 'a-b', sage: 'c' },
          { company: 'a', sage: 'b-c' },
        ],
      },
      /share the queue sage-agent-a-b-c/,
    ],
    [
      'ids too long for a queue name',
      { agents: [{ company: 'a'.repeat(40), sage: 'b'.repeat(40) }] },
      /too long for a queue name/,
    ],
  ])('%s', (_rule, context, sentence) => {
    expect(() => settings(context)).toThrow(sentence)
  })
})
