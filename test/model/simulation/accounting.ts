import { sha256Of } from '../../../functions/sage-connector/agent/drop-folder.ts'
import { keyOf as budgetKey } from '../../../shared/domain/budget-code.ts'
import { formatCents } from '../../../shared/domain/cents.ts'
import type { ExportPart } from '../../../shared/domain/export.ts'
import type { Instant } from '../../../shared/domain/ids.ts'
import { withCorrected } from '../../../shared/exporting/under-way.ts'
import { postedOrNot } from '../../../shared/sage/reconciliation.ts'
import { key, sageId } from '../../statemachines/cycle/clinic.ts'
import type { Agent } from './agent.ts'
import type { People } from './people.ts'
import { type Imported, type Line, SageBooks } from './sage.ts'

const codeOf = ({ extra, cost_code, category }: Line) => ({
  sub_job: extra,
  cost_code,
  cost_type: category,
})

/** Peter at his Sage: imports, posts, errs and mends, and tells the product what he did; and what Sage shows is read. */
export class Accounting {
  readonly #people: People
  readonly #agent: Agent
  readonly books = new SageBooks()
  /** What was imported and posted whenever Sage was read. */
  readonly #postedAt = new Map<string, readonly Imported[]>()

  constructor(people: People, agent: Agent) {
    this.#people = people
    this.#agent = agent
  }

