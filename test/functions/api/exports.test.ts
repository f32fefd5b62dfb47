import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, test } from 'vitest'
import { having, listWith, textLike, textWith } from './answer-body.ts'
import { ExportSeen } from '../../../functions/sage-connector/agent/api-client.ts'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import { reportStop } from '../../../shared/exporting/report-stop.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { agent, ann, bob, ed, jobOf, mia, newProject, otto, pat, setUpAcme, vera } from './acme.ts'
import { type Came, idempotencyKey, useMemoryApi } from './local-api.ts'
import { putBack } from './put-back.ts'
import {
  acceptIt,
  claim,
  decideChange,
  deliver,
  exportedProject,
  exportingProject,
  fail,
  failedProject,
  keyOf,
  lockedProject,
  makeChange,
  readTotals,
  reportFailure,
  reportReceipt,
  send,
  sentProject,
  step,
  syncedProject,
  type Total,
} from './workflow-by-hand.ts'

const api = useMemoryApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const concrete = { cost_code: '03-3000', cost_type: 'S' }
const steel = { cost_code: '05-1200', cost_type: 'M' }

const say = async (project: string, what: string, body: unknown, as = pat, number = 1): Promise<Came> =>
  await api().command(`/exports/${project}-e${String(number)}/${what}`, { as, body })
const get = async (path: string, as = vera): Promise<Came> => await api().call('GET', path, { as })
const shown = async (project: string) => (await get(`/exports/${project}-e1`)).json
const refused = (came: Came) => [came.status, came.json.type]
const erp = async (project: string): Promise<string> =>
  (await api().call('GET', `/projects/${project}/budget`, { as: vera })).json.erp_state
const partsOf = async (project: string) => await api().store.parts(keyOf(project), 1)

const readBack = async (project: string, totals: readonly Total[]): Promise<void> => {
  await readTotals(api(), project, totals)
}

/** A project whose file is with accounting, with a baseline of Sage's totals before it. */
const withBaseline = putBack(async () => {
  const project = await sentProject(api())
  await readBack(project, [])
  await acceptIt(api(), project)
  await deliver(api(), project)
  return project
})

const bothPosted: Total[] = [
  { cost_code: '03-3000', category: 'S', original: '325000.00' },
  { cost_code: '05-1200', category: 'M', original: '180750.00' },
]

describe('exports of a project', () => {
  test('are listed newest first', async () => {
    const project = await exportingProject(api())
    const came = await api().call('GET', '/exports', { as: vera, query: { project } })
    expect(came.json.exports).toMatchObject([
      {
        export: `${project}-e1`,
        number: 1,
        version: 1,
        first: true,
        sage_company: 'east',
        accepted_by: ['ann'],
      },
    ])
  })

  test('are not listed without a project', async () => {
    expect((await get('/exports')).json.errors).toMatchObject([{ pointer: '/project' }])
  })

  test('show each part in the words of accounting, and what can be done', async () => {
    const project = await exportedProject(api())
    expect(await get(`/exports/${project}-e1`, pat)).toMatchObject({
      json: {
        parts: [
          {
            part: 1,
            shown_as: 'Sage import file 1 of 1',
            mode_shown_as: 'Original estimate (leave the box empty)',
            entries: 2,
            total: '505750.00',
            outcome: 'open',
            receipt: { where: 'ACME EAST', by: 'agent-east' },
          },
        ],
        commands: listWith(
          { command: 'confirm_posted', allowed: true },
          having({ command: 'retry', allowed: false }),
        ),
      },
    })
  })

  test.each(['x', 'bridge', 'bridge-e', 'bridge-e0', '-e1', 'bridge-e1x'])(
    'do not answer to %j',
    async (id) => {
      expect(refused(await get(`/exports/${id}`))).toEqual([404, problemType('NOT_FOUND')])
    },
  )

  test('are found where the project’s own id looks like one', async () => {
    const came = await api().call('PUT', '/projects/site-e2', { as: bob, body: { name: 'Site' } })
    const listed = await api().call('GET', '/exports', { as: vera, query: { project: 'site-e2' } })
    expect([came.status, listed.json.exports, (await get('/exports/site-e2-e1')).status]).toEqual([
      201,
      [],
      404,
    ])
  })
})

describe('a claim', () => {
  test('gives the agent the message and the file', async () => {
    const project = await exportingProject(api())
    const [part] = await partsOf(project)
    const came = await claim(api(), project)
    expect([came.status, came.json.message, came.json.file.name]).toEqual([
      200,
      {
        v: 1,
        company: 'acme',
        project,
        request: expect.stringMatching(/^request-\d+$/) as unknown,
        exportId: `${project}-e1`,
        attempt: 1,
        parts: [
          {
            part: 1,
            mode: 'original_estimate',
            key: part?.file_key,
            sha256: part?.file_sha256,
            entries: 2,
            total: '505750.00',
          },
        ],
      },
      part?.file_name,
    ])
  })

  test('gives the bytes that were accepted', async () => {
    const project = await exportingProject(api())
    const [part] = await partsOf(project)
    const { base64 } = (await claim(api(), project)).json.file
    const bytes = await api().objects.getFile(part!.file_key, part!.file_sha256)
    expect(Buffer.from(base64, 'base64')).toEqual(Buffer.from(bytes))
  })

  test('by the same agent again gives the same, under the next number', async () => {
    const project = await exportingProject(api())
    const first = await claim(api(), project)
    expect(first.json.claim).toBe(1)
    expect((await claim(api(), project)).json).toEqual({ ...first.json, claim: 2 })
  })

  test('by a second agent is refused', async () => {
    const project = await exportingProject(api())
    await claim(api(), project)
    const came = await api().call('POST', `/exports/${project}-e1/claim`, {
      as: { ...agent, sub: 'agent-west' },
      body: { part: 1, attempt: 1 },
    })
    expect(refused(came)).toEqual([409, problemType('CLAIMED')])
  })

  test('of another attempt is refused', async () => {
    expect(refused(await claim(api(), await exportingProject(api()), 1, 2))).toEqual([
      409,
      problemType('NOT_EXPORTING'),
    ])
  })

  test('of a part that is not there is NOT_FOUND', async () => {
    expect(refused(await claim(api(), await exportingProject(api()), 2))).toEqual([
      404,
      problemType('NOT_FOUND'),
    ])
  })

  test('after the receipt is refused', async () => {
    expect(refused(await claim(api(), await exportedProject(api())))).toEqual([
      409,
      problemType('NOT_EXPORTING'),
    ])
  })

  test('after the receipt is refused, though the budget says exporting still', async () => {
    const project = await exportingProject(api())
    await reportReceipt(api(), project)
    expect(await erp(project)).toBe('exporting')
    expect(refused(await claim(api(), project))).toEqual([409, problemType('NOT_EXPORTING')])
  })

  test('of a second file is refused while the first is on its way', async () => {
    const project = await changedProject(api())
    await acceptIt(api(), project)
    expect(refused(await claim(api(), project, 2))).toEqual([409, problemType('NOT_EXPORTING')])
  })

  test('of a failed export is refused', async () => {
    expect(refused(await claim(api(), await failedProject(api())))).toEqual([
      409,
      problemType('NOT_EXPORTING'),
    ])
  })

  test('of an attempt that failed is refused, though the budget says exporting still', async () => {
    const project = await exportingProject(api())
    await reportFailure(api(), project)
    expect([await erp(project), ...refused(await claim(api(), project))]).toEqual([
      'exporting',
      409,
      problemType('NOT_EXPORTING'),
    ])
  })

  test('of an export that is settled is refused', async () => {
    expect(refused(await claim(api(), await syncedProject(api())))).toEqual([
      409,
      problemType('OTHER_EXPORT'),
    ])
  })

  test('is kept in history', async () => {
    const project = await exportingProject(api())
    await claim(api(), project)
    const history = await api().store.history(keyOf(project), { limit: 100 })
    expect(history.at(-1)).toMatchObject({
      event: 'claimed',
      by: 'connector',
      detail: { agent: 'agent-east' },
    })
  })
})

