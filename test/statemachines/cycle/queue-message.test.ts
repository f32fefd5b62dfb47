import { expect, test } from 'vitest'
import { queueMessage } from '../../../shared/cycle/export-parts.ts'
import { CompanyId } from '../../../shared/domain/ids.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn } from './carried.ts'
import { exporting, key } from './clinic.ts'

const database = useMemoryDatabase()

test('two companies whose projects have one name send messages that the queue they share does not take for one', async () => {
  const { open, part } = await exporting(await exportedOn(database()))
  const [ours, theirs] = [key.company, CompanyId.parse('zenith')].map((company) =>
    queueMessage({ ...key, company }, open, part),
  )
  expect(ours!.deduplication).not.toBe(theirs!.deduplication)
  expect(ours!.group).not.toBe(theirs!.group)
})
