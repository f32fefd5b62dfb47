import { type ErpState, stepUnderWay } from '../../../shared/domain/budget-head.ts'
import { key } from '../../statemachines/cycle/clinic.ts'
import type { Accounting } from './accounting.ts'
import type { Agent } from './agent.ts'
import type { People } from './people.ts'
import type { World } from './world.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Everybody who acts in a world. */
export interface Cast {
  readonly people: People
  readonly agent: Agent
  readonly accounting: Accounting
}

export type Act = () => Promise<unknown>
export type Acts = Readonly<Record<string, readonly [weight: number, act: Act]>>

const atOnce =
  (act: () => void): Act =>
  async () => {
    act()
    await Promise.resolve()
  }

/** Whoever has nothing to do does nothing. */
const where = (waits: readonly unknown[], often: number): number => (waits.length > 0 ? often : 0)

/** Everything that can happen next, each with how often it does. */
export function actsOf(cast: Cast): Acts {
  const { people, agent, accounting } = cast
  const { world } = people
  const { serve, draws, time, outside, table, stream, exports, events, mail, ended } = world
  return {
    'whoever is next acts': [60, async () => await whoeverIsNext(cast, true)],
    'paula locks': [4, async () => await people.project('lock')],
    'bob unlocks': [4, async () => await people.unlock()],
    'paula edits': [6, async () => await people.edit()],
    'paula changes': [4, async () => await people.change()],
    'paula sends': [4, async () => await people.project('send')],
    'paula takes back': [1, async () => await people.project('retrieve')],
    'an accept by link': [8, async () => await people.decideByLink('accept')],
    'a reject by link': [2, async () => await people.decideByLink('reject')],
    'anna accepts': [3, async () => await people.decideByApi('accept')],
    'ben accepts': [2, async () => await people.decideByApi('accept', 'ben')],
    'anna rejects': [1, async () => await people.decideByApi('reject')],
    'a scanner opens a link': [2, async () => await people.scan()],
    'the agent works': [where(world.agent.waiting, 20) + 1, async () => await agent.work()],
    'the share goes away': [1, atOnce(() => agent.share(false))],
    'the share is back': [3, atOnce(() => agent.share(true))],
    'peter imports and posts': [4, async () => await accounting.post(true)],
    'peter puts it right': [3, async () => await accounting.putRight()],
    'peter gives up': [1, async () => await accounting.close()],
    'Sage is read': [4, async () => await accounting.readBack()],
    'anna retries': [3, async () => await people.answerFailure('retry')],
    'anna returns': [2, async () => await people.answerFailure('return')],
    'somebody asks for anything': [4, async () => await people.askForAnything()],
    'otto restarts': [1, async () => await people.operate('restart')],
    'otto tells again': [1, async () => await people.operate('tell_again')],
    'an execution is stopped': [1, async () => await people.stopExecution()],
    'somebody redrives any execution': [1, atOnce(() => people.redriveAny())],
    'otto mends': [4, async () => await people.mend()],
    'minutes pass': [10, async () => await time.advance(draws.whole(1, 20) * minute)],
    'the end of an approval comes': [2, async () => await endOfApproval(world)],
    'days pass': [1, async () => await time.advance(draws.whole(1, 40) * day)],
    'what is queued moves on': [
      where([...stream, ...exports.waiting, ...events.waiting, ...mail.waiting], 60),
      async () => await Promise.all([serve.relay(), serve.gateway(), serve.events(), serve.mailer()]),
    ],
    'the relay': [where(stream, 20), serve.relay],
    'the gateway': [where(exports.waiting, 10), serve.gateway],
    'the reports': [where(events.waiting, 10), serve.events],
    'the mailer': [where(mail.waiting, 5), serve.mailer],
    'the sweep': [3, serve.sweep],
    'the summary': [1, serve.summary],
    'the nightly check': [1, serve.night],
    'the end of an execution is told': [where(ended, 10), serve.ended],
    'indexes lag': [1, atOnce(() => table.lag())],
    'indexes catch up': [2, atOnce(() => table.catchUp())],
    'no service answers for hours': [
      1,
      async () => {
        outside.out(true)
        await time.advance(draws.whole(1, 15) * hour)
        outside.out(false)
      },
    ],
  }
}

/** It is a few minutes before an approval expires. */
async function endOfApproval({ calm, draws, time }: World): Promise<void> {
  const head = await calm.store.head(key)
  if (head?.erp !== 'sent') return
  const approval = await calm.store.approval(key, stepUnderWay(head))
  const left = Date.parse(approval?.until ?? '') - time.now() - draws.whole(0, 10) * minute
  if (left > 0) await time.advance(left)
}

/** What the person whose turn it is does. */
export async function whoeverIsNext({ people, agent, accounting }: Cast, mayErr: boolean): Promise<unknown> {
  const { calm, draws } = people.world
  const head = await calm.store.head(key)
  if (!head) return undefined
  if (head.edit === 'unlocked' && !head.pending)
    return await (mayErr && draws.whole(1, 3) === 1 ? people.edit() : people.project('lock'))
  const mends = async (): Promise<void> => {
    await accounting.putRight()
    const ways = [
      async () => await accounting.readBack(),
      async () => await accounting.post(mayErr),
      async () => await accounting.acknowledge(),
    ]
    await draws.one(head.erp === 'mismatch' ? ways : ways.slice(0, 2))()
  }
  const turn: Partial<Record<ErpState, Act>> = {
    sent: async () => await people.decideByApi('accept', draws.one(['anna', 'ben'])),
    exporting: async () => await agent.work(),
    exported: async () => await (mayErr ? accounting.post(true) : mends()),
    export_failed: async () => {
      if (await accounting.lookAtFolder()) return
      await people.answerFailure(draws.whole(1, 3) === 1 ? 'return' : 'retry')
    },
    partly_posted: mends,
    mismatch: mends,
  }
  if (mayErr && head.erp === 'synced') return await people.unlock()
  if (turn[head.erp]) return await turn[head.erp]?.()
  const { code } = await people.project('send')
  if (code !== 'FINDINGS') return undefined
  // Sage shows something else than was said to be posted.
  await accounting.putRight()
  return await accounting.readBack()
}

export function drawn(world: World, acts: Acts): string {
  const names = Object.keys(acts)
  const total = names.reduce((sum, name) => sum + (acts[name]?.[0] ?? 0), 0)
  let left = world.draws.whole(1, total)
  for (const name of names) {
    left -= acts[name]?.[0] ?? 0
    if (left <= 0) return name
  }
  return names[0] ?? ''
}