describe('a report of the connector', () => {
  test('goes to the inside queue', async () => {
    const project = await exportingProject(api())
    const [part] = await partsOf(project)
    const body = { part: 1, attempt: 1, sha256: part!.file_sha256, where: 'ACME EAST' }
    const came = await api().call('POST', `/exports/${project}-e1/receipt`, { as: agent, body })
    expect([came.status, api().reports.at(-1)]).toEqual([
      202,
      { v: 1, kind: 'receipt', company: 'acme', project, export: 1, ...body, by: 'agent-east' },
    ])
  })

  test('of other bytes is refused', async () => {
    const project = await exportingProject(api())
    const body = { part: 1, attempt: 1, sha256: 'f'.repeat(64), where: 'ACME EAST' }
    const came = await api().call('POST', `/exports/${project}-e1/receipt`, { as: agent, body })
    expect(refused(came)).toEqual([409, problemType('OTHER_EXPORT')])
  })

  test('of an export that is not there reaches no queue', async () => {
    const before = api().reports.length
    const body = { part: 1, attempt: 1, messages: ['x'] }
    const came = await api().call('POST', '/exports/nowhere-e1/failure', { as: agent, body })
    expect([came.status, api().reports.length]).toEqual([404, before])
  })

  test('of a failure carries what the agent says', async () => {
    const project = await exportingProject(api())
    const body = { part: 1, attempt: 1, messages: ['The disk is full.'] }
    await api().call('POST', `/exports/${project}-e1/failure`, { as: agent, body })
    expect(api().reports.at(-1)).toEqual({
      v: 1,
      kind: 'failure',
      company: 'acme',
      project,
      export: 1,
      ...body,
      nothing_written: false,
    })
  })

  test('of a failure says what was wrong with single lines, and the mail and the export tell it', async () => {
    const project = await exportingProject(api())
    const lines = [{ ...concrete, message: 'This cost code is closed.' }]
    await fail(api(), project, { lines })
    expect((await shown(project)).parts[0]?.failure).toMatchObject({
      by: 'connector',
      lines: [{ sub_job: '', ...concrete, budget_code: '03-3000.S', message: 'This cost code is closed.' }],
    })
  })

  test.each([
    ['a line without a code', { lines: [{ message: 'x' }] }],
    [
      'two hundred and one lines',
      { lines: Array.from({ length: 201 }, () => ({ ...concrete, message: 'x' })) },
    ],
    ['no message at all', { messages: [] }],
  ])('of a failure with %s is refused, and reaches no queue', async (_, but) => {
    const project = await exportingProject(api())
    const before = api().reports.length
    const body = { part: 1, attempt: 1, messages: ['x'], ...but }
    const came = await api().call('POST', `/exports/${project}-e1/failure`, { as: agent, body })
    expect([came.status, api().reports.length]).toEqual([400, before])
  })

  test('cannot name another company', async () => {
    const body = { part: 1, attempt: 1, messages: ['x'], company: 'zenith' }
    const came = await api().call('POST', `/exports/${await exportingProject(api())}-e1/failure`, {
      as: agent,
      body,
    })
    expect(came.json.errors).toMatchObject([{ pointer: '/company', code: 'UNKNOWN_FIELD' }])
  })
})

const file = async (project: string, as = pat) => await get(`/exports/${project}-e1/parts/1/file`, as)

test('an agent sees of an export that was closed that its file is withdrawn', async () => {
  const project = await exportedProject(api())
  const seen = async () => ExportSeen.parse((await get(`/exports/${project}-e1`, agent)).json)
  const part = {
    outcome: 'open',
    exceptions: [],
    posted: null,
    file_sha256: (await partsOf(project))[0]?.file_sha256,
  }
  expect(await seen()).toMatchObject({ settled_as: null, parts: [part] })
  await say(project, 'close', { reason: 'Sent by mistake.', others: { outcome: 'withdrawn' } })
  await step(api(), project, 'closeCycle')
  expect(await seen()).toMatchObject({ settled_as: 'closed', parts: [{ ...part, outcome: 'withdrawn' }] })
})

describe('the file of a part', () => {
  test('is downloaded by a poster once it was delivered', async () => {
    const project = await exportedProject(api())
    const [part] = await partsOf(project)
    const came = await file(project)
    expect([came.status, came.headers['content-disposition'], came.text.includes('EXPORT')]).toEqual([
      200,
      `attachment; filename="${part!.file_name}"`,
      true,
    ])
  })

  test('is not there before it was delivered', async () => {
    expect(refused(await file(await exportingProject(api())))).toEqual([409, problemType('NOT_EXPORTING')])
  })

  test('that failed is not handed out for a receipt that comes late, nor under the next attempt before its own', async () => {
    const project = await failedProject(api())
    await reportReceipt(api(), project)
    const late = await file(project)
    await say(project, 'retry', undefined, ann)
    await step(api(), project, 'exportBudget')
    const asked = await file(project)
    const listed = (await get('/erp/exports', pat)).json.exports.find((each) => each.project === project)
    await deliver(api(), project)
    expect([late.status, asked.status]).toEqual([409, 409])
    expect(listed).toMatchObject({ file: { file_is: 'queued' } })
    expect((await file(project)).status).toBe(200)
  })

  test('that was altered or is gone from the bucket is not handed out', async () => {
    const project = await exportedProject(api())
    const [part] = await partsOf(project)
    const { s3, bucket } = api().bucket
    const object = { Bucket: bucket, Key: part!.file_key }
    const accepted = await api().objects.getFile(part!.file_key, part!.file_sha256)
    await s3.send(new PutObjectCommand({ ...object, Body: 'E,9' }))
    const altered = await file(project)
    await s3.send(new DeleteObjectCommand(object))
    const gone = await file(project)
    await s3.send(new PutObjectCommand({ ...object, Body: accepted }))
    const words = [500, problemType('STORED_DATA_ALTERED')]
    expect([altered, gone].map(refused)).toEqual([words, words])
    expect(altered.json.what_to_do).toContain('operators')
    expect((await file(project)).status).toBe(200)
  })

  test('is dead once it is posted', async () => {
    const came = await file(await syncedProject(api()))
    expect([refused(came), came.text]).toEqual([
      [409, problemType('NOT_EXPORTING')],
      expect.stringContaining('would double its entries'),
    ])
  })

  test('is dead from the moment a close is recorded', async () => {
    const project = await exportedProject(api())
    await say(project, 'close', { reason: 'Sent by mistake.', others: { outcome: 'withdrawn' } })
    expect(refused(await file(project))).toEqual([409, problemType('NOT_EXPORTING')])
  })
})

