import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import * as z from 'zod'
import { bundlePrograms } from '../infra/bundle.ts'
import { functions } from '../infra/functions.ts'
import type { Figure, Measure, Section } from './bar.ts'

const repository = join(import.meta.dirname, '..')
const bundleOf = (name: string): string => join(repository, 'dist/functions', name, 'index.cjs')

/** The DynamoDB client alone, bundled as anybody would: what every function here has to load anyway. */
async function clientAlone(folder: string): Promise<string> {
  const outfile = join(folder, 'client.cjs')
  await build({
    stdin: {
      contents: `import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
        export const handler = (input) => new DynamoDBClient({}).send(new GetItemCommand(input))`,
      resolveDir: repository,
    },
    outfile,
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  })
  return outfile
}

// What functions read from their environment when they start; nothing is reached.
const environment = {
  STAGE: 'bench',
  TABLE: 'bench',
  BUCKET: 'bench',
  AWS_REGION: 'us-east-1',
  MAIL_QUEUE_URL: 'http://127.0.0.1:1/q',
}

const timeOfImport =
  'const began = performance.now(); require(process.argv[1]); process.stdout.write(String(performance.now() - began))'

/** Milliseconds of one import in a process of its own. */
const importOnce = (file: string): number =>
  Number(execFileSync(process.execPath, ['-e', timeOfImport, file], { env: environment, encoding: 'utf8' }))

const rounds = 7

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

/**
 * How many times as long as the client's each import takes, as the median over rounds. Both sides of a ratio are of one
 * round, a second apart: a ratio of two minima hangs on which of the two met a quiet moment.
 */
function importRatios(client: string, files: readonly string[]): ReadonlyMap<string, number> {
  const ratios = new Map<string, number[]>(files.map((file) => [file, []]))
  for (let round = 0; round < rounds; round += 1) {
    const alone = importOnce(client)
    for (const file of files) ratios.get(file)?.push(importOnce(file) / alone)
  }
  return new Map([...ratios].map(([file, all]) => [file, median(all)]))
}

const withBucket = functions.filter(({ uses }) => uses.some((use) => use.endsWith(' objects')))
const withoutBucket = functions.filter((each) => !withBucket.includes(each))

/** Functions whose import is timed: the smallest and the largest of each kind, and those that a person waits for. */
const timed = {
  without: ['open-wait', 'lock-budget', 'relay', 'mailer'],
  with: ['review', 'posting', 'board', 'send-to-erp', 'api', 'sage-api', 'budget-files'],
}

const kib = (name: string): number => statSync(bundleOf(name)).size / 1024
const largest = (names: readonly string[]): string => names.toSorted((a, b) => kib(b) - kib(a))[0] ?? ''

export const bundles: Measure = async () => {
  await bundlePrograms()
  const folder = mkdtempSync(join(tmpdir(), 'bench-bundles-'))
  try {
    const client = await clientAlone(folder)
    const ratios = importRatios(client, [...timed.without, ...timed.with].map(bundleOf))
    const ratioOf = (name: string): number => ratios.get(bundleOf(name)) ?? Number.NaN
    const slowest = (names: readonly string[], at_most: number, kind: string): Figure => {
      const shown = names.map((name) => `${name} ${ratioOf(name).toFixed(2)}`)
      return {
        bar: `import time of a function ${kind} the bucket, against the DynamoDB client alone`,
        unit: 'times',
        at_most,
        figure: Math.max(...names.map(ratioOf)),
        of: `the slowest of ${shown.join(', ')}`,
      }
    }
    return [
      size(
        withoutBucket.map(({ name }) => name),
        500,
        'without',
      ),
      size(
        withBucket.map(({ name }) => name),
        650,
        'with',
      ),
      slowest(timed.without, 1.5, 'without'),
      slowest(timed.with, 1.8, 'with'),
      whatIsLoaded(ratioOf),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function size(names: readonly string[], at_most: number, kind: string): Figure {
  const name = largest(names)
  return {
    bar: `bundle of a function ${kind} the bucket`,
    unit: 'KiB',
    at_most,
    figure: kib(name),
    of: `${name}, the largest of ${String(names.length)}`,
  }
}

const Weights = z.record(z.string(), z.number())
const shownParts = 3

/** Packages by weight, those of the AWS SDK together. */
function partsOf(name: string): string {
  const file = join(repository, 'dist/weights', `${name}.json`)
  const parts = new Map<string, number>()
  for (const [from, bytes] of Object.entries(Weights.parse(JSON.parse(readFileSync(file, 'utf8'))))) {
    const part = /^@(aws-sdk|aws|smithy|aws-crypto)\//.test(from) ? 'AWS SDK' : from
    parts.set(part, (parts.get(part) ?? 0) + bytes)
  }
  return [...parts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, shownParts)
    .map(([part, bytes]) => `${part} ${(bytes / 1024).toFixed(0)}`)
    .join(', ')
}

const whatIsLoaded = (ratioOf: (name: string) => number): Section => ({
  heading: 'What a cold start loads',
  words:
    'Each function’s bundle, minified, in KiB, with the three heaviest parts of it, and how long its import takes against a bundle of the DynamoDB client alone ' +
    '(of those with a figure, which are the largest of each kind, those that a person waits for and a few more; a tenth is noise, also below 1). The client of the bucket is loaded on its first use, and is in the size.',
  columns: ['Function', 'KiB', 'Import, times', 'Heaviest parts, KiB'],
  rows: functions
    .toSorted((a, b) => kib(b.name) - kib(a.name))
    .map(({ name }) => {
      const ratio = ratioOf(name)
      return [name, kib(name).toFixed(0), Number.isNaN(ratio) ? '' : ratio.toFixed(2), partsOf(name)]
    }),
})
