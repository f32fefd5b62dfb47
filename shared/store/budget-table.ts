import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { Approval } from '../domain/approval.ts'
import { BudgetChange } from '../domain/budget-change.ts'
import { BudgetVersion, LastCommand, Project, stepUnderWay } from '../domain/budget-head.ts'
import type { Clock } from '../domain/clock.ts'
import { Editor } from '../domain/editor.ts'
import { BudgetExport, ExportPart } from '../domain/export.ts'
import { Instant, type ProjectKey } from '../domain/ids.ts'
import type { Pause } from './again.ts'
import type { BudgetStore } from './budget-store.ts'
import { commitTo } from './commit.ts'
import { decideOn } from './decide.ts'
import { decisionRowsOf, putCodeTo } from './decision-rows.ts'
import { headKey, readHead } from './head-row.ts'
import { headsOf } from './heads.ts'
import { HistoryBody } from './history.ts'
import { projectPk, projectSk } from './keys.ts'
import { createLineStore } from './line-store.ts'
import { LoggedMail } from './mail-log.ts'
import { OutboxRow } from './outbox.ts'
import { putWaitTo } from './put-wait.ts'
import { readBody } from './row-body.ts'
import { createRows, type Rows } from './rows.ts'
import { Signal, Wait } from './signals.ts'
import { verifyStoredHistory } from './verify-history.ts'

const Editors = z.strictObject({ editors: z.array(Editor), at: Instant })

/** The budgets of all projects in the one table. */
export function createBudgetStore(options: {
  document: DynamoDBDocumentClient
  table: string
  clock: Clock
  pause?: Pause
}): BudgetStore {
  const rows = createRows(options)
  const to = { rows, clock: options.clock }
  const store: BudgetStore = {
    ...readsOf(rows),
    ...createLineStore(rows),
    heads: async (company, page) => await headsOf(rows, company, page),
    commit: async (key, before, commit) => await commitTo(to, key, before, commit),
    decide: async (key, decide, asked) =>
      await decideOn(
        { rows, store },
        key,
        async () => ({ head: await store.head(key) }),
        ({ head }) => decide(head),
        asked,
      ),
    decideOver: async (key, read, decide, asked) => await decideOn({ rows, store }, key, read, decide, asked),
    decisionRows: async (key, asked) => await decisionRowsOf(rows, key, asked),
    putCode: async (key, of, person, code) => await putCodeTo(rows, key, of, person, code),
    putWait: async (key, wait, seen, reissue) => await putWaitTo(to, key, wait, seen, reissue),
  }
  return store
}

type Reads = Omit<
  BudgetStore,
  | 'heads'
  | 'commit'
  | 'decide'
  | 'decideOver'
  | 'decisionRows'
  | 'putCode'
  | 'putWait'
  | keyof ReturnType<typeof createLineStore>
>

function readsOf(rows: Rows): Reads {
  const one = async <T>(key: ProjectKey, sk: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const row = await rows.get({ pk: projectPk(key), sk })
    return row && readBody(schema, row)
  }
  const all = async <T>(key: ProjectKey, begins: string, schema: z.ZodType<T>): Promise<readonly T[]> =>
    (await rows.list(projectPk(key), { begins })).map((row) => readBody(schema, row))
  return {
    async head(key) {
      const row = await rows.get(headKey(key))
      return row && readHead(row)
    },
    project: async (key) => await one(key, projectSk.project, Project),
    async listed(heads) {
      const asked = heads.flatMap((head) =>
        [projectSk.project, projectSk.approval(stepUnderWay(head))].map((sk) => ({
          pk: projectPk(head),
          sk,
        })),
      )
      const found = await rows.getMany(asked)
      return heads.map((head, i) => {
        const [project, approval] = [found[2 * i], found[2 * i + 1]]
        return {
          head,
          project: project && readBody(Project, project),
          approval: approval && readBody(Approval, approval),
        }
      })
    },
    change: async (key, number) => await one(key, projectSk.change(number), BudgetChange),
    changes: async (key) => await all(key, projectSk.changes, BudgetChange),
    version: async (key, number) => await one(key, projectSk.version(number), BudgetVersion),
    async versions(key, between) {
      if (!between) return await all(key, projectSk.versions, BudgetVersion)
      const sort = { from: projectSk.version(between.from), to: projectSk.version(between.to) }
      return (await rows.list(projectPk(key), sort)).map((row) => readBody(BudgetVersion, row))
    },
    approval: async (key, of) => await one(key, projectSk.approval(of), Approval),
    approvals: async (key) => await all(key, projectSk.approvals, Approval),
    mails: async (key) => await all(key, projectSk.mails, LoggedMail),
    export: async (key, number) => await one(key, projectSk.export(number), BudgetExport),
    async exports(key) {
      const found = await rows.list(projectPk(key), { begins: projectSk.exports })
      return found.filter(({ sk }) => !projectSk.isPart(sk)).map((row) => readBody(BudgetExport, row))
    },
    parts: async (key, exportNumber) => await all(key, projectSk.parts(exportNumber), ExportPart),
    lastCommand: async (key) => await one(key, projectSk.lastCommand, LastCommand),
    editors: async (key) => (await one(key, projectSk.editors, Editors))?.editors ?? [],
    signals: async (key, cycle) => await all(key, projectSk.signals(cycle), Signal),
    signal: async (key, cycle, n) => await one(key, projectSk.signal(cycle, n), Signal),
    wait: async (key, cycle) => await one(key, projectSk.wait(cycle), Wait),
    async undelivered(key) {
      const found = await rows.list(projectPk(key), { begins: projectSk.undelivered })
      return found.map((row) => OutboxRow.parse(row))
    },
    async history(key, { after = 0, limit }) {
      const sort = { from: projectSk.history(after + 1), to: projectSk.history(999_999_999) }
      const found = await rows.list(projectPk(key), sort, limit)
      return found.map((row) => readBody(HistoryBody, row))
    },
    verifyHistory: async (key, head, page) => await verifyStoredHistory(rows, key, head, page),
  }
}
