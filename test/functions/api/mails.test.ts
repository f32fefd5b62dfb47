import { beforeAll, expect, test } from 'vitest'
import { createMailLog } from '../../../shared/store/mail-log.ts'
import { ann, mia, newProject, setUpAcme } from './acme.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import { type Came, useMemoryApi } from './local-api.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { keyOf } from './workflow-by-hand.ts'

const api = useMemoryApi()

beforeAll(async () => {
  await setUpAcme(api())
})

const mailsOf = async (project: string, query = {}): Promise<Came> =>
  await api().call('GET', `/projects/${project}/mails`, { as: ann, query })

const at = (minute: number): string => `2026-11-22T20:0${String(minute)}:00.000Z`

/** Three mails of one project, a minute apart: one is out, one came back, and of one nobody knows. */
async function mailedProject(): Promise<string> {
  const project = await newProject(api())
  const key = keyOf(project)
  const { clock, rows, database } = api()
  const log = createMailLog({ document: rows.document, table: database.table, clock })
  const to = PersonId.parse('ann')
  for (const [minute, id] of ['out', 'back', 'unknown'].entries()) {
    clock.set(at(minute))
    const request = { id: `ready_for_review/${id}/ann`, mail: 'ready_for_review', to } as const
    await log.begin(key, request)
    if (id === 'unknown') await log.begin(key, request)
    else await log.sent(key, request)
    if (id === 'back') await log.undelivered(key, request.id, 'bounced')
  }
  return project
}

test('who was mailed, and what became of it, the newest first', async () => {
  const mail = { mail: 'ready_for_review', to: 'ann' }
  expect((await mailsOf(await mailedProject())).json).toEqual({
    mails: [
      { ...mail, fate: 'unknown', attempts: 2, first_at: at(2), sent_at: null, undelivered: null },
      {
        ...mail,
        fate: 'not_delivered',
        attempts: 1,
        first_at: at(1),
        sent_at: at(1),
        undelivered: { why: 'bounced', at: at(1) },
      },
      { ...mail, fate: 'sent', attempts: 1, first_at: at(0), sent_at: at(0), undelivered: null },
    ],
    next_cursor: null,
  })
})

test('pages give every mail once', async () => {
  const project = await mailedProject()
  const fates: unknown[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { json }: Came = await mailsOf(project, { limit: '1', ...(cursor && { cursor }) })
    fates.push(...json.mails.map(({ fate }) => fate))
    cursor = json.next_cursor
  }
  expect(fates).toEqual(['unknown', 'not_delivered', 'sent'])
})

test('nothing of what a mail says, and no link, is in it', async () => {
  expect((await mailsOf(await mailedProject())).text).not.toMatch(/review\/|http/)
})

test('a project that is not there has no mails', async () => {
  const { status, json } = await mailsOf('nowhere')
  expect([status, json.type]).toEqual([404, problemType('NOT_FOUND')])
})

test('who may not see the history does not see them', async () => {
  const project = await newProject(api())
  expect((await api().call('GET', `/projects/${project}/mails`, { as: mia })).status).toBe(403)
})
