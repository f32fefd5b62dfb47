import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { mailCode } from '../../shared/approving/ask-approver.ts'
import { decideApproval } from '../../shared/approving/decide-approval.ts'
import { ReviewSheet } from '../../shared/approving/review-sheet.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { keyOfTask } from '../../shared/cycle/task.ts'
import type { Approval, Decision } from '../../shared/domain/approval.ts'
import type { AcceptChoice, RejectChoice } from '../../shared/domain/decide.ts'
import { mayAccept, mayReject } from '../../shared/domain/eligibility.ts'
import { dayIn } from '../../shared/domain/entry-date.ts'
import { type PersonId, ProjectId, type ProjectKey } from '../../shared/domain/ids.ts'
import { isRefusal, type Refusal, refusal, type RefusalCode, Refused } from '../../shared/domain/refusal.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { referenceHash } from '../../shared/mail/links.ts'
import { decidedFrom } from '../../shared/http/decided-from.ts'
import { choiceIn, formOf, fromAnotherSite, markMatches, pageMark } from '../../shared/pages/form.ts'
import { messagePage, page, seeAgain, unknownLink } from '../../shared/pages/frame.ts'
import { logAnswer, logIncomplete, notFromOurPage, notKnown } from '../../shared/pages/page-log.ts'
import type { Link } from '../../shared/store/company-store.ts'
import { choiceOf, nothingTyped, typedIn } from './choice.ts'
import { endedPage, subject } from './ended-page.ts'
import { type Review, reviewPage } from './review-page.ts'

type Answered = Promise<APIGatewayProxyStructuredResultV2>

interface Opened {
  readonly reference: Secret
  readonly key: ProjectKey
  readonly link: Link
  readonly of: { readonly version: number; readonly send: number; readonly step: number }
  /** Which page of the lines is asked for. */
  readonly pageNumber: number
}

/** The approver's mailed link: GET and HEAD show, POST decides. */
export async function review(dependencies: Dependencies, event: APIGatewayProxyEventV2): Answered {
  const opened = await open(dependencies, event)
  if (!opened) return await notKnown(dependencies, event)
  const answer =
    event.requestContext.http.method === 'POST'
      ? await decideHere(dependencies, opened, event)
      : await show(dependencies, opened)
  logAnswer(dependencies, event, opened.link, answer)
  return answer
}

async function open(
  { companies }: Dependencies,
  { pathParameters, queryStringParameters }: APIGatewayProxyEventV2,
): Promise<Opened | undefined> {
  const reference = new Secret(pathParameters?.['reference'] ?? '')
  const hash = referenceHash(reference)
  const link = hash && (await companies.link(hash))
  if (link?.kind !== 'review' || !link.approval) return undefined
  const key = keyOfTask({ company: link.company, project: ProjectId.parse(link.project) })
  const pageNumber = Number(queryStringParameters?.['page'] ?? '1')
  return {
    reference,
    key,
    link,
    of: link.approval,
    pageNumber: Number.isInteger(pageNumber) ? pageNumber : 1,
  }
}

const markFor = ({ reference }: Opened, approval: Approval): string =>
  pageMark(reference, approval.version_hash, approval.export_hash)

/** A form that is shown again with what was typed: it could not be recorded, or another page of lines was asked for. */
interface CameBack {
  readonly form: URLSearchParams
  readonly fault?: Refusal
  /** Whether a code was mailed at the wish of this form. */
  readonly code_mailed?: true
}

/** Everything the page shows, as stored; nothing is written. */
async function show(dependencies: Dependencies, opened: Opened, came?: CameBack | 'too late'): Answered {
  const { store, companies, objects, clock } = dependencies
  const { key, of, link, pageNumber } = opened
  const [head, approval, version, approvals, project, people] = await Promise.all([
    store.head(key),
    store.approval(key, of),
    store.version(key, of.version),
    store.approvals(key),
    store.project(key),
    companies.people(key.company),
  ])
  if (!head || !approval || !version) return await unknownLink()
  const nothing = came === undefined ? [] : ['Nothing was recorded.']
  const person = people.find(({ id, active }) => active && id === link.person)
  if (!person)
    return await messagePage(
      403,
      'Not yours any more',
      ...nothing,
      'You no longer decide for this company. Ask a company admin.',
    )
  const names = new Map<string, string>(people.map(({ id, name }) => [id, name]))
  const nameOf = (id: string): string => names.get(id) ?? id
  const at = clock.now()
  const sage = project?.job && (await companies.sageCompany(key.company, project.job.sage_company))
  const timeZone = sage?.time_zone
  const title = `${project?.name ?? 'Budget'}: budget version ${String(approval.version)}`
  const late = came === 'too late'
  const ended = await endedPage({ approval, head, person: person.id, at, nameOf, title, timeZone, late })
  if (ended) return ended
  const asking = { person, people, approval, at, timeZone }
  const notYours = mayReject(asking)
  if (notYours)
    return await messagePage(
      403,
      'Not yours any more',
      subject(title),
      ...nothing,
      notYours.sentence,
      notYours.what_to_do,
    )
  const back = late ? undefined : came
  const shown: Review = {
    approval,
    version,
    project,
    sheet: ReviewSheet.parse(await objects.getJson(key.company, approval.sheet)),
    earlier: approvals.filter(({ send }) => send < of.send),
    nameOf,
    timeZone,
    mark: markFor(opened, approval),
    typed: back ? typedIn(back.form) : nothingTyped(dayIn(timeZone ?? 'UTC', at)),
    pageNumber,
    mayNotAccept: mayAccept(asking),
    ...(back?.fault && { fault: back.fault }),
    codeMailed: back?.code_mailed === true,
  }
  return await page(statusFor(shown.fault), title, reviewPage(shown))
}

