import { gzipSync } from 'node:zlib'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { html } from 'hono/html'
import { sageReportCsvHead, sageReportCsvRow } from '../../shared/budget-files/sage-report-csv.ts'
import { ProjectId, type ProjectKey } from '../../shared/domain/ids.ts'
import { Refused } from '../../shared/domain/refusal.ts'
import { listUnderWay, PlaceUnderWay, underWayOf } from '../../shared/exporting/list-under-way.ts'
import { type ReportOfJob, reportOfJob } from '../../shared/exporting/report-of-job.ts'
import { written } from '../../shared/http/answer.ts'
import {
  assertMay,
  type Caller,
  callerClaiming,
  companiesOf,
  rolesOf,
  whyMayNot,
} from '../../shared/http/caller.ts'
import { cursorOf, placeOf } from '../../shared/http/page.ts'
import { statusOf } from '../../shared/http/problem.ts'
import { notFound, segment } from '../../shared/http/request.ts'
import { makeLink } from '../../shared/mail/links.ts'
import { fromAnotherSite } from '../../shared/pages/form.ts'
import { messagePage, notFromHere, page, seeAgain } from '../../shared/pages/frame.ts'
import { boardPage } from './board-page.ts'
import { type BoardDependencies, boardDependencies } from './dependencies.ts'
import { jobPage } from './job-page.ts'
import { beginSignIn, finishSignIn, signedIn, signedOut, signOut } from './sign-in.ts'
import { style } from './style.ts'

type Answered = Promise<APIGatewayProxyStructuredResultV2>
type Page = (dependencies: BoardDependencies, event: APIGatewayProxyEventV2) => Answered

/** A request of somebody who is signed in and may see what accounting sees. */
interface Ask {
  readonly event: APIGatewayProxyEventV2
  readonly caller: Caller
  /** `?company=acme` for who belongs to several companies, to go with every address; else nothing. */
  readonly company: string
}

/** Exports and posting, and the report of each job: what the API tells accounting, as pages. */
export async function board(dependencies: BoardDependencies, event: APIGatewayProxyEventV2): Answered {
  const answer = pages[event.routeKey]
  if (!answer) throw new Error(`The board has no page ${event.routeKey}.`)
  return await answer(dependencies, event)
}

const behindSignIn =
  (show: (dependencies: BoardDependencies, ask: Ask) => Answered): Page =>
  async (dependencies, event) => {
    const claims = await signedIn(dependencies, event)
    if (!claims)
      return event.requestContext.http.method === 'GET'
        ? await beginSignIn(dependencies, event)
        : await sessionEnded()
    const { roleClaim, companies, logger } = dependencies
    const named = event.queryStringParameters?.['company']
    const own = companiesOf(claims, roleClaim)
    if (named === undefined && own.length > 1) return await chooseCompany(own)
    try {
      const caller = await callerClaiming(claims, named, roleClaim, companies)
      assertMay(caller, 'view_erp')
      return await show(dependencies, {
        event,
        caller,
        company: own.length > 1 ? `?company=${caller.company}` : '',
      })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { code, sentence, what_to_do } = error.refusal
      logger.info('refused', { code })
      return await messagePage(
        statusOf[code],
        titleOf(statusOf[code]),
        sentence,
        what_to_do,
        html`<a href="/board">Exports and posting</a> <a href="/board/sign_out">Sign out</a>`,
      )
    }
  }

const titleOf = (status: number): string => {
  if (status === 403) return 'Not for you'
  return status === 404 ? 'There is nothing here' : 'This cannot be shown'
}

/** A form may not lead to the issuer's pages: only a link does (`form-action`). */
const sessionEnded = async (): Answered =>
  await messagePage(401, 'Your sign-in has ended', html`<a href="/board">Sign in again</a>`)

const chooseCompany = async (companies: readonly string[]): Answered =>
  await messagePage(
    200,
    'Which company?',
    ...companies.map((company) => html`<a href="/board?company=${company}">${company}</a>`),
  )

const exportsAPage = 100

