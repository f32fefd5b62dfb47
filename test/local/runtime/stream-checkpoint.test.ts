import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../../local/runtime/event-sources/stream-checkpoint.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

function folder() {
  const path = temporaryFolder('checkpoint')
  return { path: (...names: readonly string[]) => join(path, ...names), release: () => {} }
}

test('a mapping goes on after the last record it reached', () => {
  const data = folder()
  openCheckpoint(data, 'Cycle/Outbox', 'stream-1').reached('shard', '41')
  expect(openCheckpoint(data, 'Cycle/Outbox', 'stream-1').after('shard')).toBe('41')
})

test('each mapping has a place of its own', () => {
  const data = folder()
  openCheckpoint(data, 'Cycle/Outbox', 'stream-1').reached('shard', '41')
  expect(openCheckpoint(data, 'Cycle/Other', 'stream-1').after('shard')).toBeUndefined()
})

test('another stream is read from its oldest record', () => {
  const data = folder()
  openCheckpoint(data, 'Cycle/Outbox', 'stream-1').reached('shard', '41')
  expect(openCheckpoint(data, 'Cycle/Outbox', 'stream-2').after('shard')).toBeUndefined()
})