const statusFor = (fault: Refusal | undefined): number =>
  fault === undefined ? 200 : fault.code === 'NOT_ELIGIBLE' ? 403 : 422

async function decideHere(
  dependencies: Dependencies,
  opened: Opened,
  event: APIGatewayProxyEventV2,
): Answered {
  const posted = await formOf(event)
  if (!posted || fromAnotherSite(event))
    return await notFromOurPage(dependencies, opened.link, posted ? 'own origin' : 'form')
  if (isRefusal(posted))
    return await messagePage(413, 'Nothing was recorded', posted.sentence, posted.what_to_do)
  const form = posted.fields
  const mark = pageMark(opened.reference, form.get('version_hash') ?? '', form.get('export_hash') ?? '')
  if (!markMatches(form.get('mark'), mark))
    return await notFromOurPage(dependencies, opened.link, 'mark of the page')
  // Whatever was chosen so far is not recorded by turning the page.
  if (form.has('turn')) return await show(dependencies, opened, { form })
  if (choiceIn(form) === '') logIncomplete(dependencies, opened.link, 'choice')
  const { key, of, link } = opened
  try {
    if (form.has('mail_code')) {
      // A program that presses every button would mail the three codes of the hour.
      if (choiceIn(form) !== 'accept') return await show(dependencies, opened, { form, fault: noAccept })
      await mailCode(dependencies, key, of, link.person)
      return await show(dependencies, opened, { form, code_mailed: true })
    }
    const choice = choiceOf(form)
    if ('refused' in choice) return await show(dependencies, opened, { form, fault: choice })
    const answer = await decideApproval(
      dependencies,
      { request: event.requestContext.requestId },
      { key, of, person: link.person, choice, from: decidedFrom(event), near: link },
    )
    if (answer.decided === 'before' && !repeats(choice, link.person, answer.decision))
      return await show(dependencies, opened, 'too late')
  } catch (error) {
    if (error instanceof Refused) return await answerRefused(dependencies, opened, form, error.refusal)
    throw error
  }
  return seeAgain(`/review/${opened.reference.open()}`)
}

const noAccept = refusal(
  'INVALID_INPUT',
  'A code is only needed to accept.',
  'Choose accept first, then have the code mailed.',
)

/** Whether a form only says again what its sender had said: a button pressed twice, or a page sent again. */
function repeats(
  choice: AcceptChoice | RejectChoice,
  person: PersonId,
  decision: Decision | undefined,
): boolean {
  if (decision?.person !== person || decision.choice !== choice.choice) return false
  return choice.choice === 'accept'
    ? decision.entry_date === choice.entry_date
    : decision.reason === choice.reason.trim()
}

/** What is told on the form itself, and as a rule can be put right there. */
const onTheForm: ReadonlySet<RefusalCode> = new Set([
  'REASON_MISSING',
  'TICK_MISSING',
  'DATE_NOT_ALLOWED',
  'CODE_MISSING',
  'CODE_NOT_VALID',
  'TOO_MANY_MAILS',
  'INVALID_INPUT',
  'NOT_ELIGIBLE',
])

async function answerRefused(
  dependencies: Dependencies,
  opened: Opened,
  form: URLSearchParams,
  fault: Refusal,
): Answered {
  const { code, sentence, what_to_do } = fault
  if (onTheForm.has(code)) return await show(dependencies, opened, { form, fault })
  if (code === 'APPROVAL_ENDED' || code === 'NOT_SENT') return await show(dependencies, opened, 'too late')
  return await messagePage(409, 'Nothing was recorded', sentence, what_to_do)
}

export const handler = onLambda(review)
