import { beforeAll, describe, expect, test } from 'vitest'
import { type ApprovalPolicy, defaultPolicy } from '../../../shared/domain/approval.ts'
import { Instant, PersonId } from '../../../shared/domain/ids.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { runs } from '../../runs.ts'
import { acme, ada, ann, bob, mia, personOf, setUpAcme } from './acme.ts'
import { directed, interleaved, type Pause } from './interleaved.ts'
import type { SignIn } from './api-event.ts'
import { type Came, idempotencyKey, useLocalApi } from './local-api.ts'
import { putBack } from './put-back.ts'
import { keyOf, lockedProject, send, shownOf, step } from './workflow-by-hand.ts'

// Two who want something of one sent budget at the same moment, in every order of their calls of the database that one
// interruption can make: one outcome, and everybody is told what came to be.

const api = useLocalApi()
const amy: SignIn = { sub: 'sub-amy', groups: ['acme:accounting_approver'] }
const putApprover = async (name: string): Promise<unknown> =>
  await api().companies.putPerson(acme, personOf(name, ['accounting_approver']), 'system')

beforeAll(async () => {
  await setUpAcme(api())
  for (const name of ['amy', 'ben']) await putApprover(name)
  directed(api())
})

/** Sent, and waiting for one accept of Ann's or Amy's. */
const sentToTwo = putBack(async () => {
  const approvers = ['ann', 'amy'].map((name) => PersonId.parse(name))
  const steps = [{ name: 'Accounting', approvers, accepts: 1 }]
  await api().companies.putPolicy(acme, { ...defaultPolicy, steps } satisfies ApprovalPolicy, 'system')
  const project = await lockedProject(api())
  await send(api(), project)
  return project
})

interface Contest {
  readonly project: string
  /** What Ann repeats of what she was shown. */
  readonly shown: object
  /** Revision of the company. */
  readonly etag: string
}

const decide = async (project: string, as: SignIn, body: object): Promise<Came> =>
  await api().command(`/erp/budgets/${project}/decision`, { as, body })
const ask = async (project: string, command: string, as: SignIn, body?: object): Promise<Came> =>
  await api().command(`/projects/${project}/budget/${command}`, { as, ...(body && { body }) })

/** When the approval is over; the clock of everybody else stands before it. */
const lastMoment = Instant.parse('2026-12-22T19:38:31.000Z')

const actors = {
  accept: async ({ project, shown }) => await decide(project, ann, { choice: 'accept', ...shown }),
  reject: async ({ project }) => await decide(project, amy, { choice: 'reject', reason: 'Too dear.' }),
  retrieve: async ({ project }) => await ask(project, 'retrieve', mia),
  async expire({ project }) {
    await step(
      { ...api(), clock: { ...api().clock, now: () => lastMoment } },
      project,
      'closeOrContinue',
      'time is up',
    )
    return undefined
  },
  reassign: async ({ project }) => await ask(project, 'reassign', ada, { from: 'ann', to: 'ben' }),
  async deactivate({ etag }) {
    const { id: _, ...person } = personOf('ann', ['accounting_approver'])
    return await api().call('PUT', '/company/people/ann', {
      as: ada,
      body: { ...person, active: false },
      headers: { 'if-match': etag, 'idempotency-key': idempotencyKey() },
    })
  },
  unlock: async ({ project }) => await ask(project, 'unlock', bob),
} satisfies Record<string, (contest: Contest) => Promise<Came | undefined>>

type Name = keyof typeof actors
const names = Object.keys(actors) as Name[]

const endOf: Partial<Record<Name, string>> = {
  accept: 'accepted',
  reject: 'rejected',
  retrieve: 'retrieved',
  expire: 'expired',
}
/** What the workflow is told of an end. */
const signalled: Readonly<Record<string, string>> = { retrieve: 'retrieved' }
const inWords: Readonly<Record<string, string>> = {
  accepted: 'accepted',
  rejected: 'rejected',
  retrieved: 'retrieved by the project',
  expired: 'not decided in time',
}

async function contest(first: Name, second: Name, pause: Pause) {
  const project = await sentToTwo(api())
  await putApprover('ann')
  const shown = await shownOf(api(), project)
  const etag = (await api().call('GET', '/company/policy', { as: ada })).headers['etag'] ?? ''
  const came: Partial<Record<Name, Came>> = {}
  const run = (name: Name) => async (): Promise<void> => {
    const answer = await actors[name]({ project, shown, etag })
    if (answer) came[name] = answer
  }
  const paused = await interleaved(run(first), run(second), pause)
  const key = keyOf(project)
  const [approval] = await api().store.approvals(key)
  const { cycle } = (await api().store.head(key))!
  const signals = (await api().store.signals(key, cycle))
    .map(({ kind }) => signalled[kind] ?? kind)
    .filter((kind) => kind !== 'send')
  return { paused, came, approval: approval!, signals }
}

type Contested = Awaited<ReturnType<typeof contest>>

const didIt = (name: Name, { came, approval }: Contested): boolean =>
  name === 'expire' ? approval.outcome === 'expired' : (came[name]?.status ?? 0) < 300

/** Whether a refusal says what is so. */
function isTrue({ json, text }: Came, { approval }: Contested, other: Name | undefined): boolean {
  switch (json.type) {
    case problemType('APPROVAL_ENDED'):
      return text.includes(`The approval has ended: ${inWords[approval.outcome ?? ''] ?? 'never'}.`)
    case problemType('NOT_ELIGIBLE'):
      return other === 'reassign' || other === 'deactivate'
    case problemType('NOT_ALLOWED'):
      return other === 'deactivate'
    case problemType('COMMAND_PENDING'):
      return other === 'retrieve'
    default:
      return json.type === problemType('WITH_ACCOUNTING') && other !== undefined
  }
}

function assertOneOutcome(pair: readonly Name[], contested: Contested): void {
  const { paused, approval, signals, came } = contested
  const did = pair.filter((name) => didIt(name, contested))
  const ends = did.flatMap((name) => endOf[name] ?? [])
  expect(ends).toEqual(approval.outcome === undefined ? [] : [approval.outcome])
  expect(signals).toEqual(approval.outcome === 'expired' ? [] : ends)
  const refused = pair.filter((name) => came[name] && !did.includes(name))
  expect(
    refused.filter((name) => !isTrue(came[name]!, contested, did[0])).map((name) => came[name]?.text),
  ).toEqual([])
  expect(did.includes('unlock')).toBe(false)
  // Nobody decides once it is confirmed to another that it is not theirs any more.
  const [first, second] = pair
  const taken = paused && first === 'accept' && (second === 'reassign' || second === 'deactivate')
  expect(taken && did.includes('accept')).toBe(false)
}

const pairs = names.flatMap((first) =>
  names.flatMap((second): [Name, Name][] => (first === second ? [] : [[first, second]])),
)

// The moment before the write is the one that matters most; LONG interrupts at every call, until long after
// each has written.
const pauses: readonly Pause[] = [
  'before it writes',
  ...Array.from({ length: runs(0, 24) }, (_, calls) => ({ calls })),
]

describe.each(pauses)('one comes in between: %j', (pause) => {
  test.each(pairs)('%s, with %s in between', async (first, second) => {
    assertOneOutcome([first, second], await contest(first, second, pause))
  })
})
