import { expect } from 'vitest'

/** Whatever an answer lists: lines, budgets, commands, faulty places. */
export interface Listed {
  readonly pointer: string
  readonly id: string
  readonly name: string
  readonly project: string
  readonly event: string
  readonly at: string
  readonly field: string
  readonly command: string
  readonly outcome: string
  readonly budget_code: string
  readonly cost_code: string
  readonly budget_changes: string
  readonly revised_estimate: string
  readonly detail: { readonly first: unknown }
  readonly accept: unknown
  readonly receipt: { readonly where: string } | null
  readonly withdrawn_from_folder: string | null
  readonly failure: unknown
  readonly approval: {
    readonly version_hash: string
    readonly export_hash: string
    readonly parts: readonly { readonly part: number; readonly total: string }[]
    readonly ticks: readonly string[]
  }
}

/** Of the list of exports under way. */
export interface BoardRow {
  readonly id: string
  readonly project: string
  readonly erp_state: string
  readonly file: { readonly file_is: string } | null
}

type List = readonly Listed[]

/** The members of answers that tests reach for by name; which of them are there is what the tests are about. */
export interface Body {
  readonly type: string
  readonly status: unknown
  readonly errors: List
  readonly findings: List
  readonly findings_in_all: unknown
  readonly next_cursor: string | null
  readonly projects: List
  readonly line_items: List
  readonly line_items_in_all: unknown
  readonly subtotals: unknown
  readonly budget_changes: List
  readonly lost: unknown
  readonly address: unknown
  readonly sub_jobs: unknown
  readonly exports: readonly BoardRow[]
  readonly mails: readonly { readonly fate: string }[]
  readonly versions: List
  readonly changes: List
  readonly history: List
  readonly budgets: List
  readonly budget_codes: List
  readonly in_sage: unknown
  readonly parts: List
  readonly people: List
  readonly sage_companies: List
  readonly commands: List
  readonly name: unknown
  readonly number: number
  readonly job: { readonly sage_company: string; readonly number: string }
  readonly jobs: unknown
  readonly folder: unknown
  readonly limit: unknown
  readonly limits: unknown
  readonly erp_state: string
  readonly edit_state: unknown
  readonly last_command: unknown
  readonly export: unknown
  readonly net_amount: unknown
  readonly changed: unknown
  readonly stored: unknown
  readonly preview: string
  readonly counts: { readonly [kind: string]: number } & { readonly change: number }
  readonly message: unknown
  readonly what_to_do: string
  readonly file: { readonly name: string; readonly base64: string }
  readonly claim: number
  readonly rejected: { readonly lines: number }
  readonly acknowledged: { readonly codes: number }
  readonly observation: { readonly kind: string }
  readonly decided: unknown
  readonly approvers: readonly string[]
  readonly mailed: readonly string[]
  readonly decisions: unknown
  readonly outcome: unknown
  readonly decision: { readonly entry_date: string }
}

// What an expected answer may hold in place of a value.
export const someText: unknown = expect.any(String)
export const textLike = (form: RegExp): unknown => expect.stringMatching(form)
export const textWith = (part: string): unknown => expect.stringContaining(part)
export const listWith = (...items: readonly unknown[]): unknown => expect.arrayContaining([...items])
export const having = (members: object): unknown => expect.objectContaining(members)