  /** The part that waits for him, with the file in his folder. */
  async #waiting(): Promise<{ part: ExportPart; exported: string; bytes: Buffer } | undefined> {
    const { store } = this.#people.world.calm
    const head = await store.head(key)
    const waits = head?.erp === 'exported' || head?.erp === 'partly_posted' || head?.erp === 'mismatch'
    if (!waits || head.open_export === undefined) return undefined
    const open = await store.export(key, head.open_export)
    const part = (await store.parts(key, head.open_export)).find((each) => each.part === open?.current_part)
    const bytes = part && this.#agent.files().get(part.file_name)
    // What he gave up he leaves, as he is told by mail.
    if (part?.outcome !== 'open') return undefined
    return open && bytes && { part, exported: `/exports/${open.id}`, bytes }
  }

  #isBusy = false

  /** He does one thing at a time. */
  async #alone(act: () => Promise<void>): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    await act().finally(() => {
      this.#isBusy = false
    })
  }

  /** Imports the file that waits and posts it, most often as it should be, and says so. */
  async post(mayErr: boolean): Promise<void> {
    await this.#alone(async () => await this.#post(mayErr))
  }

  async #post(mayErr: boolean): Promise<void> {
    const waiting = await this.#waiting()
    if (!waiting) return
    const { part, bytes } = waiting
    const { draws } = this.#people.world
    const errs = mayErr ? draws.one(['', '', '', '', 'box', 'twice', 'half']) : ''
    if (this.books.of(part.file_name).length === 0) {
      const file = this.#imports(part, bytes, mayErr)
      if (errs === 'box') file.changes = !file.changes
      if (errs === 'twice') this.books.importFile({ ...file })
      if (errs === 'half') file.posted = Math.floor(file.lines.length / 2)
      // Who erred notices nothing, or has no time to say so.
      if (errs === 'half' || (errs !== '' && draws.whole(1, 2) === 1)) return
    }
    await this.#tell(waiting)
  }

  #imports(
    { file_name: name, file_sha256: sha256, mode }: ExportPart,
    bytes: Buffer,
    mayReject: boolean,
  ): Imported {
    const { draws } = this.#people.world
    const lines = SageBooks.linesOf(bytes)
    const bad = mayReject && lines.length > 1 && draws.whole(1, 5) === 1 ? [draws.one(lines)] : []
    const taken = lines.filter((line) => !bad.includes(line))
    const changes = mode === 'approved_estimate_change'
    const file = { name, sha256, changes, lines: taken, rejected: bad, posted: taken.length }
    this.books.importFile(file)
    return file
  }

  async #tell({ part, exported }: { part: ExportPart; exported: string }): Promise<void> {
    const rejected = this.books.of(part.file_name)[0]?.rejected ?? []
    if (rejected.length > 0 && part.rejected === undefined)
      await this.#people.command('peter', `${exported}/rejects`, {
        part: part.part,
        lines: rejected.map(codeOf),
      })
    else await this.#people.command('peter', `${exported}/posted`, { part: part.part })
  }

  /** Puts right in Sage whatever he did otherwise than the files say, and posts the rest. */
  async putRight(): Promise<void> {
    const { store } = this.#people.world.calm
    const head = await store.head(key)
    if (!head) return
    const parts = await Promise.all(
      Array.from({ length: head.export }, async (_, i) => await store.parts(key, i + 1)),
    )
    for (const { file_name: name, mode } of parts.flat()) {
      const [file, ...again] = this.books.of(name)
      for (const copy of again) this.books.reverse(copy)
      if (!file) continue
      file.changes = mode === 'approved_estimate_change'
      file.posted = file.lines.length
    }
  }

  /** Says that what Sage shows beside the open file was made there on purpose, once all is right there. */
  async acknowledge(): Promise<void> {
    const waiting = await this.#waiting()
    if (!waiting) return
    const { part, exported } = waiting
    const answer = await this.#postedWhenRead(part)
    // Of some of it neither answer is true.
    if (answer === 'some') return
    await this.#people.command('peter', `${exported}/acknowledge`, {
      part: part.part,
      note: 'It was put right in Sage.',
      ...answer,
    })
  }

  /**
   * Whether what was sent on the codes that he is asked about was posted when Sage was read, in whichever box;
   * undefined: he is not asked.
   */
  async #postedWhenRead({
    part: number,
    export: of,
  }: ExportPart): Promise<{ file_posted: boolean; observed_at: Instant } | 'some' | undefined> {
    const parts = await this.#people.world.calm.store.parts(key, of)
    const part = parts.find((each) => each.part === number)
    const { observation } = part ?? {}
    if (!part || !observation) return undefined
    const files = withCorrected(parts, part).map(({ file_name }) => file_name)
    const then = (this.#postedAt.get(observation.read_at ?? '') ?? [])
      .filter((file) => files.includes(file.name))
      .flatMap(({ lines, posted }) => lines.slice(0, posted))
      .map((line) => budgetKey(codeOf(line)))
    const asked = postedOrNot(observation).map(({ code }) => then.includes(budgetKey(code)))
    const [first] = asked
    if (first === undefined) return undefined
    return asked.every((posted) => posted === first)
      ? { file_posted: first, observed_at: observation.at }
      : 'some'
  }

  /**
   * The table was set back: whatever he imported that the product knows nothing of any more, or took out of Sage since,
   * he takes out whole.
   */
  async askWitnesses(): Promise<void> {
    const { store } = this.#people.world.calm
    const head = await store.head(key)
    const known = new Map<string, ExportPart>()
    for (let number = 1; number <= (head?.export ?? 0); number += 1)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      for (const part of await store.parts(key, number)) known.set(part.file_name, part)
    const out = this.books.imported.filter(({ name, sha256, isCut }) => {
      const part = known.get(name)
      return part?.file_sha256 !== sha256 || (isCut && part.outcome === 'open')
    })
    for (const file of out) this.books.reverse(file)
  }

  /** Closes an export that failed since another file lies under its name, which he takes out of the folder. */
  async lookAtFolder(): Promise<boolean> {
    const { store } = this.#people.world.calm
    const head = await store.head(key)
    if (head?.open_export === undefined) return false
    const files = this.#agent.files()
    const isOther = ({ file_name: name, file_sha256: hash }: ExportPart): boolean => {
      const bytes = files.get(name)
      return bytes !== undefined && sha256Of(bytes) !== hash
    }
    if (!(await store.parts(key, head.open_export)).some(isOther)) return false
    await this.close()
    for (const part of await store.parts(key, head.open_export))
      if (isOther(part) && part.outcome !== 'open') this.#agent.takeOut(part.file_name)
    return true
  }

  /** Gives the open export up: what is in Sage stays, what is not stays out. */
  async close(): Promise<void> {
    await this.#alone(async () => await this.#close())
  }

  async #close(): Promise<void> {
    const { store } = this.#people.world.calm
    const head = await store.head(key)
    const number = head?.open_export
    if (number === undefined) return
    const parts = await store.parts(key, number)
    const taken = parts.flatMap((part) =>
      this.books
        .of(part.file_name)
        .slice(0, 1)
        .flatMap(({ lines, posted, changes }) =>
          lines.slice(0, posted).map((line) => ({
            part: part.part,
            ...codeOf(line),
            outcome: 'taken',
            mode: changes ? 'approved_estimate_change' : 'original_estimate',
          })),
        ),
    )
    const open = parts.filter(({ outcome }) => outcome === 'open').map(({ part }) => part)
    await this.#people.command('peter', `/exports/${key.project}-e${String(number)}/close`, {
      reason: 'Given up',
      others: { outcome: 'withdrawn' },
      entries: taken.filter(({ part }) => open.includes(part)),
    })
    // What was imported and is recorded as withdrawn is deleted, as the page says.
    for (const { file_name: name, outcome } of await store.parts(key, number))
      for (const file of outcome === 'open' ? [] : this.books.of(name))
        if (file.posted < file.lines.length) this.#deleteUnposted(file)
  }

  #deleteUnposted(file: Imported): void {
    this.books.reverse(file)
    this.books.importFile({ ...file, lines: file.lines.slice(0, file.posted), isCut: true })
  }

  /** What Sage shows is read, by the agent. */
  async readBack(): Promise<void> {
    const totals = [...this.books.totals()].map(([name, { original, changes }]) => {
      const [extra = '', cost_code = '', category = ''] = name.split('|')
      return {
        extra,
        cost_code,
        category,
        original: formatCents(original as never),
        changes: formatCents(changes as never),
      }
    })
    const as_of = new Date(this.#people.world.time.now()).toISOString()
    this.#postedAt.set(
      as_of,
      this.books.imported.map((file) => ({ ...file })),
    )
    const path = `/erp/master_data/${sageId}/totals/24-1007`
    await this.#people.ask('agent-nw', 'PUT', path, { as_of, totals })
  }
}