describe('posted', () => {
  test('is declared by a poster, and the workflow settles the export', async () => {
    const project = await exportedProject(api())
    const came = await say(project, 'posted', { part: 1 })
    await step(api(), project, 'closeCycle')
    expect([came.status, came.json, await erp(project)]).toEqual([
      202,
      {
        export: `${project}-e1`,
        part: 1,
        posted: { how: 'declared', by: 'pat', at: '2026-11-22T19:38:31.000Z' },
      },
      'synced',
    ])
  })

  test('sent again with its key is answered as before', async () => {
    const project = await exportedProject(api())
    const call = { as: pat, body: { part: 1 }, headers: { 'idempotency-key': idempotencyKey() } }
    const first = await api().command(`/exports/${project}-e1/posted`, call)
    const again = await api().command(`/exports/${project}-e1/posted`, call)
    expect([again.status, again.json]).toEqual([202, first.json])
  })

  test('said twice at once tells the workflow once', async () => {
    const project = await exportedProject(api())
    await Promise.all([say(project, 'posted', { part: 1 }), say(project, 'posted', { part: 1 })])
    const { cycle } = (await api().store.head(keyOf(project)))!
    const signals = await api().store.signals(keyOf(project), cycle)
    expect(signals.filter(({ kind }) => kind === 'posted')).toHaveLength(1)
  })

  test('is refused before the file was delivered', async () => {
    const came = await say(await exportingProject(api()), 'posted', { part: 1 })
    expect(refused(came)).toEqual([409, problemType('NOTHING_TO_CONFIRM')])
  })

  test('is refused of an export that is not there', async () => {
    expect(refused(await say(await newProject(api()), 'posted', { part: 1 }))).toEqual([
      404,
      problemType('NOT_FOUND'),
    ])
  })

  test('is refused of an export that came back', async () => {
    const project = await failedProject(api())
    await say(project, 'return', { reason: 'No.' }, ann)
    await step(api(), project, 'rejectBudget')
    expect(refused(await say(project, 'posted', { part: 1 }))).toEqual([409, problemType('OTHER_EXPORT')])
  })

  test('is refused while Sage’s totals say otherwise', async () => {
    const project = await withBaseline(api())
    await readBack(project, bothPosted.slice(0, 1))
    await step(api(), project, 'recordObservation')
    expect(refused(await say(project, 'posted', { part: 1 }))).toEqual([
      409,
      problemType('READ_BACK_CONTRADICTS'),
    ])
  })

  test('waits until the report before it is carried out', async () => {
    const project = await withBaseline(api())
    await readBack(project, bothPosted.slice(0, 1))
    expect(refused(await say(project, 'posted', { part: 1 }))).toEqual([409, problemType('COMMAND_PENDING')])
  })
})

/** First export with an approved change: originals, then changes. */
const changedProject = putBack(async () => {
  const project = await lockedProject(api())
  await makeChange(api(), project)
  await decideChange(api(), project, 'approve')
  await send(api(), project)
  return project
})

const twoParts = putBack(async () => {
  const project = await changedProject(api())
  await acceptIt(api(), project)
  await deliver(api(), project)
  return project
})

describe('an export of two parts', () => {
  test('goes on to its second part when the first is posted', async () => {
    const project = await twoParts(api())
    await say(project, 'posted', { part: 1 })
    await step(api(), project, 'prepareNextPart')
    await deliver(api(), project, 1, 2)
    await say(project, 'posted', { part: 2 })
    await step(api(), project, 'closeCycle')
    expect([await erp(project), (await shown(project)).parts.map(({ outcome }) => outcome)]).toEqual([
      'synced',
      ['taken', 'taken'],
    ])
  })

  test('keeps its second file back until the first is posted', async () => {
    const project = await twoParts(api())
    const came = [
      await get(`/exports/${project}-e1/parts/2/file`, pat),
      await say(project, 'posted', { part: 2 }),
      await claim(api(), project, 2),
    ]
    expect(came.map(refused)).toEqual([
      [409, problemType('NOT_EXPORTING')],
      [409, problemType('NOTHING_TO_CONFIRM')],
      [409, problemType('NOT_EXPORTING')],
    ])
  })

  test('keeps the lines of the second file for that file', async () => {
    const project = await twoParts(api())
    expect(refused(await say(project, 'rejects', { part: 2, lines: [concrete] }))).toEqual([
      409,
      problemType('NOTHING_TO_CONFIRM'),
    ])
  })

  test('withdraws the second part when it is closed over the first', async () => {
    const project = await twoParts(api())
    await say(project, 'close', { reason: 'Entered by hand.', others: { outcome: 'taken' } })
    expect((await partsOf(project)).map(({ outcome }) => outcome)).toEqual(['taken', 'withdrawn'])
  })
})

/** A day later, after which it is today again. */
async function later<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const now = api().clock.now()
  api().clock.set(new Date(Date.parse(now) + 86_400_000).toISOString())
  return await ask().finally(() => {
    api().clock.set(now)
  })
}

const rejects = async (project: string, lines: object[] = [concrete]) =>
  await say(project, 'rejects', { part: 1, lines })

describe('lines that Sage rejected', () => {
  test('go out again in a correction part, and only they', async () => {
    const project = await exportedProject(api())
    const came = await rejects(project, [{ ...concrete, reason: 'Not on the job.' }])
    await step(api(), project, 'exportCorrections')
    expect([came.status, (await shown(project)).parts[1]]).toMatchObject([
      202,
      {
        kind: 'correction',
        corrects: 1,
        mode: 'original_estimate',
        entries: 1,
        total: '325000.00',
        attempt: 2,
      },
    ])
  })

  test('and posted with their correction settle the export', async () => {
    const project = await exportedProject(api())
    await rejects(project)
    await step(api(), project, 'exportCorrections')
    await deliver(api(), project, 1, 2)
    await say(project, 'posted', { part: 2 })
    await step(api(), project, 'closeCycle')
    expect([await erp(project), (await partsOf(project)).every(({ posted }) => posted)]).toEqual([
      'synced',
      true,
    ])
  })

  test('leave the file its number; their correction is named after it', async () => {
    const project = await exportedProject(api())
    await rejects(project)
    await step(api(), project, 'exportCorrections')
    expect((await shown(project)).parts).toMatchObject([
      { shown_as: 'Sage import file 1 of 1' },
      { shown_as: 'A correction of Sage import file 1' },
    ])
  })

  test('reported again change nothing, and are answered as they were recorded', async () => {
    const project = await exportedProject(api())
    const first = await rejects(project, [concrete, steel])
    const again = await later(
      async () => await say(project, 'rejects', { part: 1, lines: [concrete] }, agent),
    )
    expect(again.json).toEqual(first.json)
    const { cycle } = (await api().store.head(keyOf(project)))!
    const signals = await api().store.signals(keyOf(project), cycle)
    expect([again.status, signals.filter(({ kind }) => kind === 'lines_rejected')]).toMatchObject([202, [{}]])
  })

  test.each([
    ['another line', [steel]],
    ['another line beside it', [concrete, steel]],
  ])('are not taken for recorded where %s is named once the first is corrected', async (_, lines) => {
    const project = await exportedProject(api())
    await rejects(project)
    await step(api(), project, 'exportCorrections')
    await deliver(api(), project, 1, 2)
    expect(refused(await rejects(project, lines))).toEqual([409, problemType('NOTHING_TO_CONFIRM')])
  })

  test('that were not sent are refused with their places', async () => {
    const came = await rejects(await exportedProject(api()), [
      concrete,
      { cost_code: '99-1', cost_type: 'S' },
    ])
    expect({ refused: refused(came), errors: came.json.errors }).toMatchObject({
      refused: [422, problemType('LINE_NOT_SENT')],
      errors: [{ pointer: '/lines/1' }],
    })
  })

  test('have reasons of at most 500 characters', async () => {
    const project = await exportedProject(api())
    const long = await rejects(project, [{ ...concrete, reason: 'x'.repeat(501) }])
    const short = await rejects(project, [{ ...concrete, reason: 'x'.repeat(500) }])
    expect([long.status, long.json.type, short.status]).toEqual([400, problemType('INVALID_INPUT'), 202])
  })

  test('may be told by the reject file as Sage wrote it, with a reason that the project reads', async () => {
    const project = await exportedProject(api())
    const [part] = await partsOf(project)
    const bytes = await api().objects.getFile(part!.file_key, part!.file_sha256)
    const reject_file_base64 = Buffer.from(bytes).toString('base64')
    const reason = 'The job was closed'
    const came = await say(project, 'rejects', { part: 1, reject_file_base64, reason })
    expect([came.status, came.json.rejected.lines, (await shown(project)).parts[0]]).toMatchObject([
      202,
      2,
      { exceptions: [{ reason }, { reason }] },
    ])
  })

  test('of another export’s file are refused', async () => {
    const [part] = await partsOf(await exportedProject(api()))
    const bytes = await api().objects.getFile(part!.file_key, part!.file_sha256)
    const reject_file_base64 = Buffer.from(bytes).toString('base64')
    const came = await say(await exportedProject(api()), 'rejects', { part: 1, reject_file_base64 })
    expect(refused(came)).toEqual([409, problemType('OTHER_EXPORT')])
  })

  test('in a file that cannot be read are refused', async () => {
    const reject_file_base64 = Buffer.from('not, a reject file').toString('base64')
    const came = await say(await exportedProject(api()), 'rejects', { part: 1, reject_file_base64 })
    expect(refused(came)).toEqual([422, problemType('FILE_NOT_READABLE')])
  })

  test('in a file that holds none are refused', async () => {
    const project = await exportedProject(api())
    const job = `"*","${jobOf(project)}"\r\n`
    const reject_file_base64 = Buffer.from(job).toString('base64')
    const came = await say(project, 'rejects', { part: 1, reject_file_base64 })
    expect([refused(came), came.text]).toEqual([
      [400, problemType('INVALID_INPUT')],
      expect.stringContaining('holds no line'),
    ])
  })

  test('are in a file that nobody imports again', async () => {
    const project = await exportedProject(api())
    await rejects(project)
    await step(api(), project, 'exportCorrections')
    const came = await get(`/exports/${project}-e1/parts/1/file`, pat)
    expect([refused(came), came.text]).toEqual([
      [409, problemType('NOT_EXPORTING')],
      expect.stringContaining('would double the others'),
    ])
  })

  test('are refused once the part is posted', async () => {
    expect(refused(await rejects(await syncedProject(api())))).toEqual([409, problemType('OTHER_EXPORT')])
  })
})

