import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { Refused } from '../refused.ts'
import { physicalName } from './physical-name.ts'
import { arn, type Described, type Place, runType } from './resource-type.ts'

const StateMachine = z.strictObject({
  StateMachineName: z.string().optional(),
  StateMachineType: z.literal('STANDARD').optional(),
  DefinitionString: z.string().optional(),
  DefinitionS3Location: z.strictObject({ Bucket: z.string(), Key: z.string() }).optional(),
  DefinitionSubstitutions: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({}),
})

export interface StateMachinePart {
  readonly kind: 'stateMachine'
  readonly id: string
  readonly name: string
  readonly arn: string
  /** The definition's text, substitutions applied. */
  readonly definition: string
}

function definitionOf(properties: z.output<typeof StateMachine>, { id, machine }: Place): string {
  const { DefinitionString, DefinitionS3Location } = properties
  if (DefinitionString !== undefined) return DefinitionString
  if (DefinitionS3Location === undefined) throw new Refused(`${id}: Properties hold no definition`)
  return readFileSync(join(machine.assembly, `asset.${DefinitionS3Location.Key}`), 'utf8')
}

/** Replaces `${Name}`; the values stand inside JSON strings, so they are escaped as such. */
function substitute(definition: string, values: Readonly<Record<string, string>>, id: string): string {
  return definition.replaceAll(/\$\{([A-Za-z0-9_-]+)\}/g, (_match, name: string) => {
    const value = values[name]
    if (value === undefined)
      throw new Refused(`${id}: the definition names \${${name}}, which has no substitution`)
    return JSON.stringify(value).slice(1, -1)
  })
}

export const stateMachine = runType({
  honoured: StateMachine,
  ignored: {
    EncryptionConfiguration: 'the data folder is not encrypted',
    LoggingConfiguration: 'the history of every execution is kept in the data folder',
    RoleArn: 'there are no permissions',
    Tags: 'labels only',
    TracingConfiguration: 'there are no traces',
  },
  describe: (properties, place): Described<StateMachinePart> => {
    const name = properties.StateMachineName ?? physicalName(place, 80)
    const machineArn = arn(place, 'states', `stateMachine:${name}`)
    const definition = substitute(
      definitionOf(properties, place),
      properties.DefinitionSubstitutions,
      place.id,
    )
    return {
      ref: machineArn,
      attributes: { Arn: machineArn, Name: name },
      part: { kind: 'stateMachine', id: place.id, name, arn: machineArn, definition },
    }
  },
})

export interface StateMachineAliasPart {
  readonly kind: 'stateMachineAlias'
  readonly arn: string
  readonly machineArn: string
}

export const stateMachineVersion = runType({
  honoured: z.strictObject({ StateMachineArn: z.string() }),
  ignored: {
    Description: 'text only',
    StateMachineRevisionId: 'there is one definition',
  },
  describe: ({ StateMachineArn }): Described<StateMachineAliasPart> => {
    const versionArn = `${StateMachineArn}:1`
    return {
      ref: versionArn,
      attributes: { Arn: versionArn },
      part: { kind: 'stateMachineAlias', arn: versionArn, machineArn: StateMachineArn },
    }
  },
})

const unqualified = (versionArn: string): string => versionArn.split(':').slice(0, 7).join(':')

export const stateMachineAlias = runType({
  honoured: z.strictObject({
    Name: z.string(),
    RoutingConfiguration: z
      .tuple([z.strictObject({ StateMachineVersionArn: z.string(), Weight: z.literal(100) })])
      .optional(),
    DeploymentPreference: z
      .strictObject({
        StateMachineVersionArn: z.string(),
        Type: z.unknown(),
        Alarms: z.unknown(),
        Interval: z.unknown(),
        Percentage: z.unknown(),
      })
      .partial({ Type: true, Alarms: true, Interval: true, Percentage: true })
      .optional(),
  }),
  ignored: { Description: 'text only' },
  describe: (
    { Name, RoutingConfiguration, DeploymentPreference },
    place,
  ): Described<StateMachineAliasPart> => {
    const versionArn =
      RoutingConfiguration?.[0].StateMachineVersionArn ?? DeploymentPreference?.StateMachineVersionArn
    if (versionArn === undefined) throw new Refused(`${place.id}: Properties name no version`)
    const machineArn = unqualified(versionArn)
    const aliasArn = `${machineArn}:${Name}`
    return {
      ref: aliasArn,
      attributes: { Arn: aliasArn },
      part: { kind: 'stateMachineAlias', arn: aliasArn, machineArn },
    }
  },
})
