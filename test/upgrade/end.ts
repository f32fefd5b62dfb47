import { createHash } from 'node:crypto'
import { head, key } from '../statemachines/cycle/clinic.ts'
import { machineArn } from '../statemachines/cycle/machine.ts'
import type { Office } from './office.ts'

/** What a way comes to, in words that do not change with what is stored. */
export interface End {
  readonly budget: Readonly<Record<string, unknown>>
  /** Status by name. */
  readonly executions: Readonly<Record<string, string>>
  /** Hashes. */
  readonly versions: readonly string[]
  readonly exports: readonly Readonly<Record<string, unknown>>[]
  /** SHA-256 of every file, by its place. */
  readonly files: Readonly<Record<string, string>>
  /** Ids of the mails that went out. */
  readonly mails: readonly string[]
}

export async function endOf({ machine, sent }: Office): Promise<End> {
  const { edit, erp, version, cycle, run, pending } = await head(machine)
  const { executions } = machine.engine.listExecutions({ stateMachineArn: machineArn })
  const [versions, exports] = await Promise.all([machine.store.versions(key), machine.store.exports(key)])
  return {
    budget: { edit, erp, version, cycle, run, pending: pending?.command },
    executions: Object.fromEntries(executions.map(({ name, status }) => [name, status])),
    versions: versions.map(({ hash }) => hash),
    exports: exports.map(({ number, attempt, parts, settled_as }) => ({
      number,
      attempt,
      parts,
      settled_as,
    })),
    files: Object.fromEntries(
      [...machine.objects.files].map(([place, bytes]) => [
        place,
        createHash('sha256').update(bytes).digest('hex'),
      ]),
    ),
    mails: sent.map(({ id }) => id),
  }
}