const stop = async (project: string, message = 'Category S is not set up.') =>
  await say(project, 'import_stopped', { part: 1, message })

describe('an import that Sage stopped', () => {
  const stopped = putBack(async () => {
    const project = await exportedProject(api())
    await stop(project)
    await step(api(), project, 'recordObservation')
    return project
  })

  test('is told with the message of Sage’s report', async () => {
    const project = await exportedProject(api())
    const came = await stop(project, ' Category S is not set up. ')
    const history = await api().store.history(keyOf(project), { limit: 100 })
    expect([came.status, came.json, history.at(-1)]).toMatchObject([
      202,
      { part: 1, import_stopped: { by: 'pat', message: 'Category S is not set up.' } },
      { event: 'import_stopped', by: 'pat', detail: { message: 'Category S is not set up.' } },
    ])
  })

  test('shows its way out with the export and among those that wait', async () => {
    const project = await stopped(api())
    const { exports: rows } = (
      await api().call('GET', '/erp/exports', { as: pat, query: { state: 'mismatch', limit: '100' } })
    ).json
    const observation = having({
      kind: 'import_stopped',
      sentence: textWith('Category S is not set up.'),
      what_to_do: textWith('Look at the unposted entries in Sage'),
    })
    const { parts } = await shown(project)
    expect([parts[0], rows.find((row) => row.project === project)]).toMatchObject([
      { observation },
      {
        erp_state: 'mismatch',
        file: { observation },
        commands: listWith({ command: 'reject_lines', allowed: true }),
      },
    ])
  })

  test('leads to a correction of the lines that are missing', async () => {
    const project = await stopped(api())
    const came = await rejects(project)
    await step(api(), project, 'exportCorrections')
    const [first, second] = (await shown(project)).parts
    expect([came.status, first, second]).toMatchObject([
      202,
      { observation: null },
      { kind: 'correction', entries: 1 },
    ])
  })

  test('or to a close', async () => {
    const project = await stopped(api())
    await say(project, 'close', { reason: 'Nothing of it is in Sage.', others: { outcome: 'withdrawn' } })
    await step(api(), project, 'closeCycle')
    expect(await erp(project)).toBe('rejected')
  })

  test('said again changes nothing; said by mistake it is over with posted', async () => {
    const project = await exportedProject(api())
    const first = await stop(project)
    await step(api(), project, 'recordObservation')
    const again = await later(async () => await stop(project))
    expect(again.json).toEqual(first.json)
    await say(project, 'posted', { part: 1 })
    await step(api(), project, 'closeCycle')
    const { cycle } = (await api().store.head(keyOf(project)))!
    const signals = await api().store.signals(keyOf(project), cycle)
    expect([
      again.status,
      signals.filter(({ kind }) => kind === 'observation').length,
      await erp(project),
    ]).toEqual([202, 1, 'synced'])
  })

  test('said again by somebody else is answered by who said it first', async () => {
    const project = await stopped(api())
    const message = 'Category S is not set up.'
    const said = { key: keyOf(project), export: 1, part: 1, message }
    const { import_stopped } = await reportStop(api(), { by: PersonId.parse('ann') }, said)
    expect(import_stopped.by).toBe('pat')
  })

  test('needs the message, and asks for that', async () => {
    const came = await stop(await exportedProject(api()), ' ')
    expect(refused(came)).toEqual([422, problemType('REASON_MISSING')])
    expect(came.json).toMatchObject({
      detail: 'The message is missing.',
      what_to_do: textWith('Estimate Import Report'),
    })
  })

  test('needs a file that waits for posting', async () => {
    expect(refused(await stop(await exportingProject(api())))).toEqual([
      409,
      problemType('NOTHING_TO_CONFIRM'),
    ])
  })

  test('is not believed where Sage’s totals show the file twice, nor are lines missing then', async () => {
    const project = await withBaseline(api())
    await readBack(
      project,
      bothPosted.map((total) => ({ ...total, original: String(2 * Number(total.original)) })),
    )
    await step(api(), project, 'recordObservation')
    expect([refused(await stop(project)), refused(await rejects(project))]).toEqual([
      [409, problemType('READ_BACK_CONTRADICTS')],
      [409, problemType('READ_BACK_CONTRADICTS')],
    ])
  })
})

const close = async (project: string, more: object) =>
  await say(project, 'close', { reason: 'By hand.', ...more })

