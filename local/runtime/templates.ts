import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { Refused } from './refused.ts'

export type Json = string | number | boolean | null | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/** One resource of a template, its properties still holding intrinsic functions. */
export interface Resource {
  /** `Stack/LogicalId`. */
  readonly id: string
  readonly stack: string
  readonly logicalId: string
  readonly type: string
  readonly properties: JsonObject
}

interface Export {
  readonly stack: string
  readonly value: Json
}

/** Every template of an assembly as one map. */
export interface Templates {
  /** The assembly's folder, where the assets lie. */
  readonly folder: string
  readonly resources: ReadonlyMap<string, Resource>
  /** By export name, which may itself hold intrinsic functions only of pseudo parameters: CDK writes plain names. */
  readonly exports: ReadonlyMap<string, Export>
  /** Defaults of template parameters, by `Stack/Name`; undefined where a parameter has none. */
  readonly parameters: ReadonlyMap<string, string | undefined>
}

/** What `JSON.parse` gave is JSON already: walking a large template once more would only cost time. */
const JsonValue = z.custom<Json>((value) => value !== undefined)

const Assembly = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .object({ templateFile: z.string().optional(), directoryName: z.string().optional() })
        .optional(),
    }),
  ),
})

const Template = z.object({
  Transform: z.unknown().optional(),
  Resources: z
    .record(
      z.string(),
      z.object({
        Type: z.string(),
        Properties: z.record(z.string(), JsonValue).optional(),
        Condition: z.string().optional(),
      }),
    )
    .optional(),
  Outputs: z
    .record(z.string(), z.object({ Value: JsonValue, Export: z.object({ Name: z.string() }).optional() }))
    .optional(),
  Parameters: z
    .record(z.string(), z.object({ Type: z.string(), Default: z.union([z.string(), z.number()]).optional() }))
    .optional(),
})

function readJson<T>(file: string, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Refused(`${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not readable'}`)
}

function templateFiles(folder: string): { stack: string; file: string }[] {
  const { artifacts } = readJson(join(folder, 'manifest.json'), Assembly)
  return Object.entries(artifacts).flatMap(([name, { type, properties }]) => {
    if (type === 'cdk:cloud-assembly') return templateFiles(join(folder, properties?.directoryName ?? ''))
    if (type !== 'aws:cloudformation:stack') return []
    return [{ stack: name, file: join(folder, properties?.templateFile ?? `${name}.template.json`) }]
  })
}

/**
 * Reads every template of a synthesized assembly.
 *
 * @throws {Refused} on a template with a transform or a resource under a condition: neither can be known here.
 */
export function readTemplates(folder: string): Templates {
  const resources = new Map<string, Resource>()
  const exports = new Map<string, Export>()
  const parameters = new Map<string, string | undefined>()
  for (const { stack, file } of templateFiles(folder)) {
    const template = readJson(file, Template)
    if (template.Transform !== undefined) throw new Refused(`${stack}: a Transform is not run on one machine`)
    for (const [logicalId, { Type, Properties, Condition }] of Object.entries(template.Resources ?? {})) {
      const id = `${stack}/${logicalId}`
      if (Condition !== undefined) throw new Refused(`${id}: a Condition is not run on one machine`)
      resources.set(id, { id, stack, logicalId, type: Type, properties: Properties ?? {} })
    }
    for (const { Value, Export: exported } of Object.values(template.Outputs ?? {}))
      if (exported !== undefined) exports.set(exported.Name, { stack, value: Value })
    for (const [name, { Default }] of Object.entries(template.Parameters ?? {}))
      parameters.set(`${stack}/${name}`, Default === undefined ? undefined : String(Default))
  }
  return { folder, resources, exports, parameters }
}
