import { randomUUID } from 'node:crypto'
import { askApi, requestEvent, type Request } from './api-request.ts'
import type { mailedLink } from './mailed-link.ts'
import { approver, exporting, key, manager, poster } from '../test/statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../test/statemachines/cycle/machine.ts'
import { review } from '../functions/review/index.ts'
import type { Dependencies } from '../shared/cycle/dependencies.ts'
import type { PersonId, ProjectKey } from '../shared/domain/ids.ts'
import type { Role } from '../shared/domain/person.ts'

// The clinic's people, who act as people do: by the API under a key of its own for each request, and by the mailed link.

const signedIn = (id: PersonId, role: Role) => ({ sub: `sub-${id}`, groups: [`${key.company}:${role}`] })
export type SignedIn = ReturnType<typeof signedIn>

export const paula = signedIn(manager, 'project_manager')
export const anna = signedIn(approver, 'accounting_approver')
const peter = signedIn(poster, 'accounting_poster')

/** A request that the API must take. */
export async function ask(
  dependencies: Dependencies,
  who: SignedIn,
  { headers, ...asked }: Request,
): Promise<string> {
  const request = { ...asked, headers: { 'idempotency-key': randomUUID(), ...headers } }
  const { statusCode = 0, body = '' } = await askApi(dependencies, who, request)
  if (statusCode >= 300) throw new Error(`${asked.path}: ${String(statusCode)} ${body}`)
  return body
}

/** The project's side commands; the workflow is not told yet. */
export async function askFor(
  dependencies: Dependencies,
  name: 'lock' | 'send',
  { project }: ProjectKey = key,
): Promise<void> {
  await ask(dependencies, paula, { method: 'POST', path: `/projects/${project}/budget/${name}` })
}

/** The form of a mailed link is sent; the workflow is not told yet. */
export async function acceptBy(
  dependencies: Dependencies,
  { path, reference, form }: Awaited<ReturnType<typeof mailedLink>>,
): Promise<void> {
  const event = requestEvent({ method: 'POST', path, parameters: { reference }, ...form })
  const { statusCode } = await review(dependencies, event)
  if (statusCode !== 303) throw new Error(`Not recorded: ${String(statusCode)}`)
}

/** A poster says that the current file is posted; the workflow is not told yet. */
export async function declarePosted(machine: CycleMachine): Promise<void> {
  const { open, part } = await exporting(machine)
  await ask(machine, peter, {
    method: 'POST',
    path: `/exports/${open.id}/posted`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ part: part.part }),
  })
}
