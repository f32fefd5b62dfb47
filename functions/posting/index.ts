import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { keyOfTask } from '../../shared/cycle/task.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { ExportPart } from '../../shared/domain/export.ts'
import { ProjectId, type ProjectKey } from '../../shared/domain/ids.ts'
import { oldestReading } from '../../shared/domain/master-data-lists.ts'
import { mayDo } from '../../shared/domain/roles.ts'
import { isRefusal, Refused } from '../../shared/domain/refusal.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { mayDownload } from '../../shared/exporting/part-file.ts'
import { storedExport, type StoredExport } from '../../shared/exporting/under-way.ts'
import { largestFile } from '../../shared/http/request.ts'
import { referenceHash } from '../../shared/mail/links.ts'
import { choiceIn, formOf, fromAnotherSite, markMatches, pageMark } from '../../shared/pages/form.ts'
import { messagePage, notFromHere, page, seeAgain, unknownLink } from '../../shared/pages/frame.ts'
import { logAnswer, logIncomplete, notFromOurPage, notKnown } from '../../shared/pages/page-log.ts'
import type { Link } from '../../shared/store/company-store.ts'
import { Altered } from '../../shared/store/errors.ts'
import { postingPage } from './posting-page.ts'
import { report } from './report.ts'

type Answered = Promise<APIGatewayProxyStructuredResultV2>

interface Opened extends StoredExport {
  readonly reference: Secret
  readonly key: ProjectKey
  readonly link: Link
  readonly head: BudgetHead
}

/** The poster's mailed link: what is due in Sage, its file, and a form that says what became of it. */
export async function posting(dependencies: Dependencies, event: APIGatewayProxyEventV2): Answered {
  const opened = await open(dependencies, new Secret(event.pathParameters?.['reference'] ?? ''))
  if (!opened) return await notKnown(dependencies, event)
  const person = await dependencies.companies.person(opened.key.company, opened.link.person)
  if (!person?.active || isRefusal(mayDo(person, 'confirm_posted')))
    return await messagePage(
      403,
      'Not yours any more',
      'You no longer post for this company. Ask a company admin.',
    )
  const answer = await answerTo(dependencies, opened, event)
  logAnswer(dependencies, event, opened.link, answer)
  return answer
}

async function answerTo(dependencies: Dependencies, opened: Opened, event: APIGatewayProxyEventV2): Answered {
  const part = event.pathParameters?.['part']
  if (part !== undefined) return await file(dependencies, opened, Number(part))
  return event.requestContext.http.method === 'POST'
    ? await take(dependencies, opened, event)
    : await show(dependencies, opened)
}

async function open(
  { companies, store }: Pick<Dependencies, 'companies' | 'store'>,
  reference: Secret,
): Promise<Opened | undefined> {
  const hash = referenceHash(reference)
  const link = hash && (await companies.link(hash))
  if (link?.kind !== 'posting' || link.export === undefined) return undefined
  const key = keyOfTask({ company: link.company, project: ProjectId.parse(link.project) })
  const [head, found] = await Promise.all([store.head(key), storedExport(store, key, link.export)])
  return head && !isRefusal(found) ? { reference, key, link, head, ...found } : undefined
}

// As large as a function is handed: the reject file of some 40,000 lines.
const longestReport = largestFile

const currentPart = ({ open: { current_part }, parts }: StoredExport) =>
  parts.find(({ part }) => part === current_part)

/** Of what was seen, too: an answer to one movement acknowledges no other. */
const markFor = (opened: Opened): string => {
  const { id, current_part, attempt } = opened.open
  const seen = currentPart(opened)?.observation
  const drift = seen?.kind === 'drift' ? [seen.at] : []
  return pageMark(opened.reference, id, String(current_part), String(attempt), ...drift)
}

async function show(
  { store, companies, clock }: Dependencies,
  opened: Opened,
  fault?: string,
  given?: URLSearchParams,
): Answered {
  const { company } = opened.key
  const { sage_company, job } = opened.open
  const [project, sage, master, totalsReadAt] = await Promise.all([
    store.project(opened.key),
    companies.sageCompany(company, sage_company),
    companies.masterData(company, sage_company),
    companies.totalsReadAt(company, sage_company, job),
  ])
  const current = currentPart(opened)
  const shown = {
    project,
    export: opened.open,
    parts: opened.parts,
    reference: opened.reference,
    mark: markFor(opened),
    timeZone: sage?.time_zone,
    now: clock.now(),
    listsReadAt: master && oldestReading(master.data).as_of,
    totalsReadAt,
    alive: current !== undefined && mayDownload(opened.head, opened.open, current) === undefined,
    ...(fault === undefined ? {} : { fault, given }),
  }
  return await page(fault === undefined ? 200 : 422, `Post in Sage: ${opened.open.id}`, postingPage(shown))
}

async function take(dependencies: Dependencies, opened: Opened, event: APIGatewayProxyEventV2): Answered {
  const form = await formOf(event, longestReport)
  if (!form || fromAnotherSite(event))
    return await notFromOurPage(dependencies, opened.link, form ? 'own origin' : 'form')
  const part = currentPart(opened)
  if (!part) return await notFromHere()
  if (isRefusal(form)) return await messagePage(413, 'Nothing was recorded', form.sentence, form.what_to_do)
  if (!markMatches(form.fields.get('mark'), markFor(opened))) {
    logIncomplete(dependencies, opened.link, 'mark of the page')
    return await show(dependencies, opened, 'This page was out of date. Look at it again.')
  }
  if (choiceIn(form.fields) === '') logIncomplete(dependencies, opened.link, 'choice')
  try {
    const { key, link, open: of, parts } = opened
    const who = { by: link.person, request: event.requestContext.requestId }
    await report(dependencies, who, { key, export: of, parts, part }, form)
  } catch (error) {
    if (error instanceof Refused)
      return await show(
        dependencies,
        opened,
        `${error.refusal.sentence} ${error.refusal.what_to_do}`,
        form.fields,
      )
    throw error
  }
  return seeAgain(`/posting/${opened.reference.open()}`)
}

/** The file stays behind the page: it goes out while it may be imported, and its hash is checked on the way. */
async function file(dependencies: Dependencies, opened: Opened, number: number): Answered {
  const { head, open: of, parts } = opened
  const part = parts.find((each) => each.part === number)
  if (!part) return await unknownLink()
  const refused = mayDownload(head, of, part)
  if (refused) return await messagePage(409, 'Do not import this file', refused.sentence, refused.what_to_do)
  const bytes = await storedFile(dependencies, opened, part)
  if (!bytes)
    return await messagePage(
      409,
      'Do not import this file',
      `File ${String(part.part)} is not stored any more as it was accepted, so it is not handed out.`,
      'Tell an operator. If nothing of it was imported, go back and say that the import was given up; the budget is then sent again.',
    )
  return {
    statusCode: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${part.file_name}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
    body: Buffer.from(bytes).toString('base64'),
    isBase64Encoded: true,
  }
}

/** The bytes of a part as they were accepted; undefined, and told in the log, when they are gone or altered. */
async function storedFile(
  { objects, logger: log }: Dependencies,
  { key, open: of }: Opened,
  { part, file_key, file_sha256 }: ExportPart,
): Promise<Uint8Array | undefined> {
  try {
    return await objects.getFile(file_key, file_sha256)
  } catch (error) {
    if (!(error instanceof Altered)) throw error
    log.error('stored data altered', { ...key, export: of.id, part, error: error.message })
    return undefined
  }
}

export const handler = onLambda(posting)
