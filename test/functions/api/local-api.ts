import { Logger } from '@aws-lambda-powertools/logger'
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { beforeAll } from 'vitest'
import type { SageDependencies } from '../../../functions/api/dependencies.ts'
import { createUploads } from '../../../functions/api/uploads.ts'
import type { Body } from './answer-body.ts'
import { type Call, eventOf } from './api-event.ts'
import { assertAsDescribed } from './as-described.ts'
import { createApi } from './create-api.ts'
import type { SageEvent } from '../../../shared/sage/sage-event.ts'
import { createBudgetStore } from '../../../shared/store/budget-table.ts'
import { createCompanyStore } from '../../../shared/store/company-table.ts'
import { OutboxRow } from '../../../shared/store/outbox.ts'
import { createObjects, type Objects } from '../../../shared/store/objects.ts'
import { createRows, type Rows } from '../../../shared/store/rows.ts'
import { settableClock } from '../../store/budgets.ts'
import type { LocalDatabase } from '../../store/local-database.ts'
import type { LocalBucket } from '../../store/local-bucket.ts'
import type { Tables } from '../../store/memory-database.ts'
import { useLocalBucket, useLocalDatabase, useMemoryDatabase } from '../../store/use-local.ts'

export interface Came {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body as JSON, where it is that. */
  readonly json: Body
  readonly text: string
  readonly bytes: Buffer
}

let keys = 0

/** A key that was never used before. */
export const idempotencyKey = (): string => `key-${String((keys += 1))}-${String(process.pid)}`

export const cameOf = ({
  statusCode,
  headers,
  body,
  isBase64Encoded,
}: APIGatewayProxyStructuredResultV2): Came => {
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8')
  const text = bytes.toString('utf8')
  const type = String(headers?.['content-type'] ?? '')
  return {
    status: statusCode ?? 0,
    headers: headers as Record<string, string>,
    json: (/json(;|$)/.test(type) ? JSON.parse(text) : undefined) as Body,
    text,
    bytes,
  }
}

export interface LocalApi extends SageDependencies {
  /** Where it is stored, for an API in another process. */
  readonly database: { readonly endpoint: string; readonly table: string }
  readonly bucket: LocalBucket
  readonly clock: ReturnType<typeof settableClock>
  /** The table itself, for what no command does. */
  readonly rows: Rows
  /** Reports that reached the inside queue. */
  readonly reports: SageEvent[]
  /** Mails that a project's commands have left for the relay: their kind and to whom. */
  readonly mails: (project: string) => Promise<readonly string[]>
  readonly call: (method: string, path: string, call?: Call) => Promise<Came>
  /** The same with a fresh Idempotency-Key. */
  readonly command: (path: string, call?: Call) => Promise<Came>
}

/** Where everything is stored. */
export interface Place {
  readonly document: LocalDatabase['document']
  readonly objects: Objects
}

/** Looks each person up once: for tests that ask thousands of times and change nobody. */
export function rememberingPeople(dependencies: SageDependencies): SageDependencies {
  const { companies } = dependencies
  const people = new Map<string, ReturnType<typeof companies.personOfSubject>>()
  return {
    ...dependencies,
    companies: {
      ...companies,
      async personOfSubject(company, subject) {
        const mark = `${company} ${subject}`
        const known = people.get(mark)
        if (known) return await known
        const found = companies.personOfSubject(company, subject)
        // Whoever is not there yet may still come.
        if (await found) people.set(mark, found)
        return await found
      },
    },
  }
}

type Over = (dependencies: SageDependencies) => SageDependencies
type Through = (place: Place) => Place
const asItIs = <T>(it: T): T => it

/** The API over a database and a bucket of this test file's own. */
export const useLocalApi = (over: Over = asItIs, through: Through = asItIs): (() => LocalApi) =>
  useApi(useLocalDatabase(), over, through)

/** The same over a database in this process, for tests whose subject is not the store. */
export const useMemoryApi = (): (() => LocalApi) => useApi(useMemoryDatabase(), asItIs, asItIs)

function useApi(
  database: () => Tables & Partial<Pick<LocalDatabase, 'endpoint'>>,
  over: Over,
  through: Through,
): () => LocalApi {
  const bucket = useLocalBucket()
  let made: LocalApi | undefined
  beforeAll(async () => {
    const { document, objects } = through({
      document: database().document,
      objects: createObjects(bucket()),
    })
    const table = await database().createTable()
    const clock = settableClock()
    const reports: SageEvent[] = []
    const rows = createRows({ document, table })
    const dependencies: SageDependencies = {
      store: createBudgetStore({ document, table, clock }),
      companies: createCompanyStore({ document, table, clock, objects }),
      objects,
      clock,
      roleClaim: 'cognito:groups',
      logger: new Logger({ logLevel: 'SILENT' }),
      report: async (event) => {
        reports.push(event)
        await Promise.resolve()
      },
      fileUrl: async (fileKey) => await Promise.resolve(`https://files.example/${fileKey}`),
      uploads: createUploads(bucket()),
    }
    const api = createApi(over(dependencies))
    const call: LocalApi['call'] = async (method, path, wanted = {}) => {
      const came = cameOf(await api(eventOf(method, path, wanted), {} as Context))
      assertAsDescribed(method, path, came)
      return came
    }
    made = {
      ...dependencies,
      database: { endpoint: database().endpoint ?? '', table },
      bucket: bucket(),
      clock,
      rows,
      reports,
      async mails(project) {
        const found = await rows.list(`C#acme#P#${project}`, { begins: 'OUTBOX#' })
        return found
          .map((row) => OutboxRow.parse(row).message)
          .flatMap((message) =>
            message.kind === 'mail' ? message.mail.to.map((to) => `${message.mail.mail} to ${to}`) : [],
          )
      },
      call,
      command: async (path, wanted = {}) =>
        await call('POST', path, {
          ...wanted,
          headers: { 'idempotency-key': idempotencyKey(), ...wanted.headers },
        }),
    }
  })
  return () => {
    if (!made) throw new Error('It is there from the first test on, not before')
    return made
  }
}
