import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { printReports } from '../../functions/agent/printed-reports.ts'
import { serveApi } from '../../functions/agent/stub-api.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { openSite } from './agent-site.ts'

test('`index.cjs check` on the machine prints a line for each thing, and ends with 1 when one is not well', async () => {
  const api = await serveApi()
  const root = temporaryFolder('agent-check')
  const site = await openSite(root, api.url)
  onTestFinished(async () => {
    await site.stop()
    api.close()
  })
  printReports(site.reports, { asOf: new Date().toISOString() })
  const check = async () => {
    const program = site.start('check')
    const ended = once(program, 'exit').then(([code]) => code as number)
    const [printed, code] = await Promise.all([text(program.stdout!), ended])
    return { code, lines: printed.trim().split('\n') }
  }
  const well = await check()
  expect(well.lines.map((line) => line.split(/ {2,}/).slice(0, 2).join(' '))).toEqual([
    'ok token',
    'ok api',
    'ok clock',
    'ok queue',
    'ok folder',
    'ok folder',
    'ok state',
    expect.stringMatching(/^ok reports/),
  ])
  expect(well.code).toBe(0)
  rmSync(join(root, 'token'))
  expect(await check()).toMatchObject({ code: 1 })
})
