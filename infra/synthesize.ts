import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { bundleInputs, bundlePrograms } from './bundle.ts'
import { hashOf, stampIn } from './inputs.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')

export interface SynthesizeOptions {
  /** Folder of the assembly, from the repository's root. */
  readonly output?: string
  /** Laid over the context of `cdk.json`. */
  readonly context?: Readonly<Record<string, unknown>>
  readonly force?: boolean
  /** Told of each thing that is made, before it is made; of nothing where all is up to date. */
  readonly onStep?: (step: BuildStep) => void
}

export type BuildStep = 'bundles' | 'templates'

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) })

/**
 * Bundles all functions and synthesizes all templates to `cdk.out`, each only when what it is made of has changed:
 * what `npm run synth` does, without the CDK's command line in between.
 *
 * @returns the assembly's folder.
 */
export async function synthesize(options: SynthesizeOptions = {}): Promise<string> {
  const { output = 'cdk.out', context = {}, force = false, onStep } = options
  await bundlePrograms({ force, onBuild: () => onStep?.('bundles') })
  const folder = join(root, output)
  const stampFile = join(folder, 'inputs.sha256')
  const inputs = hashOf(root, [...bundleInputs, 'infra', 'statemachines', 'cdk.json'], context)
  if (!force && stampIn(stampFile) === `${inputs} ${assemblyHash(folder)}`) return folder
  onStep?.('templates')
  rmSync(stampFile, { force: true })
  const { context: base } = CdkJson.parse(JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')))
  await run(process.execPath, ['infra/app.ts'], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify({ ...base, ...context }) },
  })
  removeOldAssets(folder)
  writeFileSync(stampFile, `${inputs} ${assemblyHash(folder)}`)
  return folder
}

/** Of manifest and templates: another synthesis into the same folder, for another stage say, must not pass for this one. */
const assemblyHash = (folder: string): string =>
  hashOf(
    folder,
    existsSync(folder)
      ? readdirSync(folder).filter((name) => /^manifest\.json$|\.template\.json$/.test(name))
      : [],
  )

const anHour = 3_600_000

/** Assets of earlier bundles; those of the last hour stay, since a stack that runs may still start a function from them. */
function removeOldAssets(folder: string): void {
  const manifests = readdirSync(folder).filter((name) => name.endsWith('.assets.json'))
  const inUse = manifests.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
  for (const name of readdirSync(folder)) {
    const old = statSync(join(folder, name)).mtimeMs < Date.now() - anHour
    if (name.startsWith('asset.') && old && !inUse.includes(name))
      rmSync(join(folder, name), { recursive: true })
  }
}
