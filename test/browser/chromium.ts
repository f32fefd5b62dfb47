import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Browser, chromium as playwright } from 'playwright-core'
import * as z from 'zod'

const packageFolder = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..')
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')))

/** One folder per version: the package keeps whatever browser it finds unpacked, of any version. */
const folder = join(import.meta.dirname, '../../node_modules/.cache', `chromium-${version}`)
const unpacked = join(folder, 'unpacked')

/**
 * Starts the Chromium that an npm package carries, with its own libraries and fonts, so that no system package is
 * needed. Its default arguments are left out: they switch web security off.
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await unpack()
  return await playwright.launch({
    executablePath,
    args: ['--no-sandbox', '--font-render-hinting=none'],
    env: {
      ...definedOf(process.env),
      FONTCONFIG_PATH: folder,
      LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
    },
  })
}

/** Unpacks once per version, before any test file starts a browser; half an unpacking is begun again. */
export async function unpack(): Promise<string> {
  if (existsSync(unpacked)) return readFileSync(unpacked, 'utf8')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  try {
    const { default: chromium, inflate } = await import('@sparticuz/chromium')
    await inflate(join(packageFolder, 'bin/al2023.tar.br'))
    const executablePath = await chromium.executablePath()
    writeFileSync(join(folder, 'fonts.conf'), fontsConf)
    writeFileSync(unpacked, executablePath)
    return executablePath
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}

// The packaged file names /tmp/fonts; without a font any page with a field ends the browser.
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`

const definedOf = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
