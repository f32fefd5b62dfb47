import * as asks from './asks.ts'
import type { Served } from '../simulation/world.ts'
import type { Place } from './places.ts'

/** What one does, one after the other: ask, serve what waits for one of the product's functions, let time pass. */
export type Doing = readonly (asks.Asking | Served | { readonly passes: number })[]

/** Some who act at once on one budget. */
export interface Contest {
  readonly name: string
  readonly from: Place
  /** By name; a request is in history by the name of who asked. */
  readonly actors: Readonly<Record<string, Doing>>
  /** Whether all requests are one, under one idempotency key. */
  readonly oneKey?: boolean
  /** Whether Sage holds the first file by then. */
  readonly inSage?: boolean
  /** What is left to somebody of whom the simulation does not know. */
  readonly afterwards?: Doing
  /** Every way in which it may end: what became of each request, and where the budget stands when all is carried out. */
  readonly ends: readonly string[]
}

const day = 86_400_000
const expiry = { passes: 30 * day + 60_000 }

/** A request, and what follows from it at once. */
const delivered = (asking: asks.Asking): Doing => [asking, 'relay']

/** One request that is sent twice at once, as by a client that waits no longer. */
const twice = (name: string, from: Place, asking: asks.Asking, stands: string): Contest => ({
  name: `${name}, twice under one key`,
  from,
  oneKey: true,
  actors: { first: [asking], second: [asking] },
  ends: [`first recorded, second taken: ${stands}`, `first taken, second recorded: ${stands}`],
})