async function showBoard(dependencies: BoardDependencies, { event, caller, company }: Ask): Answered {
  const { store, companies, clock } = dependencies
  const cursor = event.queryStringParameters?.['cursor']
  const [{ exports, next }, sages] = await Promise.all([
    listUnderWay(store, caller.company, {
      limit: exportsAPage,
      from: cursor === undefined ? undefined : placeOf(cursor, PlaceUnderWay),
    }),
    companies.sageCompanies(caller.company),
  ])
  const shown = boardPage({
    exports,
    next: next && cursorOf(next),
    zones: new Map(sages.map(({ id, time_zone }) => [id, time_zone])),
    viewer: viewerOf(caller),
    company,
    at: clock.now(),
  })
  return await page(200, 'Exports and posting', shown, style)
}

const viewerOf = (caller: Caller) => ({
  name: caller.person?.name ?? '',
  roles: rolesOf(caller),
  mayPost: whyMayNot(caller, 'confirm_posted') === undefined,
})

const keyOf = ({ event, caller }: Ask): ProjectKey => ({
  company: caller.company,
  project: segment(event, 'project', ProjectId),
})

async function reportAsked(dependencies: BoardDependencies, ask: Ask): Promise<ReportOfJob> {
  const report = await reportOfJob(dependencies, keyOf(ask))
  if (!report) throw notFound('project')
  return report
}

async function showJob(dependencies: BoardDependencies, ask: Ask): Answered {
  const { store, companies, clock } = dependencies
  const { event, caller, company } = ask
  const report = await reportAsked(dependencies, ask)
  const { head, project } = report
  const [row, sage] = await Promise.all([
    underWayOf(store, head),
    project.job && companies.sageCompany(caller.company, project.job.sage_company),
  ])
  const shown = jobPage({
    report,
    row,
    timeZone: sage?.time_zone,
    viewer: viewerOf(caller),
    company,
    page: Number(event.queryStringParameters?.['page'] ?? 1),
    at: clock.now(),
  })
  return await page(200, `${project.name}: budget and Sage`, shown, style)
}

/** The whole file in one answer, however long the budget: packed, 50,000 codes are a megabyte. */
async function reportFile(dependencies: BoardDependencies, ask: Ask): Answered {
  const { rows, sums, project } = await reportAsked(dependencies, ask)
  const text = [sageReportCsvHead, ...rows.map(sageReportCsvRow), sageReportCsvRow(sums)].join('')
  return written({
    status: 200,
    type: 'text/csv; charset=utf-8',
    bytes: gzipSync(text),
    headers: {
      'content-encoding': 'gzip',
      'content-disposition': `attachment; filename="${project.project}-sage-report.csv"`,
    },
  })
}

/** The page that a poster's mail opens, for a poster who looks at the board instead: the link is his own, as the mail's is. */
async function openPosting(dependencies: BoardDependencies, ask: Ask): Answered {
  const { store, companies, clock, publicUrl } = dependencies
  const { event, caller } = ask
  if (fromAnotherSite(event)) return await notFromHere()
  assertMay(caller, 'confirm_posted')
  const key = keyOf(ask)
  const head = await store.head(key)
  if (head?.open_export === undefined || !caller.person) throw notFound('export')
  const link = await makeLink(companies, publicUrl, {
    kind: 'posting',
    ...key,
    person: caller.person.id,
    export: head.open_export,
    made_at: clock.now(),
  })
  return seeAgain(link.open())
}

/** By route. */
export const pages: Readonly<Record<string, Page>> = {
  'GET /board': behindSignIn(showBoard),
  'GET /board/jobs/{project}': behindSignIn(showJob),
  'GET /board/jobs/{project}/report.csv': behindSignIn(reportFile),
  'POST /board/jobs/{project}/posting': behindSignIn(openPosting),
  'GET /board/signed_in': finishSignIn,
  'GET /board/sign_out': signOut,
  'GET /board/signed_out': signedOut,
}

let dependencies: BoardDependencies | undefined

export const handler = async (event: APIGatewayProxyEventV2): Answered =>
  await board((dependencies ??= boardDependencies()), event)
