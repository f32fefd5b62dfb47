import { describe, expect, test, vi } from 'vitest'
import { exportBudget } from '../../../functions/cycle/export-budget.ts'
import { exportCorrections } from '../../../functions/cycle/export-corrections.ts'
import { closeCycle } from '../../../functions/cycle/close-cycle.ts'
import { recordReceipt } from '../../../functions/cycle/record-receipt.ts'
import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import { rejectedInFile } from '../../../shared/exporting/rejected-in-file.ts'
import { tellSignal } from '../../../shared/store/workflow.ts'
import type { Tables } from '../../store/memory-database.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { altered, nextTask } from './altered.ts'
import { clinicOn, exportedOn, sentOn } from './carried.ts'
import {
  accept,
  approval,
  asked,
  command,
  concrete,
  declared,
  earthwork,
  exporting,
  head,
  key,
  lastEvent,
  rejected,
} from './clinic.ts'
import { left } from './left.ts'
import { type CycleMachine, steps } from './machine.ts'

// What no step meets as long as workflow and table agree: it breaks, or goes on with what there is.

const database = useMemoryDatabase()

type Step = keyof typeof steps
type On = (database: Tables) => Promise<CycleMachine>

async function withoutReceipt(machine: CycleMachine): Promise<void> {
  const { receipt: _, ...part } = (await exporting(machine)).part
  await altered(machine, {}, { parts: [part] })
}

const withoutSage = (machine: CycleMachine): CycleMachine => ({
  ...machine,
  companies: { ...machine.companies, sageCompany: async () => await Promise.resolve(undefined) },
})

const broken = (code: string) => ({ name: `Broken.${code}` })

describe.each<[string, Step, string, On, Partial<BudgetHead>]>([
  ['a send that nobody asked for', 'SendToErpFunction', 'SenderMissing', sentOn, {}],
  ['an approval that is not stored', 'CloseOrContinueFunction', 'ApprovalMissing', sentOn, { send: 9 }],
  ['a reject that nobody decided', 'RejectBudgetFunction', 'DecisionMissing', sentOn, {}],
  ['a reject whose approval is not stored', 'RejectBudgetFunction', 'DecisionMissing', sentOn, { send: 9 }],
  ['an accept that nobody decided', 'ExportBudgetFunction', 'NotAccepted', sentOn, {}],
  ['an accept whose approval is not stored', 'ExportBudgetFunction', 'NotAccepted', sentOn, { send: 9 }],
  [
    'an accepted version that is not stored',
    'ExportBudgetFunction',
    'NotAccepted',
    sentOn,
    { sent_version: 9 },
  ],
  ['a next file where none is left', 'PrepareNextPartFunction', 'NoPartRemains', exportedOn, {}],
])('%s', (_, step, code, on, but) => {
  test('breaks its step, and no version or export is made', async () => {
    const machine = await on(database())
    await altered(machine, but)
    const before = await left(machine)
    await expect(steps[step](machine, await nextTask(machine))).rejects.toMatchObject(broken(code))
    const { exports, versions } = await left(machine)
    expect([exports, versions]).toEqual([before.exports, before.versions])
  })
})

test('a receipt where no export is open breaks', async () => {
  const machine = await sentOn(database())
  await expect(recordReceipt(machine, await nextTask(machine))).rejects.toMatchObject({
    ...broken('ExportMissing'),
    message: 'clinic: no export is open.',
  })
})

test('a receipt of a file that is not stored breaks', async () => {
  const machine = await exportedOn(database())
  const { open } = await exporting(machine)
  await altered(machine, {}, { export: { ...open, current_part: 2 } })
  await expect(recordReceipt(machine, await nextTask(machine))).rejects.toMatchObject({
    ...broken('ExportMissing'),
    message: 'clinic: export 1 is incomplete.',
  })
})

test('an accept that asks for a step which the approval does not have breaks the run, and the budget waits', async () => {
  const machine = await sentOn(database())
  await machine.store.decide(key, (before) => ({
    answer: undefined,
    commit: {
      ...tellSignal(key, before!, 'step_accepted', machine.clock.now()),
      history: [{ event: 'waited', by: 'system', detail: {} }],
    },
  }))
  const { execution = '' } = await head(machine)
  await machine.settle()
  expect(machine.engine.describeExecution({ executionArn: machine.arnOf(execution) })).toMatchObject({
    status: 'FAILED',
    error: 'Broken.StepMissing',
  })
  expect(await head(machine)).toMatchObject({ erp: 'sent', approval_step: 1 })
})

test('an accept without an entry date makes no export', async () => {
  const machine = await sentOn(database())
  await altered(machine, {}, { approvals: [{ ...(await approval(machine)), outcome: 'accepted' }] })
  await expect(exportBudget(machine, await nextTask(machine))).rejects.toMatchObject(
    broken('AcceptIncomplete'),
  )
  expect(await machine.store.exports(key)).toEqual([])
})

