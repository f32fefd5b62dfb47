import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { QueryCommand } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod'
import { expect } from 'vitest'
import { apiAs } from '../../local/api-client.ts'
import { company, people } from '../../local/local-company.ts'
import { until } from '../../local/sample.ts'
import type { LocalStack } from '../../local/stack.ts'
import { projectPk, projectSk } from '../../shared/store/keys.ts'
import { CompanyId, ProjectId } from '../../shared/domain/ids.ts'
import { LoggedMail } from '../../shared/store/mail-log.ts'
import { mailsAbout } from '../local/stack/small-project.ts'

const Budget = z.looseObject({
  erp_state: z.string(),
  recorded: z.array(z.unknown()),
  undelivered: z.array(z.unknown()),
})
const Exports = z.looseObject({ exports: z.array(z.looseObject({ export: z.string() })) })
const Export = z.looseObject({
  parts: z.array(
    z.looseObject({ file_name: z.string(), file_sha256: z.string(), receipt: z.looseObject({}).nullable() }),
  ),
})

/**
 * Waits until a budget stands at its state and everything recorded is carried out and told, then compares: its history
 * holds; each file of which a receipt is known lies with the agent's files once, with its hash, and no other of this
 * budget does; each mail of its log was sent, and as many came.
 *
 * @returns what was compared, in words.
 */
export async function nothingLostOrDoubled(
  stack: LocalStack,
  project: string,
  state: string,
): Promise<string> {
  const otto = apiAs(stack.runtime, people.otto)
  await until(`${project} to be ${state}, and all told`, async () => {
    const { erp_state, recorded, undelivered } = Budget.parse(await otto.get(`/ops/budgets/${project}`))
    return erp_state === state && recorded.length + undelivered.length === 0 ? true : undefined
  })
  const written = await filesOf(stack, project)
  const mails = await mailsOf(stack, project)
  expect(await otto.get(`/projects/${project}/budget/history/verify`)).toMatchObject({ verified: true })
  return `${project} is ${state}, ${String(written)} file(s) by name and hash, ${String(mails)} mails by id, history holds`
}

async function filesOf({ runtime, folders }: LocalStack, project: string): Promise<number> {
  const otto = apiAs(runtime, people.otto)
  const { exports } = Exports.parse(await otto.get(`/exports?project=${project}`))
  const known = await Promise.all(
    exports.map(async ({ export: id }) => Export.parse(await otto.get(`/exports/${id}`)).parts),
  )
  const due = known
    .flat()
    .filter(({ receipt }) => receipt !== null)
    .map(({ file_name, file_sha256 }) => `${file_name} ${file_sha256}`)
  const there = readdirSync(folders.drop, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes(`_${project}-e`))
    .map((name) => `${name.split('/').at(-1)!} ${hashOf(join(folders.drop, name))}`)
  expect(there.toSorted(), `files of ${project}`).toEqual(due.toSorted())
  return there.length
}

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

async function mailsOf(stack: LocalStack, project: string): Promise<number> {
  const { clients, tables } = stack.runtime
  const pk = projectPk({ company: CompanyId.parse(company), project: ProjectId.parse(project) })
  const logged = await until(`the mails of ${project} to be sent`, async () => {
    const { Items = [] } = await clients.table.send(
      new QueryCommand({
        TableName: tables[0]?.name,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :mail)',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':mail': { S: projectSk.mails } },
      }),
    )
    // A summary is about all budgets, and remembered with one of them.
    const mails = Items.map((item) => LoggedMail.parse(unmarshall(item))).filter(
      ({ mail }) => mail !== 'daily_summary',
    )
    return mails.every(({ sent_at }) => sent_at !== undefined) ? mails : undefined
  })
  const came = mailsAbout(stack, project, '')
  expect(new Set(logged.map(({ id }) => id)).size).toBe(logged.length)
  expect(
    came.map(({ subject, to }) => `${subject} to ${to.join()}`).toSorted(),
    `mails about ${project}`,
  ).toHaveLength(logged.length)
  return came.length
}
