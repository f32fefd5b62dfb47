import type * as z from 'zod'
import { approvalEvents } from './approval-events.ts'
import { budgetEvents } from './budget-events.ts'
import { companyEvents } from './company-events.ts'
import { exportEvents } from './export-events.ts'

/** Every kind of event of a project, by its name: the schema of its detail. */
export const projectEvents = { ...budgetEvents, ...approvalEvents, ...exportEvents }

/** Everything that history tells, by its name: the schema of its detail. */
export const domainEvents = { ...projectEvents, ...companyEvents }

/** As a writer has it at hand: nothing of it is changed on the way. */
type Told<T> = T extends readonly (infer Item)[]
  ? readonly Told<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Told<T[Name]> }
    : T

type Schemas = Readonly<Record<string, z.ZodType>>

export type EventOf<Of extends Schemas, Name extends keyof Of = keyof Of> = {
  readonly [Each in Name]: { readonly event: Each; readonly detail: Told<z.infer<Of[Each]>> }
}[Name]

/** One thing that happened to a project, or to a company's set-up; `detail` holds ids, numbers and old and new values, never a secret. */
export type ProjectEvent = EventOf<typeof projectEvents>
export type CompanyEvent = EventOf<typeof companyEvents>

export type EventDetail<Name extends keyof typeof domainEvents> = EventOf<typeof domainEvents, Name>['detail']
