import type { ApprovalPolicy } from '../domain/approval.ts'
import { type Cents, formatCents } from '../domain/cents.ts'
import type { Person } from '../domain/person.ts'
import type { ProjectPolicy } from '../domain/project-policy.ts'
import type { SageCompany } from '../domain/sage-company.ts'

// The set-up as a company's history keeps it: amounts are decimals there, as in every history.

export const personTold = ({ limit, granted: _granted, ...person }: Person) => ({
  ...person,
  ...(limit !== undefined && { limit: formatCents(limit) }),
})

const stepTold = <Step extends { readonly from_amount?: Cents | undefined }>({
  from_amount,
  ...step
}: Step) => ({
  ...step,
  ...(from_amount !== undefined && { from_amount: formatCents(from_amount) }),
})

const codeTold = (code_from_amount: Cents | undefined) => ({
  ...(code_from_amount !== undefined && { code_from_amount: formatCents(code_from_amount) }),
})

export const policyTold = ({ steps, code_from_amount, ...policy }: ApprovalPolicy) => ({
  ...policy,
  ...codeTold(code_from_amount),
  steps: steps.map(stepTold),
})

export const projectPolicyTold = ({ steps, code_from_amount, ...policy }: ProjectPolicy) => ({
  ...policy,
  ...codeTold(code_from_amount),
  steps: steps.map(stepTold),
})

export const sageCompanyTold = ({ limits, ...sage }: SageCompany) => ({
  ...sage,
  limits: { ...limits, amount: formatCents(limits.amount) },
})
