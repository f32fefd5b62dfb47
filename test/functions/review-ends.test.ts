import { expect, test } from 'vitest'
import { review } from '../../functions/review/index.ts'
import { reassignApproval } from '../../shared/approving/ask-approver.ts'
import { defaultPolicy, type PolicyStep } from '../../shared/domain/approval.ts'
import { type PersonId, PersonId as personId } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import { clinicOn } from '../statemachines/cycle/carried.ts'
import {
  accept,
  approval,
  approver,
  command,
  declare,
  key,
  manager,
  receipt,
  reject,
} from '../statemachines/cycle/clinic.ts'
import { days, second } from '../statemachines/cycle/days.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'
import { everyRow, filled, guarded, pageEvent, referenceTo } from './page-event.ts'

// Every end of an approval has its page, by GET; and a form that was filled in before it is told that it came late.

const database = useMemoryDatabase()
const bert = personId.parse('bert')
const cora = personId.parse('cora')

const approving = (id: PersonId, name: string): Person => ({
  id,
  name,
  email: `${id}@example.com`,
  subjects: [`sub-${id}`],
  roles: ['accounting_approver'],
  active: true,
})

const step = (name: string, accepts: number, ...approvers: PersonId[]): PolicyStep => ({
  name,
  approvers,
  accepts,
})
const twoSteps = [step('Accounting', 1, approver, bert), step('Controller', 1, cora)]
const twoAccepts = [step('Accounting', 2)]

async function sentUnder(steps: readonly PolicyStep[] = defaultPolicy.steps): Promise<CycleMachine> {
  const machine = await clinicOn(database())
  for (const person of [approving(bert, 'Bert'), approving(cora, 'Cora')])
    await machine.companies.putPerson(key.company, person, 'system')
  await machine.companies.putPolicy(key.company, { ...defaultPolicy, steps: [...steps] }, 'system')
  await command(machine, 'lock')
  await command(machine, 'send')
  return machine
}

async function changed(machine: CycleMachine, id: PersonId, to: Partial<Person>): Promise<void> {
  const person = await machine.companies.person(key.company, id)
  await machine.companies.putPerson(key.company, { ...person!, ...to }, 'system')
}

async function sentAgain(machine: CycleMachine): Promise<void> {
  await command(machine, 'lock')
  await command(machine, 'send')
}

interface End {
  readonly steps?: readonly PolicyStep[]
  readonly end: (machine: CycleMachine) => Promise<void>
  readonly status: number
  readonly says: readonly string[]
  /** What a form is told that comes after; what the page says without one, where it is the same. */
  readonly late: string
}

const second2 = 'Your second answer was not recorded.'
const tooLate = 'Your answer came after that, and was not recorded.'

