import { ExportMessage } from '../../shared/domain/export.ts'
import { cents, formatCents } from '../../shared/domain/cents.ts'
import { PersonId } from '../../shared/domain/ids.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import type { Role } from '../../shared/domain/person.ts'
import {
  amounts,
  approval,
  changedLines,
  clinic,
  clinicLines,
  concrete,
  head,
  key,
  labor,
  masterData,
  type Moved,
} from '../statemachines/cycle/clinic.ts'
import { days, second } from '../statemachines/cycle/days.ts'
import { secondApprover, twoSteps } from '../statemachines/cycle/scenarios.ts'
import type { Office } from './office.ts'

/** One thing that somebody does; the workflow is not told yet, and mails are not sent. */
export type Act = (office: Office) => Promise<void>

/** Acts by what they are, in order. Names are kept in recordings: an act may be mended, not renamed or moved. */
export type Way = readonly (readonly [name: string, act: Act])[]

const codeOf = ({ code }: LineItem) => ({
  ...(code.sub_job !== '' && { sub_job: code.sub_job }),
  cost_code: code.cost_code,
  cost_type: code.cost_type,
})

const asks =
  (as: string, role: Role, path: string, body?: unknown): Act =>
  async (office) => {
    await office.ask({ method: 'POST', path, as, role, ...(body !== undefined && { body }) })
  }

const command = (name: 'lock' | 'send' | 'retrieve'): readonly [string, Act] => [
  name,
  asks('paula', 'project_manager', `/projects/clinic/budget/${name}`),
]
const [lock, send, retrieve] = [command('lock'), command('send'), command('retrieve')]

const acceptBy =
  (person: string): Act =>
  async (office) => {
    const { ticks } = await approval(office.machine)
    await office.decideByLink(person, [['choice', 'accept'], ...ticks.map((tick) => ['tick', tick] as const)])
  }
const rejectBy =
  (person: string): Act =>
  async (office) => {
    await office.decideByLink(person, [
      ['choice', 'reject'],
      ['reason', 'Concrete is too low'],
    ])
  }
const accept = ['accept', acceptBy('anna')] as const
const reject = ['reject', rejectBy('anna')] as const

/** What the agent does with the last message of the queue. */
const told =
  (report: (message: ExportMessage) => readonly [path: string, body: object]): Act =>
  async (office) => {
    const message = ExportMessage.parse(JSON.parse(office.machine.messages.at(-1)?.MessageBody ?? ''))
    const { exportId, attempt, parts } = message
    const [path, body] = report(message)
    const about = { part: parts[0].part, attempt }
    await asks('agent', 'connector', `/exports/${exportId}/claim`, about)(office)
    await asks('agent', 'connector', `/exports/${exportId}/${path}`, { ...about, ...body })(office)
  }
const receipt = [
  'receipt',
  told(({ parts: [{ sha256 }] }) => ['receipt', { sha256, where: 'NORTHWIND' }]),
] as const
const failure = [
  'failure',
  told(() => ['failure', { messages: ['The share is gone.'], nothing_written: true }]),
] as const

/** The agent has read Sage's totals. */
const reads = (rows: readonly Moved[]): Act => {
  const totals = rows.map(([extra, cost_code, category, original, changes]) => ({
    ...(extra !== '' && { extra }),
    cost_code,
    category,
    original: formatCents(cents(original)),
    changes: formatCents(cents(changes)),
  }))
  return async (office) => {
    await office.ask({
      method: 'PUT',
      path: '/erp/master_data/nw-main/totals/24-1007',
      as: 'agent',
      role: 'connector',
      body: { as_of: office.machine.clock.now(), totals },
    })
  }
}

/** What a person of accounting says of the open export, or of the last one. */
const ofExport =
  (as: string, role: Role, name: string, body?: (office: Office) => Promise<object>): Act =>
  async (office) => {
    const { open_export, export: last } = await head(office.machine)
    const path = `/exports/clinic-e${String(open_export ?? last + 1)}/${name}`
    await asks(as, role, path, await body?.(office))(office)
  }
const duePart = async ({ machine }: Office) => {
  const number = (await head(machine)).open_export ?? 0
  return { part: (await machine.store.export(key, number))?.current_part }
}
const poster = ['peter', 'accounting_poster'] as const
const approver = ['anna', 'accounting_approver'] as const
const posted = ['posted', ofExport(...poster, 'posted', duePart)] as const
const rejects = (...lines: readonly LineItem[]): Act =>
  ofExport(...poster, 'rejects', async (office) => ({
    ...(await duePart(office)),
    lines: lines.map(codeOf),
  }))
