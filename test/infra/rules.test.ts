import { expect, test } from 'vitest'
import { deploymentOf } from './deployment.ts'

// A finding makes the synthesis throw unless it is acknowledged, with a reason, where it is caused.
test.each([
  ['on one machine', {}],
  ['in production', { stage: 'prod', mailFrom: 'budgets@customer.example' }],
])("AWS's own rules and those of cdk-nag find nothing but what is acknowledged: %s", (_where, context) => {
  expect(() => deploymentOf(context, true)).not.toThrow()
})
