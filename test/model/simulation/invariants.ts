import { createHash } from 'node:crypto'
import type { Approval } from '../../../shared/domain/approval.ts'
import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import { ExportMessage } from '../../../shared/domain/export.ts'
import { verifyHistory } from '../../../shared/store/history.ts'
import type { HistoryEnd } from '../../../shared/store/budget-store.ts'
import { key } from '../../statemachines/cycle/clinic.ts'
import type { World } from './world.ts'

/** What was not to happen, by its number. */
export class Violated extends Error {
  override readonly name = 'Violated'
}

const violated = (invariant: string, what: string): never => {
  throw new Violated(`${invariant}: ${what}`)
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Looks at the world after every step, and remembers what must never change. */
export class Invariants {
  readonly #world: World
  #verified: HistoryEnd | undefined
  readonly #decisions = new Map<string, string>()
  readonly #outcomes = new Map<string, string>()
  readonly #files = new Map<string, string>()
  readonly #versions = new Map<number, string>()
  #messages = 0
  #mails = 0
  readonly #mailed = new Map<string, number>()
  readonly states = new Set<string>()
  readonly transitions = new Set<string>()
  #erp = ''

  constructor(world: World) {
    this.#world = world
  }

  #looked = ''

  async hold(): Promise<void> {
    const { table, exports, mailbox, objects, calm } = this.#world
    const now = [table.writes, exports.sent.length, mailbox.length, objects.files.size].join()
    if (now === this.#looked) return
    this.#looked = now
    const { store } = calm
    const head = await store.head(key)
    if (!head) return violated('I7', 'the budget is gone')
    this.#transitions(head)
    await this.#history(head)
    await this.#approvals(head)
    await this.#versionsStay(head)
    await this.#exportsStay(head)
    await this.#messagesAreAccepted()
    await this.#mailsAreOnce()
  }

  #transitions({ edit, erp }: BudgetHead): void {
    const now = `${edit} ${erp}`
    this.states.add(now)
    if (this.#erp !== now) this.transitions.add(`${this.#erp} -> ${now}`)
    this.#erp = now
  }

  async #history(head: BudgetHead): Promise<void> {
    const after = this.#verified?.sequence ?? 0
    if (head.sequence === after) return
    const rows = await this.#world.calm.store.history(key, { after, limit: 1000 })
    const fault = verifyHistory(rows, head, this.#verified)
    if (fault) violated('I7', `history row ${String(fault.sequence)} is ${fault.fault}`)
    this.#verified = { sequence: head.sequence, history_hash: head.history_hash }
  }

  async #approvals(head: BudgetHead): Promise<void> {
    const approvals = await this.#world.calm.store.approvals(key)
    const open = approvals.filter(({ outcome }) => outcome === undefined)
    if (open.length > 1) violated('I8', `${String(open.length)} approvals are open`)
    if (open.length === 1 && head.erp !== 'sent')
      violated('I8', `an approval is open while the budget is ${head.erp}`)
    for (const approval of approvals) this.#approval(approval)
  }

  #approval(approval: Approval): void {
    const { version, send, step, decisions, outcome, sender, editors } = approval
    const id = [version, send, step].join('-')
    for (const { person, choice } of decisions) {
      const mark = `${id}/${person}`
      const before = this.#decisions.get(mark)
      if (before !== undefined && before !== choice)
        violated('I1', `${person} decided ${before}, then ${choice}`)
      this.#decisions.set(mark, choice)
      if (choice === 'accept' && (person === sender || editors.includes(person)))
        violated('I9', `${person} accepts what is his own`)
    }
    const before = this.#outcomes.get(id)
    if (before !== undefined && before !== outcome)
      violated('I1', `approval ${id} was ${before} and is ${String(outcome)}`)
    if (outcome !== undefined) this.#outcomes.set(id, outcome)
    if (outcome === 'expired' && decisions.some(({ choice }) => choice === 'reject'))
      violated('I11', `approval ${id} is expired and rejected`)
  }

  async #versionsStay(head: BudgetHead): Promise<void> {
    const versions = await this.#world.calm.store.versions(key)
    if (versions.length !== head.version)
      violated('I14', `${String(versions.length)} versions of ${String(head.version)}`)
    for (const [i, { number, hash }] of versions.entries()) {
      if (number !== i + 1) violated('I14', `version ${String(number)} stands at place ${String(i + 1)}`)
      const before = this.#versions.get(number)
      if (before !== undefined && before !== hash) violated('I6', `version ${String(number)} is another now`)
      if (before === undefined) await this.#world.calm.store.lines(key, hash)
      this.#versions.set(number, hash)
    }
  }

  async #exportsStay(head: BudgetHead): Promise<void> {
    for (const [name, bytes] of this.#world.objects.files) {
      const hash = sha256(bytes)
      const before = this.#files.get(name)
      if (before !== undefined && before !== hash) violated('I3', `${name} has other bytes now`)
      this.#files.set(name, hash)
    }
    const { store } = this.#world.calm
    const exports = await store.exports(key)
    if (exports.length !== head.export)
      violated('I14', `${String(exports.length)} exports of ${String(head.export)}`)
    const open = exports.filter(({ settled_at }) => settled_at === undefined)
    if (open.length > 1) violated('I3', `${String(open.length)} exports are open`)
    const accepted = (await store.approvals(key)).filter(
      ({ outcome, step, steps }) => outcome === 'accepted' && step === steps.length,
    )
    if (exports.length > accepted.length)
      violated('I2', `${String(exports.length)} exports of ${String(accepted.length)} accepts`)
    for (const { version, version_hash, export_hash } of exports)
      if (
        !accepted.some(
          (each) =>
            each.version === version &&
            each.version_hash === version_hash &&
            each.export_hash === export_hash,
        )
      )
        violated('I2', `an export of version ${String(version)} that nobody accepted`)
  }

  /** Everything that was ever queued for Sage. */
  async #messagesAreAccepted(): Promise<void> {
    const { store } = this.#world.calm
    const { sent } = this.#world.exports
    for (const body of sent.slice(this.#messages)) {
      const { exportId, parts } = ExportMessage.parse(JSON.parse(body))
      const found = (await store.exports(key)).find(({ id }) => id === exportId)
      const [{ part, sha256: hash }] = parts
      const of = found && (await store.parts(key, found.number)).find((each) => each.part === part)
      if (of?.file_sha256 !== hash) violated('I2', `${exportId} was queued with a file that it does not hold`)
    }
    this.#messages = sent.length
  }

  async #mailsAreOnce(): Promise<void> {
    const { mailbox, calm } = this.#world
    for (const { id } of mailbox.slice(this.#mails)) this.#mailed.set(id, (this.#mailed.get(id) ?? 0) + 1)
    this.#mails = mailbox.length
    const twice = [...this.#mailed].filter(([, times]) => times > 1)
    if (twice.length === 0) return
    const logged = new Map((await calm.store.mails(key)).map((mail) => [mail.id, mail]))
    for (const [tag, times] of twice) {
      const id = Buffer.from(tag, 'base64url').toString()
      if ((logged.get(id)?.attempts ?? 0) < times)
        violated('I12', `${id} was mailed ${String(times)} times unnoticed`)
    }
  }
}