test('an export whose version is not stored is not settled', async () => {
  const machine = await exportedOn(database())
  await declared(machine)
  const { open } = await exporting(machine)
  await altered(machine, {}, { export: { ...open, version: 9 } })
  await expect(closeCycle(machine, await nextTask(machine))).rejects.toMatchObject(broken('VersionMissing'))
  expect(await head(machine)).toMatchObject({ erp: 'exported', open_export: 1 })
})

test('no correction is made for a Sage company that is not set up any more', async () => {
  const machine = await exportedOn(database())
  await rejected(machine, concrete)
  const correction = exportCorrections(withoutSage(machine), await nextTask(machine))
  await expect(correction).rejects.toMatchObject(broken('SageCompanyMissing'))
  expect(await machine.store.parts(key, 1)).toHaveLength(1)
})

test('a reject file is not read for a Sage company that is not set up any more', async () => {
  const machine = await exportedOn(database())
  const of = { key, ...(await exporting(machine)) }
  await expect(rejectedInFile(withoutSage(machine), of, Buffer.from(''))).rejects.toMatchObject(
    broken('SageCompanyMissing'),
  )
})

test.each<[string, Step, On, (machine: CycleMachine) => Promise<void>, object]>([
  [
    'a file of which nobody said where it lies is with accounting',
    'RecordReceiptFunction',
    exportedOn,
    withoutReceipt,
    { event: 'file_delivered', detail: { export: 1, part: 1, where: '' } },
  ],
  [
    'a file of which no receipt is stored waits since its state began',
    'RemindPostersFunction',
    exportedOn,
    withoutReceipt,
    { event: 'waited' },
  ],
  [
    'what was observed and nobody reported is the connector’s word',
    'RecordObservationFunction',
    exportedOn,
    async () => {},
    { event: 'observed', by: 'connector', detail: { export: 1, part: 1, observation: 'awaiting_posting' } },
  ],
  [
    'a file that is posted and nobody closed is settled',
    'CloseCycleFunction',
    exportedOn,
    declared,
    { event: 'settled', detail: { export: 1, confirmed: 'declared' } },
  ],
  [
    'lines that Sage rejected are corrected without its lists',
    'ExportCorrectionsFunction',
    exportedOn,
    async (machine) => {
      await rejected(machine, concrete, earthwork)
      vi.spyOn(machine.companies, 'masterData').mockResolvedValue(undefined)
    },
    { event: 'corrections_prepared', detail: { export: 1, corrects: 1, part: 2, entries: 2 } },
  ],
  [
    'lines whose last version is not stored are sent as a version of their own',
    'SendToErpFunction',
    clinicOn,
    async (machine) => {
      await command(machine, 'lock')
      await asked(machine, key, 'send')
      vi.spyOn(machine.store, 'version').mockResolvedValue(undefined)
    },
    { event: 'sent', detail: { version: 2 } },
  ],
  [
    'an accept after which no step is stored is exported',
    'ExportBudgetFunction',
    sentOn,
    async (machine) => {
      await accept({ ...machine, settle: async () => {} })
      await altered(machine, { done: undefined })
    },
    { event: 'export_prepared', detail: { export: 1 } },
  ],
])('%s', async (_, step, on, alter, written) => {
  const machine = await on(database())
  await alter(machine)
  await steps[step](machine, await nextTask(machine))
  expect(await lastEvent(machine)).toMatchObject(written)
})

test('a failure of an export whose approval is not stored is told to posters and operators', async () => {
  const machine = await exportedOn(database())
  await altered(machine, { send: 9 })
  await steps.ExportFailedFunction(machine, await nextTask(machine))
  await machine.settle()
  const told = machine.mails.filter(({ mail }) => mail === 'export_failed').map(({ to }) => to)
  expect(told).toEqual(['peter', 'otto'])
})

const wait = { entered: '2026-01-05T08:00:00.000Z', retry: 0, kinds: ['send'], token: 'token' }

describe.each(Object.entries(steps))('%s', (_, step) => {
  test('of a run that was superseded breaks, and leaves the budget as it was', async () => {
    const machine = await sentOn(database())
    const before = await head(machine)
    const task = { ...(await nextTask(machine)), ...wait, execution: 'another' }
    await expect(step(machine, task)).rejects.toMatchObject(broken('Superseded'))
    expect(await head(machine)).toEqual(before)
  })

  test('of a budget that is not there breaks', async () => {
    const machine = await sentOn(database())
    const task = { ...(await nextTask(machine)), ...wait, project: 'elsewhere' }
    await expect(step(machine, task)).rejects.toMatchObject({
      name: expect.stringMatching(/^Broken\.(BudgetMissing|Superseded)$/) as string,
    })
  })
})
