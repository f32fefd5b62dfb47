import { type Api, ApiRefused } from '../../../functions/sage-connector/agent/api-client.ts'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { Refused } from '../../../shared/domain/refusal.ts'
import { claimPart } from '../../../shared/exporting/claim-part.ts'
import { key } from '../../statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../../statemachines/cycle/machine.ts'

const numberOf = (exportId: string): number => Number(exportId.split('-e').at(-1))

/** What the API does for an agent, without the API. */
export function insideOf(machine: CycleMachine): Api {
  const about = { v: 1, company: key.company, project: key.project } as const
  return {
    async claim(exportId, { part: number, attempt }) {
      const wanted = { key, export: numberOf(exportId), part: number, attempt, agent: 'agent' }
      try {
        const { part } = await claimPart(machine, { by: 'connector' }, wanted)
        const bytes = await machine.objects.getFile(part.file_key, part.file_sha256)
        return { mode: part.mode, fileName: part.file_name, bytes, claim: part.claim?.number }
      } catch (error) {
        throw error instanceof Refused ? new ApiRefused(409, error.refusal.code, error.message) : error
      }
    },
    async receipt(exportId, said) {
      const event = { ...about, kind: 'receipt', export: numberOf(exportId), ...said, by: 'agent' }
      await takeSageEvent(machine, event)
      await machine.settle()
    },
    async failure(exportId, said) {
      await takeSageEvent(machine, { ...about, kind: 'failure', export: numberOf(exportId), ...said })
      await machine.settle()
    },
  } as Api
}
