import * as z from 'zod'
import type { ApprovalPolicy, PolicyStep } from './approval.ts'
import { Cents } from './cents.ts'
import { lengthOf } from './durations.ts'
import { PersonId } from './ids.ts'
import { stagesAfterTheEnd } from './stages.ts'
import type { FaultyPlace } from './refusal.ts'

/** How one project narrows its company's policy; what is left out stays as the company has it. */
export const ProjectPolicy = z.strictObject({
  steps: z.array(
    z.strictObject({
      /** Of the company's step that is narrowed. */
      name: z.string(),
      approvers: z.array(PersonId).min(1).optional(),
      accepts: z.int().min(1).optional(),
      from_amount: Cents.optional(),
      expiry: z.string().optional(),
    }),
  ),
  separation_of_duties: z.literal(true).optional(),
  expiry: z.string().optional(),
  code_from_amount: Cents.optional(),
})
export type ProjectPolicy = z.infer<typeof ProjectPolicy>

export const notNarrowed: ProjectPolicy = { steps: [] }

/** The policy that a project's budgets are sent under. */
export function narrowedPolicy(company: ApprovalPolicy, project: ProjectPolicy): ApprovalPolicy {
  const { separation_of_duties = company.separation_of_duties, expiry, code_from_amount } = project
  const steps = company.steps.map((step) => narrowedStep(step, project))
  return {
    ...company,
    steps,
    separation_of_duties,
    ...(expiry !== undefined && { expiry }),
    ...(code_from_amount !== undefined && { code_from_amount }),
  }
}

function narrowedStep(step: PolicyStep, { steps, expiry: whole }: ProjectPolicy): PolicyStep {
  const { approvers, accepts, from_amount, expiry } = steps.find(({ name }) => name === step.name) ?? {}
  // A step's own expiry holds before the policy's: where the project's policy has a shorter one, it is the step's too.
  const own =
    expiry ?? (step.expiry !== undefined && whole !== undefined ? shorter(step.expiry, whole) : undefined)
  return {
    ...step,
    ...(approvers && { approvers }),
    ...(accepts !== undefined && { accepts }),
    ...(from_amount !== undefined && { from_amount }),
    ...(own !== undefined && { expiry: own }),
  }
}

const shorter = (a: string, b: string): string => (lengthOf(a) <= lengthOf(b) ? a : b)

/** Everything by which a project's policy would not be narrower than its company's: at the place, and why. */
export function notNarrower(company: ApprovalPolicy, project: ProjectPolicy): FaultyPlace[] {
  const { steps, expiry, code_from_amount } = project
  const names = steps.map(({ name }) => name)
  return [
    ...steps.flatMap((step, i): FaultyPlace[] => {
      const at = `/steps/${String(i)}`
      const [of, ...more] = company.steps.filter(({ name }) => name === step.name)
      if (!of || more.length > 0)
        return [
          fault(`${at}/name`, 'NOT_FOUND', `The company's policy has not one step of the name ${step.name}.`),
        ]
      if (names.indexOf(step.name) !== i)
        return [fault(`${at}/name`, 'NAMED_TWICE', `The step ${step.name} is narrowed twice.`)]
      return stepNotNarrower(of, step, company).map(([field, sentence]) =>
        fault(`${at}/${field}`, 'NOT_NARROWER', sentence),
      )
    }),
    ...(expiry !== undefined && lengthOf(expiry) > lengthOf(company.expiry)
      ? [fault('/expiry', 'NOT_NARROWER', `The company's policy expires after ${company.expiry}.`)]
      : []),
    ...(code_from_amount !== undefined &&
    code_from_amount > (company.code_from_amount ?? Number.POSITIVE_INFINITY)
      ? [
          fault(
            '/code_from_amount',
            'NOT_NARROWER',
            'In the company an accept takes a code from a lower amount on.',
          ),
        ]
      : []),
    ...stagesAfterTheEnd(narrowedPolicy(company, project)).map(({ name, stage, expiry: end }) =>
      fault('/expiry', 'AFTER_EXPIRY', `The step ${name} would expire after ${end}, before its ${stage}.`),
    ),
  ]
}

const fault = (pointer: string, code: string, sentence: string): FaultyPlace => ({ pointer, code, sentence })

function stepNotNarrower(
  of: PolicyStep,
  step: ProjectPolicy['steps'][number],
  { expiry }: ApprovalPolicy,
): (readonly [field: string, sentence: string])[] {
  const stranger = of.approvers.length > 0 && step.approvers?.find((id) => !of.approvers.includes(id))
  const longest = of.expiry ?? expiry
  return [
    ...(stranger ? [['approvers', `${stranger} is no approver of this step in the company.`] as const] : []),
    ...(step.accepts !== undefined && step.accepts < of.accepts
      ? [['accepts', `In the company ${String(of.accepts)} must accept this step.`] as const]
      : []),
    ...(step.from_amount !== undefined && step.from_amount > (of.from_amount ?? Number.NEGATIVE_INFINITY)
      ? [['from_amount', 'In the company this step applies from a lower amount on.'] as const]
      : []),
    ...(step.expiry !== undefined && lengthOf(step.expiry) > lengthOf(longest)
      ? [['expiry', `In the company this step expires after ${longest}.`] as const]
      : []),
  ]
}
