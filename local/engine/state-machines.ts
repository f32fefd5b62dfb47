import { createHash } from 'node:crypto'

import { type Definition, isDefinition, loadDefinition } from './definition.ts'
import type { Journal } from './journal.ts'
import { StepFunctionsError } from './step-functions-error.ts'

/** A state machine to be held by the engine. */
export type StateMachineSource = {
  readonly arn: string
  readonly name: string
  /** ASL as JSON text or parsed, or what `loadDefinition` made of it. */
  readonly definition: unknown
  readonly aliasArns?: readonly string[]
  /** Default: one version, the ARN with `:1`. The last one is what the aliases point to. */
  readonly versionArns?: readonly string[]
}

export type StateMachine = {
  readonly arn: string
  readonly name: string
  readonly definition: Definition
  readonly definitionHash: string
  readonly aliasArns: readonly string[]
  readonly versionArns: readonly string[]
  /** Epoch milliseconds. */
  readonly creationDate: number
}

/** A state machine and the ARN by which it was asked for. */
export type ResolvedStateMachine = {
  readonly machine: StateMachine
  readonly stateMachineAliasArn?: string
  readonly stateMachineVersionArn?: string
}

export type StateMachines = ReturnType<typeof stateMachines>

/** By hash: the engines of a process share what a text was compiled to, which takes longer than all else of a start. */
const definitions = new Map<string, Definition>()

/** The state machines of an engine, by their ARNs and those of their versions and aliases. */
export function stateMachines(journal: Journal) {
  const machines = new Map<string, StateMachine>()

  const add = (source: StateMachineSource, now: number): void => {
    const definition = isDefinition(source.definition) ? source.definition : loadDefinition(source.definition)
    const definitionHash = createHash('sha256').update(definition.text).digest('hex')
    journal.keepDefinition(definitionHash, definition.text)
    definitions.set(definitionHash, definition)
    machines.set(source.arn, {
      arn: source.arn,
      name: source.name,
      definition,
      definitionHash,
      aliasArns: source.aliasArns ?? [],
      versionArns: source.versionArns ?? [`${source.arn}:1`],
      creationDate: now,
    })
  }

  /** The definition an execution was started with, though another may have been deployed since. */
  const definition = (hash: string): Definition => {
    const known = definitions.get(hash)
    if (known !== undefined) return known
    const text = journal.definition(hash)
    if (text === undefined) throw new Error(`the journal lacks the definition ${hash}`)
    const loaded = loadDefinition(text)
    definitions.set(hash, loaded)
    return loaded
  }

  const resolve = (arn: string): ResolvedStateMachine => {
    const direct = machines.get(arn)
    if (direct !== undefined) return { machine: direct }
    for (const machine of machines.values()) {
      if (machine.versionArns.includes(arn)) return { machine, stateMachineVersionArn: arn }
      const version = machine.versionArns.at(-1)
      if (machine.aliasArns.includes(arn)) {
        return {
          machine,
          stateMachineAliasArn: arn,
          ...(version !== undefined && { stateMachineVersionArn: version }),
        }
      }
    }
    checkArn(arn)
    throw new StepFunctionsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`)
  }

  return { add, definition, resolve, all: () => [...machines.values()] }
}

/** @throws StepFunctionsError InvalidArn for what is no ARN of Step Functions. */
export function checkArn(arn: string): void {
  if (!/^arn:aws[a-z-]*:states:[^:]*:[^:]*:.+/.test(arn)) {
    throw new StepFunctionsError('InvalidArn', `Invalid Arn: '${arn}'`)
  }
}

/** The ARN of an execution, in the region and account of its state machine. */
export const executionArn = (machine: StateMachine, name: string): string =>
  `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`

/** Region named in an ARN. */
export const regionOf = (arn: string): string => arn.split(':')[3] ?? ''
