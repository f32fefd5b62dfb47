/**
 * An exhaustive model of how one signal meets one wait, over every interleaving of four actors:
 *
 * - the caller, who records a signal together with an outbox row;
 * - Step Functions, whose first call of open-wait may die, so that it calls again with a newer token;
 * - each call of open-wait, which reads whether a signal is there and then tries its transaction;
 * - the relay, which takes an outbox row, reads the stored wait, and answers its token.
 *
 * A history is lost when nothing more can happen, a signal is recorded, and the current token was never answered.
 */
export interface Protocol {
  /** The transaction of open-wait fails when a signal came after its read; it then reads again. */
  readonly checksSignal: boolean
  /** The transaction of open-wait never replaces a later wait by an earlier one. */
  readonly keepsOrder: boolean
  /** A signal that was there already gets its outbox row written again. */
  readonly reissues: boolean
  /** The relay reads the stored wait as it is now, and not as it may have been. */
  readonly readsConsistently: boolean
}

export const asDesigned: Protocol = {
  checksSignal: true,
  keepsOrder: true,
  reissues: true,
  readsConsistently: true,
}

type Token = 0 | 1 | 2
type Opener = { readonly phase: 'idle' | 'read' | 'finished'; readonly saw: boolean }

interface World {
  readonly recorded: boolean
  readonly rows: number
  /** The token that the workflow waits for, and whether it was answered. */
  readonly current: 1 | 2
  readonly answered: boolean
  readonly stored: Token
  readonly storedBefore: Token
  readonly first: Opener
  readonly second: Opener
  /** The token that the relay is about to answer. */
  readonly carrying?: Token
}

type Step = readonly [name: string, world: World]

const start: World = {
  recorded: false,
  rows: 0,
  current: 1,
  answered: false,
  stored: 0,
  storedBefore: 0,
  first: { phase: 'idle', saw: false },
  second: { phase: 'idle', saw: false },
}

function openerSteps(protocol: Protocol, world: World, token: 1 | 2): Step[] {
  const name = token === 1 ? 'first' : 'second'
  const opener = world[name]
  const called = token === 1 ? world.current === 1 : world.current === 2
  if (opener.phase === 'idle' && called)
    return [
      [
        `open-wait ${name} reads ${world.recorded ? 'a' : 'no'} signal`,
        { ...world, [name]: { phase: 'read', saw: world.recorded } },
      ],
    ]
  if (opener.phase !== 'read') return []
  if (protocol.checksSignal && opener.saw !== world.recorded)
    return [[`open-wait ${name} reads again`, { ...world, [name]: { phase: 'read', saw: world.recorded } }]]
  const finished = { ...world, [name]: { phase: 'finished', saw: opener.saw } }
  if (protocol.keepsOrder && world.stored > token) return [[`open-wait ${name} finds a later wait`, finished]]
  const rows = world.rows + (protocol.reissues && opener.saw ? 1 : 0)
  return [
    [`open-wait ${name} stores its token`, { ...finished, storedBefore: world.stored, stored: token, rows }],
  ]
}

function relaySteps(protocol: Protocol, world: World): Step[] {
  if (world.carrying !== undefined) {
    const { carrying, ...rest } = world
    const answered = rest.answered || carrying === rest.current
    return [[`relay answers token ${String(carrying)}`, { ...rest, rows: rest.rows - 1, answered }]]
  }
  if (world.rows === 0) return []
  const seen = protocol.readsConsistently ? [world.stored] : [world.stored, world.storedBefore]
  return [...new Set(seen)].map((carrying) => [
    `relay reads token ${String(carrying)}`,
    { ...world, carrying },
  ])
}

function nextSteps(protocol: Protocol, world: World): Step[] {
  const steps = [
    ...openerSteps(protocol, world, 1),
    ...openerSteps(protocol, world, 2),
    ...relaySteps(protocol, world),
  ]
  if (!world.recorded) steps.push(['signal recorded', { ...world, recorded: true, rows: world.rows + 1 }])
  if (world.current === 1 && !world.answered)
    steps.push(['the call dies and is repeated with a newer token', { ...world, current: 2 }])
  return steps
}

/** Visits every reachable world; returns their number and, if a signal can be lost, one history that loses it. */
export function explore(protocol: Protocol): { readonly worlds: number; readonly lost?: readonly string[] } {
  const seen = new Set<string>()
  const open: { world: World; path: readonly string[] }[] = [{ world: start, path: [] }]
  let lost: readonly string[] | undefined
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    const id = JSON.stringify(at.world)
    if (seen.has(id)) continue
    seen.add(id)
    const steps = nextSteps(protocol, at.world)
    if (steps.length === 0 && at.world.recorded && !at.world.answered) lost ??= at.path
    for (const [name, world] of steps) open.push({ world, path: [...at.path, name] })
  }
  return lost === undefined ? { worlds: seen.size } : { worlds: seen.size, lost }
}
