import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { bundlePrograms } from './bundle.ts'
import type { StageCommand } from './stage-commands.ts'

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) })

/**
 * Bundles what changed, and hands a command to the CDK's command line, which asks what it has to ask. A command that cannot be
 * told from the arguments is a sentence on the screen.
 *
 * @returns the exit code of the CDK's command line; undefined where it was not called.
 */
export async function runCdk(
  commandOf: (args: readonly string[], base: Readonly<Record<string, unknown>>) => StageCommand,
  say: (command: StageCommand) => string,
): Promise<number | undefined> {
  try {
    const cdkJson = readFileSync(join(import.meta.dirname, '../cdk.json'), 'utf8')
    const command = commandOf(process.argv.slice(2), CdkJson.parse(JSON.parse(cdkJson)).context)
    console.log(say(command))
    await bundlePrograms({
      onBuild: () => {
        console.log('Building the bundles of the functions (once, about 20 s) ...')
      },
    })
    const cdk = spawn('cdk', command.cdk, { stdio: 'inherit' })
    await once(cdk, 'close')
    return (process.exitCode = cdk.exitCode ?? 1)
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
    return undefined
  }
}