describe('a close', () => {
  test('with nothing taken gives the budget back', async () => {
    const project = await exportedProject(api())
    await close(project, { others: { outcome: 'withdrawn' } })
    await step(api(), project, 'closeCycle')
    expect(await erp(project)).toBe('rejected')
  })

  test('with everything taken settles the budget', async () => {
    const project = await exportedProject(api())
    await close(project, { others: { outcome: 'taken' } })
    await step(api(), project, 'closeCycle')
    expect(await erp(project)).toBe('synced')
  })

  test('with a line rejected leaves it to be sent again', async () => {
    const project = await exportedProject(api())
    const entries = [{ part: 1, ...steel, outcome: 'rejected' }]
    await close(project, { others: { outcome: 'taken' }, entries })
    await step(api(), project, 'closeCycle')
    const precheck = (await api().call('GET', `/projects/${project}/budget/precheck`, { as: vera })).json
    expect([await erp(project), precheck.export]).toMatchObject([
      'update_pending',
      [{ mode: 'approved_estimate_change', entries: 1, total: '180750.00' }],
    ])
  })

  test('may say that an entry was taken in the other mode', async () => {
    const project = await exportedProject(api())
    const mode = 'approved_estimate_change'
    await close(project, { others: { outcome: 'taken', mode } })
    expect((await partsOf(project))[0]?.exceptions).toMatchObject([
      { outcome: 'taken', mode },
      { outcome: 'taken', mode },
    ])
  })

  test('cannot say how an entry was taken that was not', async () => {
    const others = { outcome: 'rejected', mode: 'original_estimate' }
    expect(refused(await close(await exportedProject(api()), { others }))).toEqual([
      400,
      problemType('INVALID_INPUT'),
    ])
  })

  test('that leaves an entry open is refused, naming it', async () => {
    const entries = [{ part: 1, ...steel, outcome: 'taken' }]
    const came = await close(await exportedProject(api()), { entries })
    expect({ refused: refused(came), errors: came.json.errors }).toMatchObject({
      refused: [422, problemType('ENTRY_OPEN')],
      errors: [{ sentence: textWith('03-3000.S') }],
    })
  })

  test('keeps the reason for which a line was rejected before', async () => {
    const project = await exportedProject(api())
    await rejects(project, [{ ...concrete, reason: 'Not on the job.' }])
    await step(api(), project, 'exportCorrections')
    await deliver(api(), project, 1, 2)
    await close(project, { others: { outcome: 'taken' } })
    expect(await partsOf(project)).toMatchObject([
      {
        outcome: 'taken',
        exceptions: [{ code: concrete, outcome: 'rejected', reason: 'Not on the job.' }],
      },
      { outcome: 'taken', exceptions: [] },
    ])
  })

  test('of a file that is not there is refused', async () => {
    const entries = [{ part: 2, ...steel, outcome: 'taken' }]
    const came = await close(await exportedProject(api()), { entries, others: { outcome: 'taken' } })
    expect(refused(came)).toEqual([422, problemType('LINE_NOT_SENT')])
  })

  test('of a line that was not sent is refused', async () => {
    const entries = [{ part: 1, cost_code: '99-1', cost_type: 'S', outcome: 'taken' }]
    const came = await close(await exportedProject(api()), { entries, others: { outcome: 'taken' } })
    expect(refused(came)).toEqual([422, problemType('LINE_NOT_SENT')])
  })

  test('takes a reason of 2,000 characters, and no longer one', async () => {
    const project = await exportedProject(api())
    const others = { outcome: 'taken' }
    const long = await close(project, { reason: 'x'.repeat(2001), others })
    expect(refused(long)).toEqual([413, problemType('TOO_LARGE')])
    expect((await close(project, { reason: ` ${'x'.repeat(2000)} `, others })).status).toBe(202)
  })

  test('without a reason is refused', async () => {
    const came = await close(await exportedProject(api()), { reason: ' ', others: { outcome: 'taken' } })
    expect(refused(came)).toEqual([422, problemType('REASON_MISSING')])
  })

  test('is refused while the file is on its way', async () => {
    const came = await close(await exportingProject(api()), { others: { outcome: 'withdrawn' } })
    expect(refused(came)).toEqual([409, problemType('NOTHING_TO_CONFIRM')])
  })

  test('against Sage’s totals is refused, naming each entry', async () => {
    const project = await withBaseline(api())
    await readBack(project, bothPosted.slice(0, 1))
    await step(api(), project, 'recordObservation')
    const came = await close(project, { others: { outcome: 'withdrawn' } })
    expect({ refused: refused(came), errors: came.json.errors }).toMatchObject({
      refused: [409, problemType('READ_BACK_CONTRADICTS')],
      errors: [{ sentence: textWith('03-3000.S is posted in Sage') }],
    })
  })

  test('that says what Sage’s totals say is taken', async () => {
    const project = await withBaseline(api())
    await readBack(project, bothPosted.slice(0, 1))
    await step(api(), project, 'recordObservation')
    const entries = [{ part: 1, ...concrete, outcome: 'taken' }]
    expect((await close(project, { entries, others: { outcome: 'withdrawn' } })).status).toBe(202)
  })

  test('of entries in the wrong box must say so', async () => {
    const project = await withBaseline(api())
    await readBack(
      project,
      bothPosted.map(({ original = '', ...total }) => ({ ...total, changes: original })),
    )
    await step(api(), project, 'recordObservation')
    const plain = await close(project, { others: { outcome: 'taken' } })
    const said = await close(project, { others: { outcome: 'taken', mode: 'approved_estimate_change' } })
    expect([plain.json.type, said.status]).toEqual([problemType('READ_BACK_CONTRADICTS'), 202])
  })

  test('of entries that stand there twice is refused until they are reversed', async () => {
    const project = await withBaseline(api())
    await readBack(project, [
      { cost_code: '03-3000', category: 'S', original: '650000.00' },
      { cost_code: '05-1200', category: 'M', original: '361500.00' },
    ])
    await step(api(), project, 'recordObservation')
    expect(refused(await close(project, { others: { outcome: 'taken' } }))).toEqual([
      409,
      problemType('READ_BACK_CONTRADICTS'),
    ])
  })

  test('tells the posters not to import a file that they had', async () => {
    const project = await exportedProject(api())
    await close(project, { others: { outcome: 'withdrawn' } })
    expect(await api().mails(project)).toContain('do_not_import to pat')
  })

  test('tells of no file that the posters never had', async () => {
    const project = await twoParts(api())
    await close(project, { others: { outcome: 'withdrawn' } })
    expect((await api().mails(project)).filter((mail) => mail.startsWith('do_not_import'))).toEqual([
      'do_not_import to pat',
    ])
  })

  test('of what Sage has taken tells nobody to stop', async () => {
    const project = await exportedProject(api())
    await close(project, { others: { outcome: 'taken' } })
    expect(await api().mails(project)).not.toContain('do_not_import to pat')
  })

  test('is kept with its reason', async () => {
    const project = await exportedProject(api())
    await close(project, { others: { outcome: 'withdrawn' } })
    const history = await api().store.history(keyOf(project), { limit: 100 })
    expect(history.at(-1)).toMatchObject({ event: 'close_asked', by: 'pat', detail: { reason: 'By hand.' } })
  })
})

const reportWithdrawn = async (project: string) => {
  const [part] = await partsOf(project)
  const where = 'ACME EAST/withdrawn'
  const body = { part: 1, attempt: 1, sha256: part!.file_sha256, where, withdrawn: true }
  expect((await api().call('POST', `/exports/${project}-e1/receipt`, { as: agent, body })).status).toBe(202)
  const taken = await takeSageEvent(api(), api().reports.at(-1))
  const history = await api().store.history(keyOf(project), { limit: 100 })
  const told = history.filter(({ event }) => event === 'file_withdrawn').map(({ detail }) => detail)
  return { taken, told, at: (await shown(project)).parts[0]?.withdrawn_from_folder }
}

