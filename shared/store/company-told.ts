import type { ApprovalPolicy } from '../domain/approval.ts'
import { formatCents } from '../domain/cents.ts'
import type { Person } from '../domain/person.ts'
import type { SageCompany } from '../domain/sage-company.ts'

// The set-up as a company's history keeps it: amounts are decimals there, as in every history.

export const personTold = ({ limit, granted: _granted, ...person }: Person) => ({
  ...person,
  ...(limit !== undefined && { limit: formatCents(limit) }),
})

export const policyTold = ({ steps, ...policy }: ApprovalPolicy) => ({
  ...policy,
  steps: steps.map(({ from_amount, ...step }) => ({
    ...step,
    ...(from_amount !== undefined && { from_amount: formatCents(from_amount) }),
  })),
})

export const sageCompanyTold = ({ limits, ...sage }: SageCompany) => ({
  ...sage,
  limits: { ...limits, amount: formatCents(limits.amount) },
})
