import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openDeliveryLedger } from '../../../functions/sage-connector/agent/delivery-ledger.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { flushed } from './flushed.ts'

let path = ''
beforeEach(() => {
  path = join(temporaryFolder('ledger'), 'deliveries.jsonl')
})

const written = { at: 'now', export: 'clinic-e1', part: 1, attempt: 1, sha256: 'a', path: '/one.txt' }
const other = { ...written, part: 2, sha256: 'b', path: '/two.txt' }

test('a file is found by its export, part and bytes, under any attempt', () => {
  const ledger = openDeliveryLedger(path)
  ledger.add(written)
  expect(ledger.find('clinic-e1', 1, 'a')).toEqual(written)
  expect(ledger.find('clinic-e2', 1, 'a')).toBeUndefined()
  expect(ledger.find('clinic-e1', 2, 'a')).toBeUndefined()
  expect(ledger.find('clinic-e1', 1, 'b')).toBeUndefined()
})

test('a part is known by its export and number, with any bytes', () => {
  const ledger = openDeliveryLedger(path)
  ledger.add(written)
  expect([
    ledger.knows('clinic-e1', 1),
    ledger.knows('clinic-e1', 2),
    ledger.knows('clinic-e2', 1),
    ledger.knows('clinic-e2', 2),
  ]).toEqual([true, false, false, false])
})

test('an entry that is taken back leaves every other, also after a start', () => {
  const ledger = openDeliveryLedger(path)
  const others = [other, { ...written, export: 'clinic-e2' }, { ...written, sha256: 'b' }]
  for (const entry of [written, ...others]) ledger.add(entry)
  ledger.undo(written)
  expect(ledger.all()).toEqual(others)
  expect(openDeliveryLedger(path).all()).toEqual(others)
})

test('what is added or taken back is on the disk before the agent goes on', () => {
  const ledger = openDeliveryLedger(path)
  const entered = flushed(() => {
    ledger.add(written)
    ledger.undo(written)
  })
  expect(entered).toEqual(['flush deliveries.jsonl', 'flush deliveries.jsonl'])
})
