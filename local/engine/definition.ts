import * as z from 'zod'

import { compileState } from './compile-state.ts'
import { checkGraph } from './definition-graph.ts'
import { machineSchema, type StateSource, stateSchemas } from './definition-schema.ts'
import type { State } from './states.ts'
import type { Refuse } from './template.ts'

/** A definition with every expression parsed; made once, used by all its executions. */
export type Definition = {
  readonly startAt: string
  /** Limit of the whole execution in seconds. */
  readonly timeoutSeconds: number | undefined
  readonly states: ReadonlyMap<string, State>
  /** The text it was made from. */
  readonly text: string
}

/** One thing that keeps a definition from being loaded. */
export type Refusal = { readonly path: string; readonly reason: string }

/** Thrown for a definition that goes beyond what the engine runs; the message has one line per refusal. */
export class DefinitionRefused extends Error {
  override readonly name = 'DefinitionRefused'
  readonly refusals: readonly Refusal[]

  constructor(refusals: readonly Refusal[]) {
    super(refusals.map(({ path, reason }) => `${path}: ${reason}`).join('\n'))
    this.refusals = refusals
  }
}

const loaded = new WeakSet<object>()

/** Whether a value came out of `loadDefinition`; simulations load once and share it among their engines. */
export const isDefinition = (value: unknown): value is Definition =>
  typeof value === 'object' && value !== null && loaded.has(value)

/**
 * Loads a definition given as JSON text or as a parsed value. Nothing is ignored: a field, state type, resource,
 * context path or expression outside the supported part of the States Language is refused with its path.
 *
 * @throws DefinitionRefused
 */
export function loadDefinition(source: unknown): Definition {
  const refusals: Refusal[] = []
  const refuse: Refuse = (path, reason) => {
    refusals.push({ path, reason })
  }
  const definition = compileDefinition(source, refuse)
  if (definition === undefined || refusals.length > 0) throw new DefinitionRefused(refusals)
  loaded.add(definition)
  return definition
}

function compileDefinition(source: unknown, refuse: Refuse): Definition | undefined {
  const value = typeof source === 'string' ? parseText(source, refuse) : source
  const machine = machineSchema.safeParse(value)
  if (!machine.success) report(machine.error, [], refuse)
  const sources = readStates(value, refuse)
  if (!machine.success) return undefined
  checkGraph(machine.data.StartAt, sources, Object.keys(machine.data.States), refuse)
  const variables = assignedVariables(sources)
  const states = [...sources].map(
    ([name, state]) => [name, compileState(name, state, variables, refuse)] as const,
  )
  return {
    startAt: machine.data.StartAt,
    timeoutSeconds: machine.data.TimeoutSeconds,
    states: new Map(states),
    text: typeof source === 'string' ? source : JSON.stringify(source),
  }
}

function parseText(text: string, refuse: Refuse): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    refuse('(definition)', `not JSON: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

const looseStates = z.looseObject({ States: z.record(z.string(), z.looseObject({ Type: z.string() })) })
const knownFields = new Set(Object.values(stateSchemas).flatMap((schema) => Object.keys(schema.shape)))

/** The states that are as they should be; the others are refused field by field. */
function readStates(value: unknown, refuse: Refuse): Map<string, StateSource> {
  const states = new Map<string, StateSource>()
  const loose = looseStates.safeParse(value)
  if (!loose.success) return states
  for (const [name, state] of Object.entries(loose.data.States)) {
    const schema = schemasByType.get(state.Type)
    if (schema === undefined) {
      refuse(`States.${name}.Type`, `${state.Type} is not supported`)
      for (const field of Object.keys(state)) {
        if (!knownFields.has(field)) refuse(`States.${name}.${field}`, 'not supported')
      }
    } else {
      const parsed = schema.safeParse(state)
      if (parsed.success) states.set(name, parsed.data)
      else report(parsed.error, ['States', name], refuse)
    }
  }
  return states
}

const schemasByType = new Map<string, z.ZodType<StateSource>>(Object.entries(stateSchemas))

function report(error: z.ZodError, above: readonly PropertyKey[], refuse: Refuse): void {
  for (const issue of error.issues) {
    const path = [...above, ...issue.path]
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) refuse(pathText([...path, key]), 'not supported')
    } else if (issue.code === 'invalid_value' && issue.path.at(-1) === 'Resource') {
      refuse(pathText(path), 'this resource is not supported')
    } else {
      refuse(pathText(path), issue.message)
    }
  }
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? '(definition)'
    : path
        .map((key, at) =>
          typeof key === 'number' ? `[${String(key)}]` : `${at === 0 ? '' : '.'}${String(key)}`,
        )
        .join('')

function assignedVariables(states: ReadonlyMap<string, StateSource>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const state of states.values()) {
    const assigns = [
      'Assign' in state ? state.Assign : undefined,
      ...('Catch' in state ? state.Catch.map((catcher) => catcher.Assign) : []),
      ...('Choices' in state ? state.Choices.map((rule) => rule.Assign) : []),
    ]
    for (const assign of assigns) for (const name of Object.keys(assign ?? {})) names.add(name)
  }
  return names
}
