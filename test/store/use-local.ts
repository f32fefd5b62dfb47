import { afterAll, beforeAll } from 'vitest'
import { memoryDatabase, type Tables } from './memory-database.ts'
import { type LocalBucket, startLocalBucket } from './local-bucket.ts'
import { type LocalDatabase, startLocalDatabase } from './local-database.ts'

/** One database for a test file: there before its first test, gone after its last. */
export const useLocalDatabase = (): (() => LocalDatabase) => use(startLocalDatabase)

/** The same in this process, for tests whose subject is not the store. */
export function useMemoryDatabase(): () => Tables {
  const database = memoryDatabase()
  return () => database
}

/** One bucket for a test file: there before its first test, gone after its last. */
export const useLocalBucket = (): (() => LocalBucket) => use(startLocalBucket)

function use<T extends { stop(): void | Promise<void> }>(start: () => Promise<T>): () => T {
  let started: T | undefined
  beforeAll(async () => {
    started = await start()
  })
  afterAll(async () => {
    await started?.stop()
  })
  return () => {
    if (!started) throw new Error('It is there from the first test on, not before')
    return started
  }
}