describe('a file that the agent took out of its folder', () => {
  test('of an export that was closed is shown and recorded, once however often it is told', async () => {
    const project = await exportedProject(api())
    await close(project, { others: { outcome: 'withdrawn' } })
    const at = '2026-11-22T19:38:31.000Z'
    const told = [{ export: 1, part: 1, attempt: 1, where: 'ACME EAST/withdrawn', by: 'agent-east' }]
    expect(await reportWithdrawn(project)).toEqual({ taken: 'recorded', told, at })
    expect(await reportWithdrawn(project)).toEqual({ taken: 'known', told, at })
  })

  test('of an export that is under way is not taken at its word', async () => {
    const project = await exportedProject(api())
    expect(await reportWithdrawn(project)).toEqual({ taken: 'superseded', told: [], at: null })
  })
})

const lose = async (project: string, body = { reason: 'The machine burnt.' }, as = otto) =>
  await say(project, 'lost', body, as)

describe('an export declared lost', () => {
  test('has failed, is claimed by nobody any more, and can be retried', async () => {
    const project = await exportingProject(api())
    const came = await lose(project)
    expect([came.status, came.json.lost]).toEqual([
      202,
      { part: 1, attempt: 1, by: 'otto', at: '2026-11-22T19:38:31.000Z', reason: 'The machine burnt.' },
    ])
    expect(refused(await claim(api(), project))).toEqual([409, problemType('NOT_EXPORTING')])
    await step(api(), project, 'exportFailed')
    expect([await erp(project), await api().mails(project)]).toEqual([
      'export_failed',
      listWith('export_failed to ann'),
    ])
    await say(project, 'retry', undefined, ann)
    await step(api(), project, 'exportBudget')
    expect((await claim(api(), project, 1, 2)).status).toBe(200)
  })

  test.each([
    ['that nobody had taken goes back to the project', false, 202],
    ['that an agent had taken may be in Sage, and does not', true, 409],
  ])('%s', async (_, taken, status) => {
    const project = await exportingProject(api())
    if (taken) await claim(api(), project)
    await lose(project)
    await step(api(), project, 'exportFailed')
    expect((await say(project, 'return', { reason: 'No.' }, ann)).status).toBe(status)
  })

  test('keeps a receipt that comes late, and shows it', async () => {
    const project = await exportingProject(api())
    await claim(api(), project)
    await lose(project)
    await step(api(), project, 'exportFailed')
    await reportReceipt(api(), project)
    expect([await erp(project), (await shown(project)).parts[0]?.receipt?.where]).toEqual([
      'export_failed',
      'ACME EAST',
    ])
  })

  test('needs a reason, and a file on its way', async () => {
    const project = await exportingProject(api())
    expect(refused(await lose(project, { reason: ' ' }))).toEqual([422, problemType('REASON_MISSING')])
    expect(refused(await lose(await exportedProject(api())))).toEqual([409, problemType('NOT_EXPORTING')])
    expect(refused(await lose(await failedProject(api())))).toEqual([409, problemType('NOT_EXPORTING')])
    await lose(project)
    expect(refused(await lose(project))).toEqual([409, problemType('COMMAND_PENDING')])
  })

  test('stands in the history with its author and reason', async () => {
    const project = await exportingProject(api())
    await lose(project)
    const history = await api().store.history(keyOf(project), { limit: 100 })
    expect(history.at(-1)).toMatchObject({
      event: 'declared_lost',
      by: 'otto',
      detail: { part: 1, attempt: 1, reason: 'The machine burnt.' },
    })
  })

  test('is kept with its file as a failure of which nobody says that nothing was written', async () => {
    const project = await exportingProject(api())
    await lose(project)
    const [part] = await partsOf(project)
    expect(part?.failure).toMatchObject({
      attempt: 1,
      by: 'otto',
      messages: ['Declared lost: The machine burnt.'],
      nothing_written: false,
    })
  })
})

/** Under the next attempt, after a failure. */
async function retried(project: string): Promise<void> {
  await say(project, 'retry', undefined, ann)
  await step(api(), project, 'exportBudget')
}

const returnIt = async (project: string) => await say(project, 'return', { reason: 'No.' }, ann)

describe('a failed export', () => {
  test('goes on with the same bytes under the next attempt when it is retried', async () => {
    const project = await failedProject(api())
    const [before] = await partsOf(project)
    const came = await say(project, 'retry', undefined, otto)
    await step(api(), project, 'exportBudget')
    const [after] = await partsOf(project)
    expect([came.status, after?.attempt, after?.file_sha256, await erp(project)]).toEqual([
      202,
      2,
      before?.file_sha256,
      'exporting',
    ])
  })

  test('goes back to the project, unlocked, with every entry withdrawn', async () => {
    const project = await failedProject(api())
    const came = await say(project, 'return', { reason: 'Wrong job.' }, ann)
    const parts = await partsOf(project)
    await step(api(), project, 'rejectBudget')
    expect([came.status, parts[0]?.outcome, await erp(project)]).toEqual([202, 'withdrawn', 'rejected'])
  })

  test('that was returned gives no file to an agent that comes late', async () => {
    const project = await failedProject(api())
    await say(project, 'return', { reason: 'Wrong job.' }, ann)
    expect(refused(await claim(api(), project))).toEqual([409, problemType('NOT_EXPORTING')])
  })

  test('is not returned without a reason', async () => {
    expect(refused(await say(await failedProject(api()), 'return', { reason: '' }, ann))).toEqual([
      422,
      problemType('REASON_MISSING'),
    ])
  })

  test('is not returned once an agent took it, unless that agent says that nothing was written', async () => {
    const project = await exportingProject(api())
    await claim(api(), project)
    await fail(api(), project, { nothing_written: false })
    expect(refused(await returnIt(project))).toEqual([409, problemType('CLAIMED')])
    await retried(project)
    await claim(api(), project, 1, 2)
    await fail(api(), project, { nothing_written: true })
    // Of the second attempt, which says nothing of the first.
    expect(refused(await returnIt(project))).toEqual([409, problemType('CLAIMED')])
  })

  test('is returned when its agent says of every attempt that nothing was written', async () => {
    const project = await exportingProject(api())
    for (const attempt of [1, 2]) {
      if (attempt > 1) await retried(project)
      await claim(api(), project, 1, attempt)
      await fail(api(), project, { nothing_written: true })
    }
    expect((await returnIt(project)).status).toBe(202)
  })

  test('is not returned once its agent claimed it again, whatever it says of the claim before', async () => {
    const project = await exportingProject(api())
    for (const _ of [1, 2]) await claim(api(), project)
    await fail(api(), project, { nothing_written: true, claim: 1 })
    expect(refused(await returnIt(project))).toEqual([409, problemType('CLAIMED')])
  })

  test('is returned when its agent says so of the claim that stands', async () => {
    const project = await exportingProject(api())
    for (const _ of [1, 2]) await claim(api(), project)
    await fail(api(), project, { nothing_written: true, claim: 2 })
    expect((await returnIt(project)).status).toBe(202)
  })

  test('is not returned when a file of it was delivered', async () => {
    const project = await exportedProject(api())
    const head = (await api().store.head(keyOf(project)))!
    const failed = { ...head, erp: 'export_failed' as const }
    await api().store.commit(keyOf(project), head, {
      head: failed,
      history: [{ event: 'waited', by: 'system', detail: {} }],
    })
    expect(refused(await say(project, 'return', { reason: 'No.' }, ann))).toEqual([
      409,
      problemType('MAY_BE_IN_SAGE'),
    ])
  })

  test('is closed by accounting', async () => {
    const project = await failedProject(api())
    await say(project, 'close', { reason: 'Not needed.', others: { outcome: 'withdrawn' } })
    await step(api(), project, 'closeCycle')
    expect(await erp(project)).toBe('rejected')
  })

  test.each(['retry', 'return'])('is the only one that takes a %s', async (what) => {
    const body = what === 'return' ? { reason: 'No.' } : undefined
    expect(refused(await say(await exportedProject(api()), what, body, ann))).toEqual([
      409,
      problemType('NOT_EXPORTING'),
    ])
  })

  test.each(['retry', 'return'])('is the one that is meant by a %s', async (what) => {
    const body = what === 'return' ? { reason: 'Too dear.' } : undefined
    expect(refused(await say(await failedProject(api()), what, body, ann, 2))).toEqual([
      404,
      problemType('NOT_FOUND'),
    ])
  })
})

