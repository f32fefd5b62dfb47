import * as z from 'zod'
import { Refused } from '../refused.ts'
import type { Json, JsonObject } from '../templates.ts'

/** The machine as the templates see it. */
export interface Machine {
  /** Folder of the synthesized assembly, where the assets lie. */
  readonly assembly: string
  readonly region: string
  readonly account: string
  readonly ports: { readonly api: number; readonly queuesAndBuckets: number }
}

export interface Place {
  /** `Stack/LogicalId`. */
  readonly id: string
  readonly stack: string
  readonly logicalId: string
  readonly machine: Machine
}

/** What a template gets for `Ref` and `Fn::GetAtt` of a resource. */
export interface Names {
  readonly ref: string
  readonly attributes: Readonly<Record<string, Json>>
}

export interface Described<Part> extends Names {
  readonly part: Part
}

/** A resource type that is run here. */
export interface RunType<Part> {
  /** Properties left out, each with why that changes nothing a program of ours can see. */
  readonly ignored: Readonly<Record<string, string>>
  readonly describe: (properties: JsonObject, place: Place) => Described<Part>
}

/**
 * Defines a resource type by the properties it honours; the shape must be strict, so that a property
 * standing in neither list is refused.
 */
export function runType<Shape extends z.ZodType, Part>(definition: {
  readonly honoured: Shape
  readonly ignored?: Readonly<Record<string, string>>
  readonly describe: (properties: z.output<Shape>, place: Place) => Described<Part>
}): RunType<Part> {
  return {
    ignored: definition.ignored ?? {},
    describe: (properties, place) => {
      const parsed = definition.honoured.safeParse(properties)
      if (!parsed.success) throw new Refused(sentence(place.id, parsed.error))
      return definition.describe(parsed.data, place)
    },
  }
}

function sentence(id: string, error: z.ZodError): string {
  const [issue] = error.issues
  const path = ['Properties', ...(issue?.path ?? [])].map(String).join('.')
  if (issue?.code === 'unrecognized_keys')
    return `${id}: ${path}.${issue.keys.join(', ')} is not honoured on one machine`
  return `${id}: ${path}: ${issue?.message ?? 'not understood'}`
}

export function arn({ machine }: Place, service: string, resource: string): string {
  return `arn:aws:${service}:${machine.region}:${machine.account}:${resource}`
}
