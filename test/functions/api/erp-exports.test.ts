import { beforeAll, describe, expect, test } from 'vitest'
import { listWith } from './answer-body.ts'
import { acme, ann, bob, east, otto, pat, setUpAcme } from './acme.ts'
import { type Came, useMemoryApi } from './local-api.ts'
import {
  acceptIt,
  claim,
  exportedProject,
  exportingProject,
  failedProject,
  sentProject,
  step,
  syncedProject,
} from './workflow-by-hand.ts'

const api = useMemoryApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const board = async (query = {}, as = pat): Promise<Came> =>
  await api().call('GET', '/erp/exports', { as, query: { limit: '100', ...query } })

const rowOf = async (project: string, as = pat) =>
  (await board({}, as)).json.exports.find((row) => row.project === project)

describe('exports and posting', () => {
  test('shows the file that is due, since when, and what the caller may do about it', async () => {
    const project = await exportedProject(api())
    expect(await rowOf(project)).toMatchObject({
      name: 'Bridge',
      erp_state: 'exported',
      shown_as: 'With accounting, not posted yet',
      waiting_days: 0,
      id: `${project}-e1`,
      export: { attempt: 1, sage_company: 'east' },
      file: {
        shown_as: 'Sage import file 1 of 1',
        mode_shown_as: 'Original estimate (leave the box empty)',
        entries: 2,
        total: '505750.00',
        file_is: 'delivered',
        receipt: { where: 'ACME EAST' },
      },
      refused: null,
      commands: listWith({ command: 'confirm_posted', allowed: true }),
    })
  })

  test('tells how far a file has come', async () => {
    const [queued, taken, failed] = [
      await exportingProject(api()),
      await exportingProject(api()),
      await failedProject(api()),
    ]
    await claim(api(), taken)
    const came = await Promise.all([queued, taken, failed].map(async (project) => await rowOf(project, ann)))
    expect(came.map((row) => row?.file?.file_is)).toEqual(['queued', 'taken', 'failed'])
    expect(came[2]).toMatchObject({
      file: { failure: { messages: ['The disk is full.'] } },
      commands: listWith({ command: 'retry', allowed: true }),
    })
  })

  test('says why no file was made, under the number that it will have', async () => {
    const project = await sentProject(api())
    const sage = (await api().companies.sageCompany(acme, east))!
    await api().companies.putSageCompany(acme, { ...sage, cost_code_mask: '####' }, 'system')
    await expect(acceptIt(api(), project)).rejects.toThrow('refused')
    await api().companies.putSageCompany(acme, sage, 'system')
    await step(api(), project, 'exportFailed')
    expect(await rowOf(project, ann)).toMatchObject({
      erp_state: 'export_failed',
      export: null,
      id: `${project}-e1`,
      file: null,
      refused: { code: 'FINDINGS' },
    })
  })

  test('lists what needs somebody first, and nothing that is settled or not accepted yet', async () => {
    const projects = {
      exporting: await exportingProject(api()),
      exported: await exportedProject(api()),
      export_failed: await failedProject(api()),
      synced: await syncedProject(api()),
      sent: await sentProject(api()),
    }
    const listed = (await board()).json.exports.filter(({ project }) =>
      Object.values(projects).includes(project),
    )
    expect(listed.map(({ erp_state }) => erp_state)).toEqual(['export_failed', 'exported', 'exporting'])
    expect((await board({ state: 'exported' })).json.exports.map(({ erp_state }) => erp_state)).not.toContain(
      'exporting',
    )
  })

  test('is read page by page over all states, each export once', async () => {
    await Promise.all([exportingProject(api()), exportedProject(api()), failedProject(api())])
    const whole = (await board()).json.exports.map(({ id }) => id)
    const paged: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { json }: Came = await board({ limit: '2', ...(cursor && { cursor }) })
      expect(json.exports.length).toBeLessThanOrEqual(2)
      paged.push(...json.exports.map(({ id }) => id))
      cursor = json.next_cursor
    }
    expect([...paged].toSorted()).toEqual([...whole].toSorted())
    expect(new Set(paged).size).toBe(paged.length)
  })

  test.each(['x', Buffer.from('{"state":"sent"}').toString('base64url')])(
    'does not go on behind the cursor %s',
    async (cursor) => {
      expect((await board({ cursor })).status).toBe(400)
    },
  )

  test('is for accounting: an operator and a project manager see what their roles let them', async () => {
    expect([(await board({}, otto)).status, (await board({}, bob)).status]).toEqual([200, 403])
  })
})
