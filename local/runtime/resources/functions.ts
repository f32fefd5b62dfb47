import { join } from 'node:path'
import * as z from 'zod'
import { Refused } from '../refused.ts'
import { physicalName } from './physical-name.ts'
import { arn, type Described, runType } from './resource-type.ts'

const Function = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.templateLiteral(['nodejs', z.number(), '.x']),
  Environment: z
    .strictObject({
      Variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)),
    })
    .optional(),
  MemorySize: z.number().default(128),
  Timeout: z.number().default(3),
  ReservedConcurrentExecutions: z.number().int().min(1).optional(),
  PackageType: z.literal('Zip').optional(),
})

export interface FunctionPart {
  readonly kind: 'function'
  readonly id: string
  readonly name: string
  readonly arn: string
  /** Folder with the bundle. */
  readonly folder: string
  /** `file.export`. */
  readonly handler: string
  readonly environment: Readonly<Record<string, string>>
  readonly memoryMegabytes: number
  readonly timeoutSeconds: number
  readonly reservedConcurrency: number | undefined
}

export const lambdaFunction = runType({
  honoured: Function,
  ignored: {
    Architectures: 'a bundle holds only JavaScript',
    Description: 'text only',
    EphemeralStorage: 'the temporary folder is not limited',
    KmsKeyArn: 'variables are not encrypted',
    LoggingConfig: 'every function writes to one log file of the data folder',
    RecursiveLoop: 'calls are not counted',
    Role: 'there are no permissions',
    RuntimeManagementConfig: 'there is one Node.js',
    Tags: 'labels only',
    TracingConfig: 'there are no traces',
  },
  describe: (properties, place): Described<FunctionPart> => {
    const name = properties.FunctionName ?? physicalName(place, 64)
    const functionArn = arn(place, 'lambda', `function:${name}`)
    const { S3Key } = properties.Code
    if (!S3Key.endsWith('.zip'))
      throw new Refused(`${place.id}: Properties.Code.S3Key: ${S3Key} is not an asset of the assembly`)
    return {
      ref: name,
      attributes: { Arn: functionArn },
      part: {
        kind: 'function',
        id: place.id,
        name,
        arn: functionArn,
        folder: join(place.machine.assembly, `asset.${S3Key.slice(0, -'.zip'.length)}`),
        handler: properties.Handler,
        environment: properties.Environment?.Variables ?? {},
        memoryMegabytes: properties.MemorySize,
        timeoutSeconds: properties.Timeout,
        reservedConcurrency: properties.ReservedConcurrentExecutions,
      },
    }
  },
})

/** A version or an alias: another name of the one code there is. */
export interface FunctionQualifierPart {
  readonly kind: 'functionQualifier'
  readonly functionName: string
  readonly qualifier: string
}

/** The function's name in a name, an ARN or an ARN with a qualifier. */
export const functionNameOf = (nameOrArn: string): string =>
  nameOrArn.startsWith('arn:')
    ? (nameOrArn.split(':')[6] ?? nameOrArn)
    : (nameOrArn.split(':')[0] ?? nameOrArn)

const qualified = {
  ignored: {
    CodeSha256: 'there is one code',
    Description: 'text only',
    ProvisionedConcurrencyConfig: 'a worker is started on the first call',
    ProvisionedConcurrencyConfiguration: 'a worker is started on the first call',
    RuntimePolicy: 'there is one Node.js',
  },
}

export const functionVersion = runType({
  ...qualified,
  honoured: z.strictObject({ FunctionName: z.string() }),
  describe: ({ FunctionName }, place): Described<FunctionQualifierPart> => {
    const functionName = functionNameOf(FunctionName)
    const versionArn = arn(place, 'lambda', `function:${functionName}:1`)
    return {
      ref: versionArn,
      attributes: { FunctionArn: versionArn, Version: '1' },
      part: { kind: 'functionQualifier', functionName, qualifier: '1' },
    }
  },
})

export const functionAlias = runType({
  ...qualified,
  honoured: z.strictObject({ FunctionName: z.string(), FunctionVersion: z.string(), Name: z.string() }),
  describe: ({ FunctionName, Name }, place): Described<FunctionQualifierPart> => {
    const functionName = functionNameOf(FunctionName)
    const aliasArn = arn(place, 'lambda', `function:${functionName}:${Name}`)
    return {
      ref: aliasArn,
      attributes: { AliasArn: aliasArn },
      part: { kind: 'functionQualifier', functionName, qualifier: Name },
    }
  },
})
