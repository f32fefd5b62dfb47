import { expect, test } from 'vitest'
import { deploymentOf } from './deployment.ts'

test("AWS's own rules and those of cdk-nag find nothing but what is acknowledged, with a reason, where it is caused", () => {
  const production = { stage: 'prod', mailFrom: 'budgets@customer.example' }
  expect(() => deploymentOf(production, true)).not.toThrow()
})
