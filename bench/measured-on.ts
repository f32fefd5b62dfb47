import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

export const machine = {
  processor: cpus()[0]?.model ?? '',
  processors: cpus().length,
  gigabytes: Math.round(totalmem() / 2 ** 30),
}

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })

/** The commit that is measured, with a plus where files differ from it; nothing outside a repository. */
export function commitNow(): string {
  try {
    return `${git('rev-parse', '--short', 'HEAD').trim()}${git('status', '--porcelain') === '' ? '' : '+'}`
  } catch {
    return ''
  }
}
