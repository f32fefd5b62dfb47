import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { type Api, ApiRefused, ExportSeen } from '../../../functions/sage-connector/agent/api-client.ts'
import {
  type DeliveryLedger,
  openDeliveryLedger,
} from '../../../functions/sage-connector/agent/delivery-ledger.ts'
import { deliverPart } from '../../../functions/sage-connector/agent/deliver-part.ts'
import { putFilesAway } from '../../../functions/sage-connector/agent/put-files-away.ts'
import { ExportMode } from '../../../shared/domain/export.ts'
import { key, sageId } from '../../statemachines/cycle/clinic.ts'
import type { People } from './people.ts'

const Claimed = z.looseObject({
  message: z.looseObject({ parts: z.tuple([z.looseObject({ mode: ExportMode })]) }),
  file: z.object({ name: z.string(), base64: z.string() }),
  claim: z.int(),
})

const log = (): void => undefined

/**
 * The agent beside Sage: its own code, with a folder and a ledger on a disk, of which the share goes away at times. What
 * it asks may be lost, and it may be stopped at every call; then it begins anew with what lies on its disk.
 */
export class Agent {
  readonly #people: People
  readonly #home = mkdtempSync(join(tmpdir(), 'simulated-agent-'))
  readonly #share = join(this.#home, 'share')
  readonly #away = join(this.#home, 'away')
  #isAway = false

  constructor(people: People) {
    this.#people = people
    mkdirSync(this.#share)
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true })
  }

  /** Takes one message, and looks after what lies in the folder. */
  async work(): Promise<void> {
    const { outside, agent } = this.#people.world
    // It was stopped, and begins anew with what lies on its disk.
    const ledger = openDeliveryLedger(join(this.#home, 'ledger.jsonl'))
    await agent.deliver(async (body, tries) => {
      await outside.invoke(
        'agent',
        async () => await deliverPart(this.#delivery(ledger), JSON.parse(body), tries),
      )
    })
    if (this.#isAway) return
    const look = putFilesAway({ api: this.#api, ledger, folder: this.#share, log }).look
    await outside.invoke('agent', look).catch(() => undefined)
  }

  /** A file lies in the folder that was written before the agent was watched. */
  wrote(name: string, bytes: Uint8Array): void {
    writeFileSync(join(this.#share, name), bytes)
  }

  /** Somebody takes a file out of the folder. */
  takeOut(name: string): void {
    for (const each of this.lying()) if (each.name === name) rmSync(join(each.parentPath, name))
  }

  share(isThere: boolean): void {
    if (isThere !== this.#isAway) return
    if (isThere) renameSync(this.#away, this.#share)
    else renameSync(this.#share, this.#away)
    this.#isAway = !isThere
  }

  /** Every file that was ever written and still lies anywhere. */
  lying(): readonly { readonly name: string; readonly parentPath: string }[] {
    const folder = this.#isAway ? this.#away : this.#share
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (each) => each.isFile() && each.name.endsWith('.jce'),
    )
  }

  /** The same with their bytes, by name. */
  files(): Map<string, Buffer> {
    return new Map(this.lying().map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name))]))
  }

  #delivery(ledger: DeliveryLedger) {
    return {
      api: this.#api,
      ledger,
      company: key.company,
      sageCompany: sageId,
      folder: this.#share,
      now: () => new Date(this.#people.world.time.now()).toISOString(),
      log,
    }
  }

  async #ask(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const what = `${method} ${path.split('/').at(-1) ?? ''}`
      .replace(key.project, 'export')
      .replace(/-e\d+$/, '')
    return await this.#people.world.outside.call(what, async () => {
      const { status, code, body: said } = await this.#people.ask('agent-nw', method, path, body)
      if (status >= 400) throw new ApiRefused(status, code === '' ? String(status) : code, 'Refused')
      return said
    })
  }

  readonly #api: Api = {
    claim: async (exportId, of) => {
      const { message, file, claim } = Claimed.parse(
        await this.#ask('POST', `/exports/${exportId}/claim`, of),
      )
      const bytes = Buffer.from(file.base64, 'base64')
      // What comes over a line is not always what was sent.
      if (this.#people.world.draws.whole(1, 30) === 1) bytes[0] = (bytes[0] ?? 0) ^ 1
      return { mode: message.parts[0].mode, fileName: file.name, bytes, claim }
    },
    receipt: async (exportId, of) => void (await this.#ask('POST', `/exports/${exportId}/receipt`, of)),
    failure: async (exportId, of) => void (await this.#ask('POST', `/exports/${exportId}/failure`, of)),
    seen: async (exportId) => ExportSeen.parse(await this.#ask('GET', `/exports/${exportId}`)),
    rejects: notHere,
    putMasterData: notHere,
    putTotals: notHere,
  }
}

const notHere = async (): Promise<never> =>
  await Promise.reject(new Error('People and readings do that here'))