const ends: Readonly<Record<string, End>> = {
  'accepted by you': {
    end: async (machine) => {
      await accept(machine)
    },
    status: 200,
    says: ['You accepted this budget', 'The budget is exported to Sage now'],
    late: 'You accepted this budget',
  },
  'accepted by you, and posted since': {
    end: async (machine) => {
      await accept(machine)
      await receipt(machine)
      await declare(machine)
    },
    status: 200,
    says: ['You accepted this budget', 'By now: Posted in Sage.'],
    late: 'You accepted this budget',
  },
  'rejected by you': {
    end: async (machine) => {
      await reject(machine)
    },
    status: 200,
    says: ['You rejected this budget', 'went back to the project, unlocked'],
    late: second2,
  },
  'rejected by you, and sent again since': {
    end: async (machine) => {
      await reject(machine)
      await sentAgain(machine)
    },
    status: 200,
    says: ['You rejected this budget', 'Use the link in the newest mail.'],
    late: second2,
  },
  'accepted by another': {
    end: async (machine) => {
      await accept(machine, bert)
    },
    status: 200,
    says: ['Already accepted', 'Bert accepted this budget on 5 January 2026', 'dated 5 January 2026 in Sage'],
    late: tooLate,
  },
  'rejected by another': {
    end: async (machine) => {
      await reject(machine, 'No', bert)
    },
    status: 200,
    says: ['Already rejected', 'Bert rejected this budget', 'The budget went back to the project, unlocked.'],
    late: tooLate,
  },
  'accepted by you, one more approver needed': {
    steps: twoAccepts,
    end: async (machine) => {
      await accept(machine)
    },
    status: 200,
    says: ['You accepted this budget', 'It needs one more approver.'],
    late: 'You accepted this budget',
  },
  'accepted by you, then rejected by another': {
    steps: twoAccepts,
    end: async (machine) => {
      await accept(machine)
      await reject(machine, 'No', bert)
    },
    status: 200,
    says: ['You accepted this budget', 'Bert rejected it on 5 January 2026'],
    late: 'You accepted this budget',
  },
  'accepted by you, then taken back': {
    steps: twoAccepts,
    end: async (machine) => {
      await accept(machine)
      await command(machine, 'retrieve')
    },
    status: 200,
    says: ['You accepted this budget', 'The project took this budget back on 5 January 2026'],
    late: 'You accepted this budget',
  },
  'accepted by you, then expired for want of another': {
    steps: twoAccepts,
    end: async (machine) => {
      await accept(machine)
      await machine.pass(days(30) + second)
    },
    status: 200,
    says: [
      'You accepted this budget',
      'This request closed on 4 February 2026',
      'Too few had accepted it by then.',
    ],
    late: 'You accepted this budget',
  },
  'accepted by you, the next step decides': {
    steps: twoSteps,
    end: async (machine) => {
      await accept(machine)
    },
    status: 200,
    says: ['You accepted this budget', 'Its next step, Controller, decides now.'],
    late: 'You accepted this budget',
  },
  'accepted by another, the next step decides': {
    steps: twoSteps,
    end: async (machine) => {
      await accept(machine, bert)
    },
    status: 200,
    says: ['Already accepted', 'Its next step, Controller, decides now.'],
    late: tooLate,
  },
  'accepted by you, rejected in the next step': {
    steps: twoSteps,
    end: async (machine) => {
      await accept(machine)
      await reject(machine, 'No', cora)
    },
    status: 200,
    says: ['You accepted this budget', 'The budget went back to the project, unlocked.'],
    late: 'You accepted this budget',
  },
  expired: {
    end: async (machine) => {
      await machine.pass(days(30) + second)
    },
    status: 410,
    says: ['Not decided in time', 'This request closed on 4 February 2026', 'Ask the project'],
    late: tooLate,
  },
  retrieved: {
    end: async (machine) => {
      await command(machine, 'retrieve')
    },
    status: 410,
    says: ['Taken back by the project', 'You get another mail when it is sent again.'],
    late: tooLate,
  },
  'retrieved and sent again': {
    end: async (machine) => {
      await command(machine, 'retrieve')
      await command(machine, 'send')
    },
    status: 410,
    says: [
      'Replaced by a newer request',
      'The project took this budget back',
      'Use the link in the newest mail.',
    ],
    late: tooLate,
  },
  'expired and sent again': {
    end: async (machine) => {
      await machine.pass(days(30) + second)
      await command(machine, 'send')
    },
    status: 410,
    says: ['Replaced by a newer request', 'This request closed on', 'Use the link in the newest mail.'],
    late: tooLate,
  },
  'not yours any more: you left': {
    end: async (machine) => {
      await changed(machine, approver, { active: false })
    },
    status: 403,
    says: ['Not yours any more', 'Ask a company admin.'],
    late: 'Nothing was recorded.',
  },
  'not yours any more: you are no approver': {
    end: async (machine) => {
      await changed(machine, approver, { roles: ['viewer'] })
    },
    status: 403,
    says: ['Not yours any more', 'You are not an approver of the step Accounting today.'],
    late: 'Nothing was recorded.',
  },
  'not yours any more: it was given to another approver': {
    end: async (machine) => {
      const wanted = { key, by: approver, admin: false, from: approver, to: bert }
      await reassignApproval(machine, { by: approver }, wanted)
    },
    status: 403,
    says: ['Not yours any more', 'You are not an approver of the step Accounting today.'],
    late: 'Nothing was recorded.',
  },
}

test.each(Object.entries(ends))(
  '%s: the page says so, by GET and to a form that comes late',
  async (_, end) => {
    const machine = await sentUnder(end.steps)
    const { version, send, step: number } = await approval(machine)
    const reference = await referenceTo(machine, {
      kind: 'review',
      ...key,
      person: approver,
      approval: { version, send, step: number },
    })
    const form = filled(await review(machine, pageEvent({ reference })), [
      ['choice', 'accept'],
      ['tick', 'import_from_sage_closes'],
    ])
    await end.end(machine)
    const before = await everyRow(database(), machine)
    const shown = await review(machine, pageEvent({ reference }))
    expect(shown.statusCode).toBe(end.status)
    for (const words of end.says) expect(shown.body).toContain(words)
    expect(shown.body).not.toMatch(/<form|Nothing was recorded|was not recorded/)
    guarded(shown)
    const posted = await review(machine, pageEvent({ reference, form }))
    const answered = posted.statusCode === 303 ? shown : posted
    expect(answered.body).toContain(end.late)
    expect(answered.body).toContain(end.says[0])
    const withoutCode = await review(machine, pageEvent({ reference, form: `${form}&mail_code=1` }))
    expect(withoutCode.body).toContain(end.says[0])
    expect(withoutCode.body).toMatch(/was not recorded|Nothing was recorded/)
    expect(await everyRow(database(), machine)).toBe(before)
  },
)

test('who may reject but not accept is told before choosing, and finds no accept to choose', async () => {
  const machine = await sentUnder()
  await changed(machine, approver, { limit: (await approval(machine)).parts[0]!.total })
  const { version, send, step: number } = await approval(machine)
  const of = { version, send, step: number }
  const over = { kind: 'review', ...key, person: manager, approval: of } as const
  await changed(machine, manager, { roles: ['project_manager', 'accounting_approver'] })
  const { body } = await review(machine, pageEvent({ reference: await referenceTo(machine, over) }))
  expect(body).toContain('paula name sent this budget; accepting it takes somebody else.')
  expect(body).toMatch(/value="accept"[^>]*disabled/)
  expect(body).not.toMatch(/value="reject"[^>]*disabled/)
  const reference = await referenceTo(machine, { ...over, person: approver })
  const may = await review(machine, pageEvent({ reference }))
  expect(may.body).not.toMatch(/disabled/)
})
