import type { StackProps } from 'aws-cdk-lib'
import type { Settings } from '../settings.ts'

/** Id and properties of one of our stacks: `sage-budget-export-<stage>-<part>`. */
export function houseStack(
  settings: Settings,
  part: 'data' | 'cycle' | 'api' | 'operations',
): [string, StackProps] {
  return [
    `sage-budget-export-${settings.stage}-${part}`,
    {
      terminationProtection: settings.keepsData,
      tags: { service: 'sage-budget-export', stage: settings.stage },
    },
  ]
}
