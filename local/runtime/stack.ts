import { checkReferences } from './check-references.ts'
import { Refused } from './refused.ts'
import { resolve, type Scope } from './intrinsics.ts'
import { apiHost } from './resources/apis.ts'
import { ignoredNames } from './resources/ignored-names.ts'
import type { Machine, Names, RunType } from './resources/resource-type.ts'
import { ignoredTypes, type Part, runTypes } from './resources/resource-types.ts'
import type { Json, JsonObject, Resource, Templates } from './templates.ts'

/** A resource as this machine knows it. */
export interface LocalResource extends Names {
  /** `Stack/LogicalId`. */
  readonly id: string
  readonly type: string
  /** Undefined for a resource of an ignored type. */
  readonly part: Part | undefined
}

type PartOf<Kind extends Part['kind']> = Extract<Part, { kind: Kind }>

/** Everything the templates ask for, resolved for one machine. */
export interface LocalStack {
  readonly resources: ReadonlyMap<string, LocalResource>
  readonly parts: <Kind extends Part['kind']>(kind: Kind) => readonly PartOf<Kind>[]
}

const types = new Map<string, RunType<Part>>(Object.entries(runTypes))

/**
 * Resolves every resource of the templates, before anything is started.
 *
 * @throws {Refused} naming the resource, and the property where one is the reason.
 */
export function planStack(
  templates: Templates,
  machine: Machine,
  parameters: Readonly<Record<string, string>> = {},
): LocalStack {
  const known = new Map<string, LocalResource>()

  const pseudo: Readonly<Record<string, Json | undefined>> = {
    'AWS::AccountId': machine.account,
    'AWS::NoValue': undefined,
    'AWS::Partition': 'aws',
    'AWS::Region': machine.region,
    'AWS::URLSuffix': 'amazonaws.com',
  }

  const find = (stack: string, logicalId: string, path: string): LocalResource => {
    const resource = templates.resources.get(`${stack}/${logicalId}`)
    if (resource === undefined) throw new Refused(`${path}: there is no resource ${logicalId}`)
    return describe(resource)
  }

  const scopeOf = (stack: string): Scope => ({
    ref: (name, path) => {
      if (name in pseudo) return pseudo[name]
      if (name === 'AWS::StackName') return stack
      if (templates.parameters.has(`${stack}/${name}`)) {
        const value = parameters[name] ?? templates.parameters.get(`${stack}/${name}`)
        if (value === undefined) throw new Refused(`${path}: the parameter ${name} has no value`)
        return value
      }
      return find(stack, name, path).ref
    },
    attribute: (logicalId, attribute, path) => {
      const { id, type, attributes } = find(stack, logicalId, path)
      const value = attributes[attribute]
      if (value === undefined)
        throw new Refused(`${path}: ${attribute} of ${id} (${type}) is not known on one machine`)
      return value
    },
    imported: (name, path) => {
      const exported = templates.exports.get(name)
      if (exported === undefined) throw new Refused(`${path}: no stack exports ${name}`)
      const value = resolve(exported.value, scopeOf(exported.stack), path)
      if (value === undefined) throw new Refused(`${path}: ${name} has no value`)
      return value
    },
    local: (text) => localAddresses(text, machine),
  })

  const describe = (resource: Resource): LocalResource => {
    const done = known.get(resource.id)
    if (done !== undefined) return done
    const described = describeNew(resource)
    known.set(resource.id, described)
    return described
  }

  const describeNew = ({ id, stack, logicalId, type, properties }: Resource): LocalResource => {
    const place = { id, stack, logicalId, machine }
    const run = types.get(type)
    if (run !== undefined)
      return { id, type, ...run.describe(honoured(properties, run, scopeOf(stack), id), place) }
    if (type in ignoredTypes) return { id, type, part: undefined, ...ignoredNames(type, place) }
    throw new Refused(`${id}: ${type} is not run on one machine`)
  }

  for (const resource of templates.resources.values()) describe(resource)
  const all = [...known.values()].flatMap(({ part }) => (part === undefined ? [] : [part]))
  const stack: LocalStack = {
    resources: known,
    parts: <Kind extends Part['kind']>(kind: Kind) =>
      all.filter((part): part is PartOf<Kind> => part.kind === kind),
  }
  checkReferences(stack)
  return stack
}

function honoured(properties: JsonObject, { ignored }: RunType<Part>, scope: Scope, id: string): JsonObject {
  const result: JsonObject = {}
  for (const [name, value] of Object.entries(properties)) {
    if (name in ignored) continue
    const resolved = resolve(value, scope, `${id}: Properties.${name}`)
    if (resolved !== undefined) result[name] = resolved
  }
  return result
}

/** An API's and an issuer's address in the cloud, written as such into an environment or an authorizer, are this machine's. */
function localAddresses(text: string, machine: Machine): string {
  const here = `http://127.0.0.1:${String(machine.ports.api)}`
  return text
    .replaceAll(`https://cognito-idp.${machine.region}.amazonaws.com`, here)
    .replaceAll(
      new RegExp(`https://${apiHost('[0-9a-f]{10}', machine.region).replaceAll('.', String.raw`\.`)}`, 'g'),
      here,
    )
}
