import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, type Metafile, type OutputFile, type Plugin } from 'esbuild'
import { agentEntry, functions } from './functions.ts'
import { hashOf, stampIn } from './inputs.ts'
import { lateSchemas } from './late-schemas.ts'
import { smallerSdk, withoutBucket } from './smaller-sdk.ts'

/** A program to bundle: `<name>/index.cjs` of the output folder from an entry file. */
export interface Program {
  readonly name: string
  readonly entry: string
  readonly runs: Place
}

/** Where a program runs; a function that is not given the bucket goes without its client. */
type Place = 'on Lambda' | 'on Lambda without the bucket' | 'on premises'

/** Every Lambda function, and the connector's agent. */
export const programs: readonly Program[] = [
  ...functions.map(({ name, entry, uses }) => ({
    name: `functions/${name}`,
    entry,
    runs: uses.some((use) => use.endsWith(' objects'))
      ? ('on Lambda' as const)
      : ('on Lambda without the bucket' as const),
  })),
  { name: 'agent', entry: agentEntry, runs: 'on premises' },
]

export interface BundleOptions {
  readonly root?: string
  readonly programs?: readonly Program[]
  /** Bundles although no input has changed. */
  readonly force?: boolean
  /** Told once there is something to bundle: it takes a while. */
  readonly onBuild?: () => void
}

const repository = join(import.meta.dirname, '..')

// `import * as z` costs 88 kB, `import { z }` 444 kB (toolchain study, section 6).
const mostZod = 150_000

/**
 * Bundles all programs to `dist/`, unless nothing they are made of has changed.
 *
 * @returns whether anything was bundled.
 * @throws a sentence naming the entry files that do not exist, esbuild's warnings, or the output with too much zod.
 *   Nothing is written then.
 */
export async function bundlePrograms(options: BundleOptions = {}): Promise<boolean> {
  const { root = repository, programs: wanted = programs, force = false, onBuild } = options
  const missing = wanted.filter(({ entry }) => !existsSync(join(root, entry)))
  if (missing.length > 0) throw new Error(sentenceOnMissing(missing))
  const dist = join(root, 'dist')
  const stampFile = join(dist, 'inputs.sha256')
  const inputs = hashOf(root, bundleInputs, wanted)
  const made = wanted.every(({ name }) => existsSync(join(dist, name, 'index.cjs')))
  if (!force && made && stampIn(stampFile) === inputs) return false

  onBuild?.()
  const files: OutputFile[] = []
  for (const place of ['on Lambda', 'on Lambda without the bucket', 'on premises'] as const) {
    const here = wanted.filter(({ runs }) => runs === place)
    if (here.length > 0) files.push(...(await outputsOf(root, here, making[place])))
  }
  rmSync(stampFile, { force: true })
  write(files)
  removeOthers(join(dist, 'functions'), wanted)
  writeFileSync(stampFile, inputs)
  return true
}

/**
 * Ways to sign in to AWS that a Lambda function never takes: its credentials are in its environment. The SDK imports
 * each on demand only; without them a function is a seventh smaller, and they would be Lambda's own copy if ever asked for.
 */
const signInsElsewhere = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
]

interface Making {
  /** Packages that are not bundled. */
  readonly external: readonly string[]
  readonly plugins: readonly Plugin[]
  readonly keepNames: boolean
}

/**
 * How programs are made, by where they run. Names of functions and classes are shortened on Lambda, which saves a tenth
 * of the start: every error of ours says its name itself. On premises a package reads them (sqs-consumer's errors).
 */
const making: Readonly<Record<Place, Making>> = {
  'on Lambda': { external: signInsElsewhere, plugins: [lateSchemas, smallerSdk], keepNames: false },
  'on Lambda without the bucket': {
    external: signInsElsewhere,
    plugins: [lateSchemas, smallerSdk, withoutBucket],
    keepNames: false,
  },
  'on premises': { external: [], plugins: [smallerSdk], keepNames: true },
}

