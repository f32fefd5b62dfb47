import { createHash } from 'node:crypto'
import type { Approval } from '../../../shared/domain/approval.ts'
import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import { type BudgetExport, ExportMessage } from '../../../shared/domain/export.ts'
import { verifyHistory } from '../../../shared/store/history.ts'
import { entriesOf } from '../../../shared/cycle/export-parts.ts'
import type { HistoryEnd } from '../../../shared/store/budget-store.ts'
import { key } from '../../statemachines/cycle/clinic.ts'
import { theirs } from './another-company.ts'
import type { Agent } from './agent.ts'
import { ways } from './ways.ts'
import { Violated } from './violated.ts'
import type { World } from './world.ts'

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
  readonly #agent: Agent
  /** How often the budget came to be synced. */
  cycles = 0

  constructor(world: World, agent: Agent) {
    this.#world = world
    this.#agent = agent
  }

  #looked = ''

  /** The table was set back to a moment: what came after it is forgotten, but for files, which stay. */
  beginAnew(): void {
    this.#verified = undefined
    for (const known of [this.#decisions, this.#outcomes, this.#versions, this.#mailed]) known.clear()
    this.#mails = this.#world.mailbox.length
    for (const name of this.#agent.files().keys()) this.#fromBefore.add(name)
  }
  readonly #fromBefore = new Set<string>()

  async hold(): Promise<void> {
    for (const what of this.#world.found) throw new Violated(what)
    const { table, exports, mailbox, objects, calm } = this.#world
    const now = [
      table.writes,
      exports.sent.length,
      mailbox.length,
      objects.files.size,
      this.#agent.lying().length,
    ].join()
    if (now === this.#looked) return
    this.#looked = now
    const { store } = calm
    const head = await store.head(key)
    if (!head) return violated('I7', 'the budget is gone')
    this.#transitions()
    await this.#history(head)
    const [approvals, made] = await Promise.all([store.approvals(key), store.exports(key)])
    this.#approvals(head, approvals)
    await this.#versionsStay(head)
    this.#exportsStay(head, approvals, made)
    await this.#partsStay(approvals, made)
    await this.#messagesAreAccepted(made)
    await this.#mailsAreOnce()
  }

  /** Every write of the head, also those that nobody saw from outside. */
  #transitions(): void {
    for (const { from, to } of this.#world.changes.splice(0)) {
      this.states.add(to)
      if (from === to) continue
      const way = `${from ?? ''} -> ${to}`
      this.transitions.add(way)
      if (!ways.has(way)) violated('I10', `the budget went ${way}`)
      if (to === 'locked synced') this.cycles += 1
    }
  }

  async #history(head: BudgetHead): Promise<void> {
    const after = this.#verified?.sequence ?? 0
    if (head.sequence === after) return
    const rows = await this.#world.calm.store.history(key, { after, limit: head.sequence - after })
    const fault = verifyHistory(rows, head, this.#verified)
    if (fault) violated('I7', `history row ${String(fault.sequence)} is ${fault.fault}`)
    this.#verified = { sequence: head.sequence, history_hash: head.history_hash }
  }

  #approvals(head: BudgetHead, approvals: readonly Approval[]): void {
    const open = approvals.filter(({ outcome }) => outcome === undefined)
    if (open.length > 1) violated('I8', `${String(open.length)} approvals are open`)
    if (open.length === 1 && head.erp !== 'sent')
      violated('I8', `an approval is open while the budget is ${head.erp}`)
    for (const approval of approvals) this.#approval(approval)
  }

  #approval(approval: Approval): void {
    const { version, send, step, decisions, outcome, sender, editors, until } = approval
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
    if (outcome === 'accepted' && decisions.some(({ at }) => at >= until))
      violated('I11', `approval ${id} was accepted after its end`)
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

  #exportsStay(head: BudgetHead, approvals: readonly Approval[], exports: readonly BudgetExport[]): void {
    for (const [name, bytes] of this.#world.objects.files) {
      const hash = sha256(bytes)
      const before = this.#files.get(name)
      if (before !== undefined && before !== hash) violated('I3', `${name} has other bytes now`)
      this.#files.set(name, hash)
    }
    if (exports.length !== head.export)
      violated('I14', `${String(exports.length)} exports of ${String(head.export)}`)
    const open = exports.filter(({ settled_at }) => settled_at === undefined)
    if (open.length > 1) violated('I3', `${String(open.length)} exports are open`)
    const accepted = approvals.filter(
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

  /** What was accepted is what the files hold; a receipt is of a file that is there, whole; none is there unasked. */
  async #partsStay(approvals: readonly Approval[], exports: readonly BudgetExport[]): Promise<void> {
    const { calm } = this.#world
    const asked = new Set<string>()
    const written = new Map([...this.#agent.files()].map(([name, bytes]) => [name, sha256(bytes)]))
    for (const each of exports) {
      const accepted = approvals.findLast(
        ({ version, export_hash }) => version === each.version && export_hash === each.export_hash,
      )
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      for (const part of await calm.store.parts(key, each.number)) {
        const { part: at, kind, total, file_name, file_sha256, receipt, claim, posted, outcome } = part
        const name = `${each.id}, file ${String(at)}`
        if (
          kind !== 'correction' &&
          accepted?.parts.find(({ part: number }) => number === at)?.total !== total
        )
          violated('I5', `${name} has another total than was accepted`)
        const sum = (await entriesOf(calm, key, part)).reduce((cents, entry) => cents + entry.cents, 0)
        if (sum !== total) violated('I5', `${name} has another total than its entries`)
        const there = written.get(file_name)
        const isOther = there !== undefined && there !== file_sha256
        if (isOther && (receipt || !this.#fromBefore.has(file_name)))
          violated('I3', `${name} has other bytes in the folder`)
        if (receipt && there === undefined) violated('I10', `${name} has a receipt and is not in the folder`)
        if (posted && !receipt) violated('I10', `${name} is posted and was never received`)
        if (there !== undefined && !this.#known.has(file_name) && outcome === 'withdrawn')
          violated('I2', `${name} was written after it was withdrawn`)
        if (claim || receipt || this.#known.has(file_name)) asked.add(file_name)
      }
    }
    for (const name of written.keys()) {
      if (!asked.has(name) && !this.#fromBefore.has(name)) violated('I3', `${name} was written unasked`)
      this.#known.add(name)
    }
  }
  readonly #known = new Set<string>()

  /** Everything that was ever queued for Sage. */
  async #messagesAreAccepted(exports: readonly BudgetExport[]): Promise<void> {
    const { store } = this.#world.calm
    const { sent } = this.#world.exports
    for (const body of sent.slice(this.#messages)) {
      const { exportId, parts } = ExportMessage.parse(JSON.parse(body))
      const found = exports.find(({ id }) => id === exportId)
      const [{ part, sha256: hash }] = parts
      const of = found && (await store.parts(key, found.number)).find((each) => each.part === part)
      if (of?.file_sha256 !== hash) violated('I2', `${exportId} was queued with a file that it does not hold`)
    }
    this.#messages = sent.length
  }

  async #mailsAreOnce(): Promise<void> {
    const { mailbox, calm } = this.#world
    for (const { text, subject } of mailbox.slice(this.#mails)) {
      const strange = theirs.find((word) => `${subject} ${text}`.includes(word))
      if (strange !== undefined) violated('I13', `a mail says ${strange}`)
    }
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
