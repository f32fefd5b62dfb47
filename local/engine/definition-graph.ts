import type { StateSource } from './definition-schema.ts'
import type { Refuse } from './template.ts'

/**
 * Refuses transitions that lead nowhere, states that nothing leads to, and machines that cannot end.
 *
 * `names` are all states, also those already refused for their fields, so that one slip is told once.
 */
export function checkGraph(
  startAt: string,
  states: ReadonlyMap<string, StateSource>,
  names: readonly string[],
  refuse: Refuse,
): void {
  if (!names.includes(startAt)) refuse('StartAt', `there is no state ${startAt}`)
  for (const [name, state] of states) {
    for (const { path, target } of transitions(state)) {
      if (!names.includes(target)) refuse(`States.${name}.${path}`, `there is no state ${target}`)
    }
    checkEnd(name, state, refuse)
  }
  if (states.size < names.length) return // what a refused state leads to is unknown
  const reached = reachable(startAt, states)
  for (const name of names) if (!reached.has(name)) refuse(`States.${name}`, 'no other state leads to it')
  if (![...reached].some((name) => endsHere(states.get(name))))
    refuse('States', 'no state ends the execution')
}

type Transition = { readonly path: string; readonly target: string }

const named = (path: string, target: string | undefined): readonly Transition[] =>
  target === undefined ? [] : [{ path, target }]

function transitions(state: StateSource): readonly Transition[] {
  return [
    ...('Next' in state ? named('Next', state.Next) : []),
    ...('Default' in state ? named('Default', state.Default) : []),
    ...('Choices' in state
      ? state.Choices.flatMap((rule, at) => named(`Choices[${String(at)}].Next`, rule.Next))
      : []),
    ...('Catch' in state
      ? state.Catch.flatMap((catcher, at) => named(`Catch[${String(at)}].Next`, catcher.Next))
      : []),
  ]
}

function checkEnd(name: string, state: StateSource, refuse: Refuse): void {
  if (state.Type !== 'Task' && state.Type !== 'Pass') return
  if ((state.Next === undefined) === (state.End === undefined)) {
    refuse(`States.${name}`, 'needs either Next or End')
  }
}

const endsHere = (state: StateSource | undefined): boolean =>
  state !== undefined &&
  (state.Type === 'Succeed' || state.Type === 'Fail' || ('End' in state && state.End === true))

function reachable(startAt: string, states: ReadonlyMap<string, StateSource>): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [startAt]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = states.get(name)
    if (state !== undefined && !reached.has(name)) {
      reached.add(name)
      open.push(...transitions(state).map(({ target }) => target))
    }
  }
  return reached
}
