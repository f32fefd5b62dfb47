import { expect, test } from 'vitest'
import { acknowledge } from '../../../shared/exporting/acknowledge.ts'
import { claimPart } from '../../../shared/exporting/claim-part.ts'
import { closeExport } from '../../../shared/exporting/close-export.ts'
import { confirmPosted } from '../../../shared/exporting/confirm-posted.ts'
import { declareLost } from '../../../shared/exporting/declare-lost.ts'
import { rejectLines } from '../../../shared/exporting/reject-lines.ts'
import { reportStop } from '../../../shared/exporting/report-stop.ts'
import { retryExport } from '../../../shared/exporting/retry-export.ts'
import { returnExport } from '../../../shared/exporting/return-export.ts'
import { ProjectId, type ProjectKey } from '../../../shared/domain/ids.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn } from './carried.ts'
import { clinicLines, key, poster } from './clinic.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()
const who = { by: poster }
const reason = 'Given up.'

interface At {
  readonly key: ProjectKey
  readonly export: number
  readonly part: number
}
type Say = (machine: CycleMachine, at: At) => Promise<unknown>

const ofAFile: Readonly<Record<string, Say>> = {
  claim: async (machine, at) => await claimPart(machine, who, { ...at, attempt: 1, agent: 'agent' }),
  posted: async (machine, at) => await confirmPosted(machine, who, { ...at, how: 'declared' }),
  'lines rejected': async (machine, at) =>
    await rejectLines(machine, who, { ...at, lines: clinicLines.map(({ code }) => ({ code })) }),
  'import stopped': async (machine, at) => await reportStop(machine, who, { ...at, message: reason }),
  'made in Sage': async (machine, at) => await acknowledge(machine, who, { ...at, note: reason }),
}

const ofAnExport: Readonly<Record<string, Say>> = {
  close: async (machine, at) =>
    await closeExport(machine, who, { ...at, reason, others: { outcome: 'withdrawn' }, entries: [] }),
  'declared lost': async (machine, at) => await declareLost(machine, who, { ...at, reason }),
  retry: async (machine, at) => await retryExport(machine, who, at),
  return: async (machine, at) => await returnExport(machine, who, { ...at, reason }),
}

const there: At = { key, export: 1, part: 1 }
const noProject: At = { ...there, key: { ...key, project: ProjectId.parse('elsewhere') } }
const noExport: At = { ...there, export: 2 }
const noFile: At = { ...there, part: 2 }

const places = (says: typeof ofAFile, nowhere: readonly (readonly [string, At])[]) =>
  Object.entries(says).flatMap(([name, say]) => nowhere.map(([what, at]) => [name, what, say, at] as const))

test.each([
  ...places({ ...ofAFile, ...ofAnExport }, [
    ['project', noProject],
    ['export', noExport],
  ]),
  ...places(ofAFile, [['file', noFile]]),
])('%s is not said of a %s that is not there', async (_, __, say, at) => {
  const machine = await exportedOn(database())
  await expect(say(machine, at)).rejects.toMatchObject({ refusal: { code: 'NOT_FOUND' } })
})
