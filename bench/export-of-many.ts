import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Measure } from './bar.ts'
import { type LocalBucket, startLocalBucket } from '../test/store/local-bucket.ts'

const megabyte = 1024 * 1024

// On a shared machine the fastest run says most about the program.
const rounds = 3

/** Processor time in microseconds, the most memory and the length of the file in bytes. */
async function makePart({ endpoint, bucket }: LocalBucket): Promise<readonly number[]> {
  const program = join(import.meta.dirname, 'make-part.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, endpoint, bucket])
  return stdout.trim().split(' ').map(Number)
}

/** One part of 50,000 entries is rendered, hashed and stored by a process that does nothing else. */
export const exportOfMany: Measure = async () => {
  const bucket = await startLocalBucket()
  try {
    const runs: (readonly number[])[] = []
    for (let round = 0; round < rounds; round += 1) runs.push(await makePart(bucket))
    const [cpu = 0, , bytes = 0] = runs.toSorted(([a = 0], [b = 0]) => a - b)[0] ?? []
    const memory = Math.max(...runs.map(([, most = 0]) => most))
    const of = `a file of ${(bytes / megabyte).toFixed(1)} MB`
    return [
      {
        bar: '50,000 entries rendered, hashed and stored, processor time',
        unit: 's',
        at_most: 1,
        figure: cpu / 1_000_000,
        of,
      },
      {
        bar: '50,000 entries rendered, hashed and stored, memory of the process',
        unit: 'MB',
        at_most: 350,
        figure: memory / megabyte,
        of,
      },
    ]
  } finally {
    await bucket.stop()
  }
}
