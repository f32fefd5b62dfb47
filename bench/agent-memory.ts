import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Measure } from './bar.ts'
import { watchMemory } from './process-memory.ts'
import { csvOf, fileOf } from './sage-file.ts'
import { bundlePrograms } from '../infra/bundle.ts'
import { openSite } from '../test/local/agent/agent-site.ts'
import { message, serveApi } from '../test/functions/agent/stub-api.ts'
import { tradeLines } from '../test/store/trade-lines.ts'

const deliveries = 3

/** The agent's bundle in a process of its own: the file comes by an address, as one of this size does. */
export const agentMemory: Measure = async () => {
  await bundlePrograms()
  const file = fileOf(csvOf(tradeLines(50_000)))
  const root = mkdtempSync(join(tmpdir(), 'bench-agent-'))
  const api = await serveApi({ file, byAddress: true, name: (exportId) => `${exportId}.jce` })
  const site = await openSite(root, api.url)
  try {
    const { pid } = site.start()
    const watch = watchMemory(pid ?? 0)
    for (let number = 1; number <= deliveries; number += 1) {
      site.send(message(1, `clinic-e${String(number)}`, file))
      const last = performance.now() + 60_000
      while (api.of('/receipt').length < number) {
        if (performance.now() > last) throw new Error('Waited a minute in vain for a receipt')
        await pause(20)
      }
    }
    return [
      {
        bar: 'memory of the agent while it delivers files of 50,000 lines, at most',
        unit: 'MB',
        at_most: 150,
        figure: watch.stop() / 1e6,
        of: `resident, looked at every 50 ms; ${String(deliveries)} files of ${(file.byteLength / 1e6).toFixed(1)} MB one after the other`,
      },
    ]
  } finally {
    await site.stop()
    api.close()
    rmSync(root, { recursive: true, force: true })
  }
}
