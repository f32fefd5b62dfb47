import { expect, test } from 'vitest'
import { restartCycle } from '../../../shared/repairing/restart-cycle.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import {
  accept,
  approver,
  clinic,
  close,
  command,
  giveBack,
  key,
  masterData,
  receipt,
  sent,
} from './clinic.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'
import { scenarios } from './scenarios.ts'

const database = useMemoryDatabase()

/** Accepted, while Sage does not know a category any more: no file is made. */
async function acceptedWithFindings(machine: CycleMachine): Promise<void> {
  await masterData(machine, ['L'])
  await accept(machine)
  await masterData(machine)
}

async function threeCloses(machine: CycleMachine): Promise<void> {
  await sent(machine)
  await acceptedWithFindings(machine)
  await close(machine, { outcome: 'withdrawn' })
  for (const outcome of ['withdrawn', 'taken'] as const) {
    for (const name of ['lock', 'send'] as const) await command(machine, name)
    await accept(machine)
    await receipt(machine)
    await close(machine, { outcome })
  }
}

interface Told {
  readonly way: (machine: CycleMachine) => Promise<void>
  /** What each step came to, as the log has it. */
  readonly steps: string
  /** Ids of the mails, with the file that a mail is about. */
  readonly mails: readonly string[]
}

/** One mail to the approver, the poster and the operator each. */
const toAll = (occasion: string, of = ''): string[] =>
  ['anna', 'peter', 'otto'].map((person) => `${occasion}/${person}${of}`)

const scenario = (name: string): Told['way'] => scenarios[name]!

const ways: Readonly<Record<string, Told>> = {
  'two locks that are refused': {
    way: async (machine) => {
      await clinic(machine, [])
      for (const name of ['lock', 'lock'] as const) await command(machine, name)
    },
    steps: 'refused refused',
    mails: ['command_refused/lock-c1/paula', 'command_refused/lock-c2/paula'],
  },
  'sends that are refused, a retrieve and an unlock': {
    way: scenario('a send that is refused, a retrieve and an unlock'),
    steps: 'locked refused sent retrieved unlocked',
    mails: ['command_refused/send-c1-n1/paula', 'ready_for_review/v1-s1-1/anna', 'retrieved/s1/paula'],
  },
  'an unlock that is refused, and nobody comes for 300 days': {
    way: scenario('an unlock that is refused, and nobody comes for 300 days'),
    steps: 'refused parked',
    mails: ['command_refused/unlock-c1-n0/paula'],
  },
  'a send that comes with day 300': {
    way: scenario('a send that comes with day 300'),
    steps: 'locked answered superseded sent',
    mails: ['ready_for_review/v1-s1-1/anna'],
  },
  'a reject in the second step': {
    way: scenario('a reject in the second step'),
    steps: 'locked sent waiting rejected',
    mails: ['ready_for_review/v1-s1-1/anna', 'ready_for_review/v1-s1-2/bert', 'rejected/v1-s1-2/paula'],
  },
  'a budget that nobody decides': {
    way: scenario('nobody decides'),
    steps: 'locked sent expired expired',
    mails: ['ready_for_review/v1-s1-1/anna', 'expired/s1/paula'],
  },
  'an export that is returned before it has a file': {
    way: async (machine) => {
      await sent(machine)
      await acceptedWithFindings(machine)
      await giveBack(machine)
    },
    steps: 'locked sent refused export_failed rejected',
    mails: [
      'ready_for_review/v1-s1-1/anna',
      'accepted/s1/paula',
      ...toAll('export_failed/c1-r1-4'),
      'returned/e0-s1/paula',
    ],
  },
  'a failed export that is returned': {
    way: scenario('a failed export is returned'),
    steps: 'locked sent exporting export_failed rejected',
    mails: [
      'ready_for_review/v1-s1-1/anna',
      'accepted/s1/paula',
      ...toAll('export_failed/c1-r1-4', ' of e1-p1'),
      'returned/e1-s1/paula',
    ],
  },
  'a file that is queued again after a restart': {
    way: async (machine) => {
      await sent(machine)
      await accept(machine)
      await restartCycle(machine, { by: approver }, { key, reason: 'Stopped by mistake.' })
      await machine.settle()
    },
    steps: 'locked sent exporting exporting',
    mails: ['ready_for_review/v1-s1-1/anna', 'accepted/s1/paula'],
  },
  'an export that fails, is late, is imported twice, is corrected, and is posted': {
    way: scenario('an export that fails, is late, is imported twice, is corrected, and is posted'),
    steps: [
      'locked sent refused export_failed exporting export_failed exporting waiting exported',
      'twice exporting exported waiting exporting exported synced',
    ].join(' '),
    mails: [
      'ready_for_review/v1-s1-1/anna',
      'accepted/s1/paula',
      ...toAll('export_failed/c1-r1-4'),
      ...toAll('export_failed/c1-r1-6', ' of e1-p1'),
      'receipt_overdue/clinic-e1-a2/otto of e1-p1',
      'file_ready/clinic-e1-p1-a2/peter of e1-p1',
      ...toAll('mismatch/clinic-e1-twice-n7', ' of e1-p1'),
      'file_ready/clinic-e1-p2-a3/peter of e1-p2',
      'not_posted/clinic-e1-p2-2026-01-09/peter of e1-p2',
      'file_ready/clinic-e1-p3-a4/peter of e1-p3',
      'posted/clinic-e1/paula of e1-p3',
      'posted/clinic-e1/anna of e1-p3',
    ],
  },
  'an export closed before it has a file, one closed as withdrawn, and one closed as taken': {
    way: threeCloses,
    steps: [
      'locked sent refused export_failed rejected locked sent exporting exported rejected',
      'locked sent exporting exported synced',
    ].join(' '),
    mails: [
      'ready_for_review/v1-s1-1/anna',
      'accepted/s1/paula',
      ...toAll('export_failed/c1-r1-4'),
      'closed/c1/paula',
      'ready_for_review/v2-s2-1/anna',
      'accepted/s2/paula',
      'file_ready/clinic-e1-p1-a1/peter of e1-p1',
      'do_not_import/clinic-e1-p1/peter of e1-p1',
      'closed/clinic-e1/paula',
      'closed/clinic-e1/anna',
      'ready_for_review/v3-s3-1/anna',
      'accepted/s3/paula',
      'file_ready/clinic-e2-p1-a1/peter of e2-p1',
      'closed/clinic-e2/paula of e2-p1',
      'closed/clinic-e2/anna of e2-p1',
    ],
  },
}

test.each(Object.entries(ways))(
  '%s: each mail has the id of its occasion, and its file; the log says what each step came to',
  async (_, { way, steps, mails }) => {
    const machine = await cycleMachine(database())
    await way(machine)
    const told = machine.mails.map(({ id, export: of }) =>
      of ? `${id} of e${String(of.number)}-p${String(of.part)}` : id,
    )
    expect(told).toEqual(mails)
    const lines = machine.informed.map((each) => each as [string, { outcome: string }])
    const carriedOut = lines.filter(([message]) => message === 'step carried out')
    expect(carriedOut.map(([, { outcome }]) => outcome).join(' ')).toBe(steps)
    await holds(machine)
  },
)