const close = ofExport(
  ...poster,
  'close',
  async () =>
    await Promise.resolve({
      reason: 'The import was given up.',
      others: { outcome: 'rejected' },
      entries: [{ part: 1, ...codeOf(labor), outcome: 'taken' }],
    }),
)
const retry = ['retry', ofExport(...approver, 'retry')] as const
const giveBack = ofExport(...approver, 'return', async () => await Promise.resolve({ reason: 'Wrong job.' }))

const restart = [
  'restart',
  asks('otto', 'operator', '/ops/budgets/clinic/restart', { reason: 'Stopped by mistake.' }),
] as const

const unlock = ['unlock', asks('bob', 'budget_admin', '/projects/clinic/budget/unlock')] as const

/** The estimator writes another amount into the line of concrete. */
const edit =
  (amount: string): Act =>
  async (office) => {
    const { revision } = await head(office.machine)
    await office.ask({
      method: 'PATCH',
      path: '/projects/clinic/budget/line_items',
      as: 'ed',
      role: 'estimator',
      match: `"${String(revision)}"`,
      body: { upserts: [{ ...codeOf(concrete), original_budget_amount: amount }] },
    })
  }

const changes: Way = [
  [
    'change made',
    asks('paula', 'project_manager', '/projects/clinic/budget_changes', {
      title: 'More concrete',
      adjustment_line_items: [{ ...codeOf(concrete), amount: '15000.00' }],
    }),
  ],
  [
    'change approved',
    async (office) => {
      const { revision } = await head(office.machine)
      await office.ask({
        method: 'POST',
        path: '/projects/clinic/budget_changes/1/approve',
        as: 'paula',
        role: 'project_manager',
        match: `"${String(revision)}"`,
      })
    },
  ],
]

const pass = (ms: number, name = `${String(ms / days(1))} days pass`): readonly [string, Act] => [
  name,
  async ({ machine }) => {
    await machine.pass(ms)
  },
]

const setUp = (lines: readonly LineItem[]): readonly [string, Act] => [
  'set up',
  async ({ machine }) => {
    await clinic(machine, lines)
    for (const [id, role] of [
      ['ed', 'estimator'],
      ['bob', 'budget_admin'],
    ] as const)
      await machine.companies.putPerson(
        key.company,
        {
          id: PersonId.parse(id),
          name: id,
          email: `${id}@example.com`,
          subjects: [`sub-${id}`],
          roles: [role],
          active: true,
        },
        'system',
      )
  },
]

const sent: Way = [setUp(clinicLines), lock, send]
const newLists =
  (categories?: string[]): Act =>
  async ({ machine }) => {
    await masterData(machine, categories)
  }

/** Ways that together come to every wait, and end. */
export const ways: Readonly<Record<string, Way>> = {
  'two-parts-corrected-then-a-change': [
    setUp(changedLines),
    lock,
    send,
    accept,
    receipt,
    ['first part read', reads(amounts(changedLines))],
    receipt,
    ['lines rejected', rejects(changedLines[1]!)],
    receipt,
    posted,
    ...changes,
    send,
    accept,
    receipt,
    posted,
  ],
  'rejected-retrieved-expired': [
    ...sent,
    reject,
    ['edit', edit('330000.00')],
    lock,
    send,
    retrieve,
    send,
    pass(days(31)),
    ['new lists', newLists()],
    send,
    accept,
    receipt,
    posted,
    unlock,
  ],
  'failed-overdue-observed-closed': [
    ...sent,
    ['fewer lists', newLists(['L'])],
    accept,
    ['new lists', newLists()],
    retry,
    failure,
    retry,
    pass(days(1.5)),
    receipt,
    ['twice in Sage', reads(amounts(clinicLines, 2))],
    ['one line in Sage', reads(amounts([labor]))],
    pass(days(3.5)),
    ['close', close],
  ],
  'failed-and-returned': [...sent, accept, failure, ['return', giveBack], lock],
  restarted: [setUp(clinicLines), lock, restart, send, restart, accept, restart, receipt, restart, posted],
  'two-steps': [
    setUp(clinicLines),
    ['two steps', async ({ machine }) => await twoSteps(machine)],
    lock,
    send,
    accept,
    ['reject by the second', rejectBy(secondApprover)],
  ],
  'day-300': [
    setUp(clinicLines),
    lock,
    pass(days(299)),
    ['new lists', newLists()],
    send,
    pass(days(1) + 5 * second, 'day 300 comes'),
    accept,
    receipt,
    posted,
  ],
  'parked-with-accounting': [
    setUp(clinicLines),
    lock,
    pass(days(299)),
    ['new lists', newLists()],
    send,
    accept,
    receipt,
    pass(days(2)),
    ['read', reads(amounts(clinicLines))],
  ],
}