async function outputsOf(
  root: string,
  wanted: readonly Program[],
  { external, plugins, keepNames }: Making,
): Promise<OutputFile[]> {
  const { metafile, outputFiles, warnings } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(wanted.map(({ name, entry }) => [`${name}/index`, entry])),
    outdir: join(root, 'dist'),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    minify: true,
    keepNames,
    // Starts faster than ES modules: built-in modules load when first asked for (toolchain study, section 6).
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    external: [...external],
    plugins: [...plugins],
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  if (warnings.length > 0)
    throw new Error(warnings.map(({ text, location }) => `${location?.file ?? ''}: ${text}`).join('\n'))
  guardAgainstWholeZod(metafile)
  return [...outputFiles, ...weightsOf(root, metafile)]
}

/** `dist/weights/<function>.json`: what each function's bundle is made of. */
function weightsOf(root: string, { outputs }: Metafile): OutputFile[] {
  return Object.entries(outputs).flatMap(([file, output]) => {
    const name = functionOf.exec(file)?.[1]
    if (name === undefined) return []
    const text = JSON.stringify(bytesByPackage(output))
    return { path: join(root, 'dist/weights', `${name}.json`), text, contents: Buffer.from(text), hash: '' }
  })
}

/** Ours are under `ours`. */
function bytesByPackage({ inputs }: Metafile['outputs'][string]): Readonly<Record<string, number>> {
  const bytes: Record<string, number> = {}
  for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
    const from = packageOf.exec(input)?.[1] ?? 'ours'
    bytes[from] = (bytes[from] ?? 0) + bytesInOutput
  }
  return bytes
}

const functionOf = /functions\/([^/]+)\/index\.cjs$/
const packageOf = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/

/** Everything that decides what a bundle holds; the lock file stands for `node_modules`. */
export const bundleInputs = [
  'functions',
  'shared',
  'infra/bundle.ts',
  'infra/late-schemas.ts',
  'infra/late.ts',
  'infra/smaller-sdk.ts',
  'package-lock.json',
  'tsconfig.json',
] as const

function sentenceOnMissing(missing: readonly Program[]): string {
  const list = missing.map(({ name, entry }) => `${entry} (${name})`).join(', ')
  return `Nothing was bundled: infra/functions.ts names entry files that do not exist: ${list}.`
}

function guardAgainstWholeZod({ outputs }: Metafile): void {
  for (const [file, output] of Object.entries(outputs)) {
    const { zod: bytes = 0 } = bytesByPackage(output)
    if (bytes > mostZod)
      throw new Error(
        `${file} holds ${String(bytes)} bytes of zod, more than ${String(mostZod)}: something imports { z }; write import * as z from 'zod'.`,
      )
  }
}

/** File by file, each put in place whole: a stack that runs meanwhile never reads half a bundle. */
function write(files: readonly OutputFile[]): void {
  for (const { path, contents } of files) {
    mkdirSync(dirname(path), { recursive: true })
    const beside = `${path}.${String(process.pid)}`
    writeFileSync(beside, contents)
    renameSync(beside, path)
  }
}

function removeOthers(folder: string, wanted: readonly Program[]): void {
  if (!existsSync(folder)) return
  const names = new Set(wanted.map(({ name }) => name))
  for (const entry of readdirSync(folder))
    if (!names.has(`functions/${entry}`)) rmSync(join(folder, entry), { recursive: true })
}

/** Default export: vitest and others take a set-up file by it. */
export default async function bundle(): Promise<void> {
  await bundlePrograms()
}

if (import.meta.main)
  try {
    const done = await bundlePrograms({ force: process.argv.includes('--force') })
    console.log(done ? `bundled ${String(programs.length)} programs` : 'the bundles are up to date')
  } catch (error) {
    // Every refusal is a sentence; where in this file it was thrown helps nobody.
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