/** An operator records that this person wants a failed export back. */
const forApprover = async (requested_by: string) => {
  const project = await failedProject(api())
  const body = { reason: 'Anna is away and wants it back.', requested_by }
  const came = await api().command(`/ops/exports/${project}-e1/return`, { as: otto, body })
  const history = await api().store.history(keyOf(project), { limit: 100 })
  return { came, told: history.at(-1) }
}

describe('an operator gives an export back for an approver', () => {
  test('and both are in the history', async () => {
    const { came, told } = await forApprover('ann')
    expect([came.status, told?.by, told?.detail['requested_by']]).toEqual([202, 'otto', 'ann'])
  })

  test.each(['mia', 'nobody'])('who is one: not %s', async (name) => {
    expect((await forApprover(name)).came).toMatchObject({
      status: 400,
      json: { errors: [{ pointer: '/requested_by', code: 'NOT_ELIGIBLE' }] },
    })
  })
})

const preparedInVain = putBack(async () => {
  const project = await sentProject(api())
  const key = keyOf(project)
  const head = (await api().store.head(key))!
  const failed = { ...head, erp: 'export_failed' as const }
  await api().store.commit(key, head, {
    head: failed,
    history: [{ event: 'waited', by: 'system', detail: {} }],
  })
  return project
})

describe('an export that failed before it had a file', () => {
  test('is known by the number it would have had', async () => {
    const project = await preparedInVain(api())
    const { json } = await api().call('GET', `/projects/${project}/budget`, { as: mia })
    expect(json.export).toBe(`${project}-e1`)
  })

  test('is known by no other number', async () => {
    const came = await api().command(`/exports/${await preparedInVain(api())}-e2/retry`, { as: ann })
    expect(refused(came)).toEqual([404, problemType('NOT_FOUND')])
  })

  test.each([
    ['retry', undefined, ann],
    ['return', { reason: 'No.' }, ann],
    ['close', { reason: 'No.' }, pat],
  ])('takes a %s', async (what, body, as) => {
    expect((await say(await preparedInVain(api()), what, body, as)).status).toBe(202)
  })
})

const why = 'By hand.'
const partOne = { export: 1, part: 1 }

const sayings = [
  ['posted', { part: 1 }, pat],
  ['rejects', { part: 1, lines: [concrete] }, pat],
  ['import_stopped', { part: 1, message: why }, pat],
  ['close', { reason: why, others: { outcome: 'taken' } }, pat],
] as const

describe('what a person says of an export', () => {
  test.each([
    ...sayings.slice(1),
    ['lost', { reason: why }, otto],
    ['retry', {}, ann],
    ['return', { reason: why }, ann],
  ] as const)('(%s) is refused once it is settled', async (what, body, as) => {
    const project = await syncedProject(api())
    expect(refused(await say(project, what, body, as))).toEqual([409, problemType('OTHER_EXPORT')])
  })

  test.each(sayings)('(%s) waits until what was said before is carried out', async (what, body, as) => {
    const project = await exportedProject(api())
    await stop(project, 'Category L is not set up.')
    expect(refused(await say(project, what, body, as))).toEqual([409, problemType('COMMAND_PENDING')])
  })

  test.each([
    ['posted', exportedProject, { part: 1 }, pat, 'posted', { ...partOne, by: 'pat' }],
    [
      'rejects',
      exportedProject,
      { part: 1, lines: [concrete] },
      pat,
      'lines_rejected',
      { ...partOne, by: 'pat' },
    ],
    [
      'import_stopped',
      exportedProject,
      { part: 1, message: why },
      pat,
      'observation',
      { ...partOne, by: 'pat' },
    ],
    [
      'close',
      exportedProject,
      { reason: why, others: { outcome: 'taken' } },
      pat,
      'close',
      { by: 'pat', reason: why },
    ],
    ['lost', exportingProject, { reason: why }, otto, 'failure', { ...partOne, attempt: 1 }],
    ['retry', failedProject, {}, ann, 'retry', { by: 'ann' }],
    ['return', failedProject, { reason: why }, ann, 'return', { by: 'ann', reason: why }],
  ] as const)('(%s) is told to the workflow', async (what, make, body, as, kind, reference) => {
    const project = await make(api())
    expect((await say(project, what, body, as)).status).toBe(202)
    const { cycle } = (await api().store.head(keyOf(project)))!
    expect((await api().store.signals(keyOf(project), cycle)).at(-1)).toMatchObject({ kind, reference })
  })

  test.each([
    ['posted', exportedProject, { part: 1 }, pat, 'posted_declared', { export: 1, parts: [1] }],
    [
      'rejects',
      exportedProject,
      { part: 1, lines: [{ ...concrete, reason: why }, steel] },
      pat,
      'lines_rejected',
      {
        ...partOne,
        lines: 2,
        first: [
          { code: '03-3000.S', reason: why },
          { code: '05-1200.M', reason: '' },
        ],
      },
    ],
    [
      'import_stopped',
      exportedProject,
      { part: 1, message: why },
      pat,
      'import_stopped',
      { ...partOne, message: why },
    ],
    [
      'close',
      exportedProject,
      { reason: why, others: { outcome: 'taken' } },
      pat,
      'close_asked',
      { export: 1, reason: why, parts: [{ part: 1, outcome: 'taken', exceptions: 0 }] },
    ],
    [
      'lost',
      exportingProject,
      { reason: why },
      otto,
      'declared_lost',
      { ...partOne, attempt: 1, reason: why },
    ],
    ['retry', failedProject, {}, ann, 'retry_asked', { export: 1 }],
    ['return', failedProject, { reason: why }, ann, 'return_asked', { export: 1, reason: why }],
  ] as const)('(%s) is kept in the history', async (what, make, body, as, event, detail) => {
    const project = await make(api())
    await say(project, what, body, as)
    const row = (await api().store.history(keyOf(project), { limit: 100 })).at(-1)
    expect(row).toMatchObject({ event, by: as.sub.replace('sub-', ''), request: textLike(/^request-/) })
    expect(row?.detail).toEqual(detail)
  })
})