export const pairs: readonly Contest[] = [
  {
    name: 'accept and reject',
    from: 'sent',
    actors: { accept: [asks.accepts('anna')], reject: [asks.rejects('ben')] },
    ends: [
      'accept APPROVAL_ENDED, reject recorded: unlocked rejected',
      'accept recorded, reject APPROVAL_ENDED: locked exporting',
    ],
  },
  {
    name: 'accept and reject, of one person',
    from: 'sent',
    actors: { accept: [asks.accepts('anna')], reject: [asks.rejects('anna')] },
    ends: [
      'accept APPROVAL_ENDED, reject recorded: unlocked rejected',
      'accept recorded, reject APPROVAL_ENDED: locked exporting',
    ],
  },
  {
    name: 'accept and accept, one is enough',
    from: 'sent',
    actors: { anna: [asks.accepts('anna')], ben: [asks.accepts('ben')] },
    ends: [
      'anna recorded, ben APPROVAL_ENDED: locked exporting',
      'anna APPROVAL_ENDED, ben recorded: locked exporting',
    ],
  },
  {
    name: 'accept and accept, both must',
    from: 'sent to two',
    actors: { anna: [asks.accepts('anna')], ben: [asks.accepts('ben')] },
    ends: ['anna recorded, ben recorded: locked exporting'],
  },
  {
    name: 'accept and accept, in two tabs of one person',
    from: 'sent',
    actors: { tab1: [asks.accepts('anna')], tab2: [asks.accepts('anna')] },
    ends: ['tab1 recorded, tab2 taken: locked exporting', 'tab1 taken, tab2 recorded: locked exporting'],
  },
  {
    name: 'accept and retrieve',
    from: 'sent',
    actors: { accept: [asks.accepts('anna')], retrieve: [asks.retrieves] },
    ends: [
      'accept APPROVAL_ENDED, retrieve recorded: locked retrieved',
      'accept recorded, retrieve APPROVAL_ENDED: locked exporting',
    ],
  },
  {
    name: 'accept and unlock',
    from: 'sent',
    actors: { accept: [asks.accepts('anna')], unlock: [asks.unlocks] },
    ends: ['accept recorded, unlock WITH_ACCOUNTING: locked exporting'],
  },
  {
    name: 'accept and expiry',
    from: 'sent',
    actors: { accept: [asks.accepts('anna')], time: [expiry] },
    ends: ['accept APPROVAL_ENDED: locked expired', 'accept recorded: locked exporting'],
  },
  {
    name: 'accept and restart',
    from: 'sent',
    actors: { accept: [asks.accepts('anna')], restart: [asks.restarts] },
    ends: ['accept recorded, restart recorded: locked exporting'],
  },
  {
    name: 'accept, and the wait for it being opened',
    from: 'sending',
    actors: { accept: delivered(asks.accepts('anna')), relay: ['relay'] },
    ends: [
      'accept COMMAND_PENDING: locked sent',
      'accept NOT_FOUND: locked sent',
      'accept SHOWN_IS_NOT_STORED: locked sent',
      'accept recorded: locked exporting',
    ],
  },
  {
    name: 'send, and the wait for it being opened',
    from: 'locking',
    actors: { relay: ['relay'], send: delivered(asks.sends) },
    ends: ['send COMMAND_PENDING: locked not_sent', 'send recorded: locked sent'],
  },
  {
    name: 'restart, and the wait that the run before it opens',
    from: 'sending',
    actors: { relay: ['relay'], restart: delivered(asks.restarts) },
    ends: ['restart recorded: locked sent'],
  },
  {
    name: 'reject and resend',
    from: 'sent',
    actors: { reject: [asks.rejects('anna')], resend: [asks.resends] },
    ends: [
      'reject recorded, resend APPROVAL_ENDED: unlocked rejected',
      'reject recorded, resend recorded: unlocked rejected',
    ],
  },
  {
    name: 'posted and rejects',
    from: 'exported',
    actors: { posted: [asks.posts], rejects: [asks.rejectsLine] },
    ends: [
      'posted COMMAND_PENDING, rejects recorded: locked exporting',
      'posted recorded, rejects COMMAND_PENDING: locked synced',
      'posted recorded, rejects NOTHING_TO_CONFIRM: locked synced',
    ],
  },
  {
    name: 'posted, and Sage read as it is then',
    from: 'exported',
    inSage: true,
    actors: { posted: [asks.posts], totals: [asks.readsTotals(), 'events'] },
    ends: ['posted recorded, totals taken: locked synced', 'posted taken, totals taken: locked synced'],
  },
  {
    name: 'posted, and Sage read before a line of it is',
    from: 'exported',
    inSage: true,
    actors: { posted: [asks.posts], totals: [asks.readsTotals((code) => code === '31-2000'), 'events'] },
    ends: [
      'posted COMMAND_PENDING, totals taken: locked partly_posted',
      'posted READ_BACK_CONTRADICTS, totals taken: locked partly_posted',
      'posted recorded, totals taken: locked synced',
    ],
  },
  {
    name: 'rejects, and Sage read without the line',
    from: 'exported',
    actors: {
      rejects: [asks.rejectsLine],
      totals: [asks.readsTotals((code) => code === '31-2000'), 'events'],
    },
    ends: [
      'rejects COMMAND_PENDING, totals taken: locked partly_posted',
      'rejects recorded, totals taken: locked exporting',
    ],
  },
  {
    name: 'retry and return',
    from: 'export failed',
    actors: { retry: [asks.retries], return: [asks.givesBack] },
    ends: [
      'retry COMMAND_PENDING, return recorded: unlocked rejected',
      'retry recorded, return COMMAND_PENDING: locked exporting',
    ],
  },
  {
    name: 'retry and restart',
    from: 'export failed',
    actors: { restart: [asks.restarts], retry: [asks.retries] },
    ends: ['restart recorded, retry recorded: locked exporting'],
  },
  {
    name: 'receipt and failure',
    from: 'claimed',
    actors: { failure: [asks.fails, 'events'], receipt: [asks.receives, 'events'] },
    ends: [
      'failure taken, receipt taken: locked export_failed',
      'failure taken, receipt taken: locked exported',
    ],
  },
  {
    name: 'claim by two agents',
    from: 'exporting',
    actors: { one: [asks.claims('agent-nw')], two: [asks.claims('agent-2')] },
    afterwards: [asks.receives, 'events'],
    ends: ['one CLAIMED, two recorded: locked exporting', 'one recorded, two CLAIMED: locked exporting'],
  },
  {
    name: 'edit and lock',
    from: 'unlocked',
    actors: { edit: [asks.edits], lock: delivered(asks.locks) },
    ends: [
      'edit BUDGET_LOCKED, lock recorded: locked not_sent',
      'edit COMMAND_PENDING, lock recorded: locked not_sent',
      'edit recorded, lock recorded: locked not_sent',
    ],
  },
  {
    name: 'zero line and send',
    from: 'locked',
    actors: { edit: [asks.addsZeroLine], send: delivered(asks.sends) },
    ends: [
      'edit COMMAND_PENDING, send recorded: locked sent',
      'edit WITH_ACCOUNTING, send recorded: locked sent',
      'edit recorded, send recorded: locked sent',
    ],
  },
  {
    name: 'change and send',
    from: 'with a draft',
    actors: { approve: [asks.approvesChange], send: [asks.sends] },
    ends: [
      'approve COMMAND_PENDING, send recorded: locked sent',
      'approve recorded, send recorded: locked sent',
    ],
  },
  {
    name: 'unlock and send',
    from: 'locked',
    actors: { send: [asks.sends], unlock: [asks.unlocks] },
    ends: [
      'send COMMAND_PENDING, unlock recorded: unlocked not_sent',
      'send recorded, unlock COMMAND_PENDING: locked sent',
    ],
  },
  twice('lock', 'unlocked', asks.locks, 'locked not_sent'),
  twice('send', 'locked', asks.sends, 'locked sent'),
  twice('accept', 'sent', asks.accepts('anna'), 'locked exporting'),
  twice('retry', 'export failed', asks.retries, 'locked exporting'),
  twice('posted', 'exported', asks.posts, 'locked synced'),
]

