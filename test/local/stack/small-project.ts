import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { type ApiClient, apiAs } from '../../../local/api-client.ts'
import { people, sageCompany, sageFolder } from '../../../local/local-company.ts'
import type { SageCompany } from '../../../local/sage/company-folder.ts'
import { command, readBudget, until } from '../../../local/sample.ts'
import type { LocalStack } from '../../../local/stack.ts'
import { choose, linkIn, openPage } from '../../../local/story/approver.ts'

// Small budgets beside each other on one stack: what a whole cycle shows, three lines show as well as 150.

export interface SmallProject {
  /** Id and name at once, so that its mails are told from those of others. */
  readonly id: string
  readonly job: string
  /** Sage company; the one with the agent unless said otherwise. */
  readonly sage?: string
  /** Amount by `cost code.cost type`. */
  readonly lines: Readonly<Record<string, string>>
  /** Amounts of one approved budget change, by the same keys. */
  readonly change?: Readonly<Record<string, string>>
}

export const paulaOn = ({ runtime }: LocalStack): ApiClient => apiAs(runtime, people.paula)
export const booksOf = ({ sage }: LocalStack): SageCompany => sage.company(sageFolder)

const codeOf = (key: string) => {
  const [cost_code = '', cost_type = ''] = key.split('.')
  return { cost_code, cost_type }
}

/** A project with its lines, unlocked. */
export async function smallProject(stack: LocalStack, { id, job, sage, lines }: SmallProject): Promise<void> {
  const paula = paulaOn(stack)
  await paula.send('PUT', `/projects/${id}`, {
    name: id,
    job: { sage_company: sage ?? sageCompany, number: job },
    settings: { one_sided_changes: true },
  })
  const upserts = Object.entries(lines).map(([key, original_budget_amount]) => ({
    ...codeOf(key),
    original_budget_amount,
    calculation_strategy: 'manual',
  }))
  await paula.send('PATCH', `/projects/${id}/budget/line_items`, { upserts }, budgetOf(id))
}

const budgetOf = (id: string) => ({ matching: `/projects/${id}/budget` })

/** The same, locked and sent; the change, where there is one, approved in between. */
export async function sentProject(stack: LocalStack, project: SmallProject): Promise<void> {
  await smallProject(stack, project)
  const paula = paulaOn(stack)
  await command(paula, 'lock', project.id)
  if (project.change) await approvedChange(paula, project.id, project.change)
  await command(paula, 'send', project.id)
}

async function approvedChange(
  paula: ApiClient,
  id: string,
  amounts: Readonly<Record<string, string>>,
): Promise<void> {
  const adjustment_line_items = Object.entries(amounts).map(([key, amount]) => ({ ...codeOf(key), amount }))
  const changes = `/projects/${id}/budget_changes`
  const made = await paula.send('POST', changes, { title: 'Change', adjustment_line_items }, budgetOf(id))
  const { number } = z.looseObject({ number: z.int() }).parse(made)
  await paula.send('POST', `${changes}/${String(number)}/approve`, {}, budgetOf(id))
}

/** Mails about a project whose subject begins so, the newest first. */
export const mailsAbout = ({ runtime }: LocalStack, id: string, subject: string) =>
  runtime
    .readMailbox()
    .filter((mail) => mail.subject.startsWith(subject) && mail.subject.includes(`: ${id}, `))

/** The link in a person's mail about a project; the newest such mail, once there are as many as asked for. */
export async function linkAbout(stack: LocalStack, id: string, subject: string, mails = 1): Promise<string> {
  const found = await until(`mail ${String(mails)} "${subject}" about ${id}`, () => {
    const sent = mailsAbout(stack, id, subject)
    return sent.length >= mails ? sent[0] : undefined
  })
  return linkIn(found.text)
}

export const reviewLink = async (stack: LocalStack, id: string, mails = 1): Promise<string> =>
  await linkAbout(stack, id, 'Budget ready for review', mails)

/** Anna opens the link of her mail and accepts, with every tick that the page asks for. */
export async function acceptedByMail(stack: LocalStack, id: string): Promise<void> {
  const page = await openPage(await reviewLink(stack, id))
  await choose(page, { choice: 'accept' }, page.ticks)
}

const folders = { original: '1-ORIGINAL', change: '2-CHANGE-tick-the-box' } as const

/** Names of a project's files in a drop folder. */
export function filesIn({ folders: { drop } }: LocalStack, kind: keyof typeof folders, id: string): string[] {
  try {
    return readdirSync(join(drop, folders[kind])).filter(
      (name) => name.includes(`_${id}-e`) && name.endsWith('.jce'),
    )
  } catch {
    return []
  }
}

export interface DroppedFile {
  readonly fileName: string
  readonly bytes: Uint8Array
}

/** The part file of a project, once the agent has written it. */
export async function droppedFile(
  stack: LocalStack,
  kind: keyof typeof folders,
  id: string,
): Promise<DroppedFile> {
  const fileName = await until(`a file of ${id} in ${folders[kind]}`, () => filesIn(stack, kind, id)[0])
  return { fileName, bytes: new Uint8Array(readFileSync(join(stack.folders.drop, folders[kind], fileName))) }
}

/** Imports a file in Sage and posts its entries. */
export function importAndPost(stack: LocalStack, file: DroppedFile, tick: boolean, importAgain = false) {
  const books = booksOf(stack)
  const report = books.importEstimates({ ...file, asApprovedEstimateChange: tick, importAgain })
  books.postEntries({ all: true })
  return report
}

/** Sage prints its lists and totals, which the agent then reads. */
export function printTotals(stack: LocalStack): void {
  booksOf(stack).writeReports(stack.folders.reports)
}

const Export = z.looseObject({
  export: z.string(),
  parts: z.array(
    z.looseObject({
      part: z.int(),
      kind: z.string(),
      posted: z.looseObject({ how: z.string() }).nullable(),
      observation: z
        .looseObject({
          kind: z.string(),
          sentence: z.string(),
          what_to_do: z.string(),
          keys: z.array(z.looseObject({ budget_code: z.string() })),
        })
        .nullable(),
    }),
  ),
})
export type ExportShown = z.infer<typeof Export>

export const readExport = async (stack: LocalStack, id: string): Promise<ExportShown> =>
  Export.parse(await paulaOn(stack).get(`/exports/${id}`))

/** Waits until a budget stands at an ERP state. */
export async function standsAt(stack: LocalStack, id: string, state: string) {
  return await until(`${id} to be ${state}`, async () => {
    const budget = await readBudget(paulaOn(stack), id)
    return budget.erp_state === state ? budget : undefined
  })
}