describe('read-back', () => {
  test('that agrees settles the export as verified', async () => {
    const project = await withBaseline(api())
    await readBack(project, bothPosted)
    await step(api(), project, 'closeCycle')
    const { json } = await api().call('GET', `/projects/${project}/budget`, { as: vera })
    expect(json).toMatchObject({
      erp_state: 'synced',
      confirmed: 'verified',
      shown_as: 'Posted in Sage (checked in Sage)',
    })
  })

  test('is compared on demand without being kept', async () => {
    const project = await withBaseline(api())
    await readBack(project, bothPosted.slice(0, 1))
    const { json } = await get(`/exports/${project}-e1/reconciliation`)
    expect(json).toMatchObject({
      part: 1,
      comparable: true,
      observation: { kind: 'partly', keys: [{ budget_code: '05-1200.M', expected: '180750.00' }] },
    })
  })

  test('without a baseline compares nothing', async () => {
    const { json } = await get(`/exports/${await exportedProject(api())}-e1/reconciliation`)
    expect(json).toMatchObject({ comparable: false, baseline: null, observation: null })
  })

  test('compares a correction together with what it corrects', async () => {
    const project = await withBaseline(api())
    await say(project, 'rejects', { part: 1, lines: [concrete] })
    await step(api(), project, 'exportCorrections')
    await readBack(project, bothPosted)
    const { json } = await get(`/exports/${project}-e1/reconciliation`)
    expect(json).toMatchObject({ part: 2, compared_with: [1, 2], observation: { kind: 'posted' } })
  })
})

const declared = putBack(async () => {
  const project = await withBaseline(api())
  await say(project, 'posted', { part: 1 })
  await step(api(), project, 'closeCycle')
  return project
})

test('an export that was closed with nothing in Sage is compared, and nothing is said of posting', async () => {
  const project = await withBaseline(api())
  await say(project, 'close', { reason: 'Given up.', others: { outcome: 'withdrawn' } })
  await step(api(), project, 'closeCycle')
  const { json } = await get(`/exports/${project}-e1/reconciliation`)
  expect(json).toMatchObject({ comparable: true, observation: null })
})

describe('a settlement that a person declared', () => {
  test('is compared on demand with what the export left in Sage', async () => {
    const project = await declared(api())
    const compared = async () => (await get(`/exports/${project}-e1/reconciliation`)).json
    const early = await compared()
    await readBack(project, bothPosted)
    const agreed = await compared()
    await readBack(project, [...bothPosted, { cost_code: '01-1000', category: 'L', original: '500.00' }])
    const moved = await compared()
    expect([early, agreed, moved]).toMatchObject([
      { comparable: false, observation: null },
      { comparable: true, observation: { kind: 'posted' } },
      { comparable: true, observation: { kind: 'drift' } },
    ])
  })

  test('is verified by a read-back that agrees, and the state stays', async () => {
    const project = await declared(api())
    await readBack(project, bothPosted)
    const { json } = await api().call('GET', `/projects/${project}/budget`, { as: vera })
    expect(json).toMatchObject({ erp_state: 'synced', confirmed: 'verified' })
  })

  test('once verified is not declared again', async () => {
    const project = await declared(api())
    await readBack(project, bothPosted)
    const came = await say(project, 'posted', { part: 1 })
    expect([came.status, (await partsOf(project))[0]?.posted?.how]).toEqual([202, 'verified'])
  })
})

describe('a movement made in Sage', () => {
  const byHand: Total = { cost_code: '01-1000', category: 'L', original: '500.00' }

  const drifted = putBack(async () => {
    const project = await withBaseline(api())
    await readBack(project, [byHand])
    await step(api(), project, 'recordObservation')
    return project
  })

  test('once acknowledged joins the baseline, and the part waits for posting again', async () => {
    const project = await drifted(api())
    const came = await say(project, 'acknowledge', { part: 1, note: 'Owner change order 7.' })
    const { json } = await get(`/exports/${project}-e1/reconciliation`)
    expect([came.status, came.json.acknowledged.codes, json.observation.kind]).toEqual([
      202,
      1,
      'awaiting_posting',
    ])
  })

  test('is kept with its note', async () => {
    const project = await drifted(api())
    await say(project, 'acknowledge', { part: 1, note: 'Owner change order 7.' })
    const history = await api().store.history(keyOf(project), { limit: 100 })
    const told = history.find(({ event }) => event === 'drift_acknowledged')
    expect(told).toMatchObject({
      by: 'pat',
      detail: {
        note: 'Owner change order 7.',
        made_in_sage: [{ code: '01-1000.L', original: '500.00', changes: '0.00' }],
      },
    })
  })

  test('needs a note', async () => {
    expect(refused(await say(await drifted(api()), 'acknowledge', { part: 1, note: '' }))).toEqual([
      422,
      problemType('REASON_MISSING'),
    ])
  })

  /** Others made more on the one code that moved than the file sends there, which may be posted besides. */
  const postedOrNot = putBack(async () => {
    const project = await withBaseline(api())
    await readBack(project, [{ cost_code: '03-3000', category: 'S', original: '330000.00' }])
    await step(api(), project, 'recordObservation')
    return project
  })

  test('by what a file sends and more needs a word whether the file was posted, as of the reading', async () => {
    const project = await postedOrNot(api())
    const came = await say(project, 'acknowledge', { part: 1, note: 'Owner change order 7.' })
    const [part] = await partsOf(project)
    expect(refused(came)).toEqual([422, problemType('FILE_POSTED_OR_NOT')])
    expect(came.json).toMatchObject({
      detail: expect.stringContaining('1 budget code that was sent moved in Sage') as string,
      what_to_do: expect.stringContaining('was posted when Sage was read') as string,
      errors: [
        { pointer: '/file_posted', sentence: expect.stringContaining(part!.observation!.read_at!) as string },
        { pointer: '/observed_at', sentence: expect.stringContaining(part!.observation!.at) as string },
      ],
    })
  })

  test.each([
    [false, '330000.00', 'awaiting_posting'],
    [true, '5000.00', 'partly'],
  ])(
    'by what a file sends and more is ours as far as the file was posted: %s',
    async (file_posted, original, kind) => {
      const project = await postedOrNot(api())
      await say(project, 'acknowledge', {
        part: 1,
        note: 'Owner change order 7.',
        file_posted,
        observed_at: (await partsOf(project))[0]!.observation!.at,
      })
      const [history, { json }] = await Promise.all([
        api().store.history(keyOf(project), { limit: 100 }),
        get(`/exports/${project}-e1/reconciliation`),
      ])
      const made_in_sage = [{ code: '03-3000.S', original, changes: '0.00' }]
      expect(history.find(({ event }) => event === 'drift_acknowledged')).toMatchObject({
        detail: { file_posted, made_in_sage },
      })
      expect(json.observation.kind).toBe(kind)
    },
  )

  test.each([
    ['without the observation that it is about', undefined, 400, 'INVALID_INPUT'],
    ['about another observation', '2026-01-01T00:00:00.000Z', 412, 'CHANGED_MEANWHILE'],
  ] as const)(
    'is not acknowledged by a word whether the file was posted, %s',
    async (_, observed_at, status, code) => {
      const project = await postedOrNot(api())
      const before = await partsOf(project)
      const said = { part: 1, note: 'Owner change order 7.', file_posted: true, observed_at }
      const came = await say(project, 'acknowledge', said)
      expect(refused(came)).toEqual([status, problemType(code)])
      expect(await partsOf(project)).toEqual(before)
    },
  )

  test('is not acknowledged where there is none', async () => {
    const came = await say(await exportedProject(api()), 'acknowledge', { part: 1, note: 'x' })
    expect(refused(came)).toEqual([409, problemType('NOTHING_TO_CONFIRM')])
  })
})

test('an estimator may not touch an export', async () => {
  const project = await exportedProject(api())
  const came = await Promise.all(
    ['posted', 'rejects', 'close', 'retry', 'return', 'acknowledge'].map(
      async (what) => (await say(project, what, {}, ed)).status,
    ),
  )
  expect(new Set(came)).toEqual(new Set([403]))
})