export const triples: readonly Contest[] = [
  {
    name: 'accept, reject and the relay',
    from: 'sent',
    actors: { accept: [asks.accepts('anna')], reject: [asks.rejects('ben')], relay: ['relay'] },
    ends: [
      'accept APPROVAL_ENDED, reject recorded: unlocked rejected',
      'accept recorded, reject APPROVAL_ENDED: locked exporting',
    ],
  },
  {
    name: 'accept, retrieve and expiry',
    from: 'sent',
    actors: { accept: [asks.accepts('anna')], retrieve: [asks.retrieves], time: [expiry] },
    ends: [
      'accept APPROVAL_ENDED, retrieve APPROVAL_ENDED: locked expired',
      'accept APPROVAL_ENDED, retrieve NOT_SENT: locked expired',
      'accept APPROVAL_ENDED, retrieve recorded: locked retrieved',
      'accept recorded, retrieve APPROVAL_ENDED: locked exporting',
    ],
  },
  {
    name: 'accept, its delivery and a restart',
    from: 'sent',
    actors: { accept: [asks.accepts('anna')], relay: ['relay'], restart: delivered(asks.restarts) },
    ends: ['accept recorded, restart recorded: locked exporting'],
  },
  {
    name: 'posted, rejects, and Sage read before either',
    from: 'exported',
    actors: {
      posted: [asks.posts],
      rejects: [asks.rejectsLine],
      totals: [asks.readsTotals(() => true), 'events'],
    },
    ends: [
      'posted COMMAND_PENDING, rejects recorded, totals taken: locked exporting',
      'posted recorded, rejects COMMAND_PENDING, totals taken: locked synced',
      'posted recorded, rejects NOTHING_TO_CONFIRM, totals taken: locked synced',
    ],
  },
  {
    name: 'retry, return and restart',
    from: 'export failed',
    actors: { restart: [asks.restarts], retry: [asks.retries], return: [asks.givesBack] },
    ends: [
      'restart recorded, retry COMMAND_PENDING, return recorded: unlocked rejected',
      'restart recorded, retry recorded, return COMMAND_PENDING: locked exporting',
    ],
  },
  {
    name: 'unlock, zero line and send',
    from: 'locked',
    actors: { edit: [asks.addsZeroLine], send: [asks.sends], unlock: [asks.unlocks] },
    ends: [
      'edit COMMAND_PENDING, send COMMAND_PENDING, unlock recorded: unlocked not_sent',
      'edit COMMAND_PENDING, send recorded, unlock COMMAND_PENDING: locked sent',
      'edit recorded, send COMMAND_PENDING, unlock recorded: unlocked not_sent',
      'edit recorded, send recorded, unlock COMMAND_PENDING: locked sent',
    ],
  },
]
