import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { bundlePrograms, type Program } from '../../infra/bundle.ts'
import { temporaryFolder } from '../temporary-folder.ts'

let root: string
const programs: readonly Program[] = [
  { name: 'functions/hello', entry: 'functions/hello/index.ts', runs: 'on Lambda' },
]
const output = () => join(root, 'dist/functions/hello/index.cjs')
const source = (text: string) => writeFileSync(join(root, 'functions/hello/index.ts'), text)

beforeEach(() => {
  root = temporaryFolder('bundle')
  mkdirSync(join(root, 'functions/hello'), { recursive: true })
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'))
  source("export const handler = async (): Promise<string> => 'hello'")
})

test('a bundle is CommonJS with a handler', async () => {
  await bundlePrograms({ root, programs })
  const { handler } = createRequire(import.meta.url)(output()) as { handler: () => Promise<string> }
  expect(await handler()).toBe('hello')
})

test('event streams are left out, and the clients are made without them', async () => {
  source(
    "import { S3Client } from '@aws-sdk/client-s3'\nexport const handler = () => new S3Client({ region: 'us-east-1' })",
  )
  await bundlePrograms({ root, programs })
  const { handler } = createRequire(import.meta.url)(output()) as { handler: () => unknown }
  expect(handler).not.toThrow()
  expect(readFileSync(output(), 'utf8')).not.toContain('header value (binary) exceeds')
})

test('ways to sign in that only a machine on premises takes are left out of functions', async () => {
  source("import { SQSClient } from '@aws-sdk/client-sqs'\nexport const handler = () => new SQSClient({})")
  const agent = { name: 'agent', entry: 'functions/hello/index.ts', runs: 'on premises' } as const
  await bundlePrograms({ root, programs: [...programs, agent] })
  const bytes = (name: string): number => statSync(join(root, 'dist', name, 'index.cjs')).size
  expect(bytes('functions/hello')).toBeLessThan(bytes('agent') - 50_000)
})

test('an error is told apart by the name it gives itself, whatever its class is called when minified', async () => {
  source(
    "class LaterBusy extends Error { override readonly name = 'Later.Busy' }\nexport const handler = () => new LaterBusy().name",
  )
  await bundlePrograms({ root, programs })
  const { handler } = createRequire(import.meta.url)(output()) as { handler: () => string }
  expect(handler()).toBe('Later.Busy')
})

test('every error of ours gives itself a name', () => {
  const repository = join(import.meta.dirname, '../..')
  const nameless = globSync('{functions,shared}/**/*.ts', { cwd: repository }).filter((file) =>
    readFileSync(join(repository, file), 'utf8')
      .split(/^(?=(?:export )?class )/m)
      .some((text) => /^(?:export )?class \w+ extends \w*Error\b/.test(text) && !/\bname = /.test(text)),
  )
  expect(nameless).toEqual([])
})

describe('a function that is not given the bucket', () => {
  const kept: readonly Program[] = [
    { name: 'functions/hello', entry: 'functions/hello/index.ts', runs: 'on Lambda without the bucket' },
  ]
  const usesBucket =
    "import { S3Client } from '@aws-sdk/client-s3'\nexport const handler = () => new S3Client({})"

  test('holds nothing of its client', async () => {
    source(usesBucket)
    await bundlePrograms({ root, programs: kept })
    expect(statSync(output()).size).toBeLessThan(10_000)
  })

  test('is told so when it tries', async () => {
    source(usesBucket)
    await bundlePrograms({ root, programs: kept })
    const { handler } = createRequire(import.meta.url)(output()) as { handler: () => unknown }
    expect(handler).toThrow('not given the bucket')
  })
})

const handlerOf = async (text: string) => {
  source(`import * as z from 'zod'\n${text}`)
  await bundlePrograms({ root, programs })
  const { handler } = createRequire(import.meta.url)(output()) as { handler: (input: unknown) => unknown }
  return handler
}

describe('a schema of a module', () => {
  const schemas = `
const Name = z
  .string()
  .min(2)

const Room = z.strictObject({
  kind: z.literal('room'),
  name: Name,
  doors: z.array(Name).optional(),
})
const Tower: z.ZodType<object> = Room.extend({
  kind: z.literal('tower'),
})
const Place = z.discriminatedUnion('kind', [Room, Room.extend({ kind: z.literal('yard') })])
`

  test('is not made when the function loads', async () => {
    const handler = await handlerOf(
      "const Broken = z.string().regex(new RegExp('('))\nexport const handler = (input) => Broken.parse(input)",
    )
    expect(() => handler('a')).toThrow('regular expression')
  })

  test('is not bundled when nothing uses it', async () => {
    await handlerOf("const Unused = z.string().includes('nobody reads this')\nexport const handler = () => 1")
    expect(readFileSync(output(), 'utf8')).not.toContain('nobody reads this')
  })

  test.each([
    ['Room', { kind: 'room', name: 'hall', doors: ['east'] }],
    ['Tower', { kind: 'tower', name: 'keep' }],
    ['Place', { kind: 'yard', name: 'well' }],
  ])('takes what it would take, made of others: %s', async (name, value) => {
    const handler = await handlerOf(`${schemas}export const handler = (input) => ${name}.parse(input)`)
    expect(handler(value)).toEqual(value)
  })

  test.each([
    ['Room', { kind: 'room', name: 'h' }],
    ['Tower', { kind: 'tower', name: 'keep', doors: ['e'] }],
    ['Place', { kind: 'room', name: 'hall', other: 1 }],
  ])('refuses what it would refuse, made of others: %s', async (name, value) => {
    const handler = await handlerOf(
      `${schemas}export const handler = (input) => ${name}.safeParse(input).success`,
    )
    expect(handler(value)).toBe(false)
  })
})

test('a bundle comes with its source map, without the sources', async () => {
  await bundlePrograms({ root, programs })
  const map = JSON.parse(readFileSync(`${output()}.map`, 'utf8')) as Record<string, unknown>
  expect(map['sources']).toEqual(['../../../functions/hello/index.ts'])
  expect(map['sourcesContent']).toBeUndefined()
})

describe('nothing is bundled', () => {
  test('when no input has changed', async () => {
    await bundlePrograms({ root, programs })
    const { mtimeMs } = statSync(output())
    expect(await bundlePrograms({ root, programs })).toBe(false)
    expect(statSync(output()).mtimeMs).toBe(mtimeMs)
  })

  test('when an entry file does not exist, and the sentence names it', async () => {
    const missing = { name: 'functions/gone', entry: 'functions/gone.ts', runs: 'on Lambda' } as const
    await expect(bundlePrograms({ root, programs: [...programs, missing] })).rejects.toThrow(
      'functions/gone.ts (functions/gone)',
    )
    expect(existsSync(output())).toBe(false)
  })

  test('when all of zod would be in a bundle, and the sentence says what to write', async () => {
    source("import { z } from 'zod'\nexport const handler = () => z.string().parse('')")
    await expect(bundlePrograms({ root, programs })).rejects.toThrow("import * as z from 'zod'")
    expect(existsSync(output())).toBe(false)
  })

  test('when esbuild warns of what CommonJS does not have', async () => {
    source('export const handler = () => import.meta.url')
    await expect(bundlePrograms({ root, programs })).rejects.toThrow('import.meta')
  })
})

describe('everything is bundled again', () => {
  test('when a source has changed', async () => {
    await bundlePrograms({ root, programs })
    source("export const handler = () => 'goodbye'")
    expect(await bundlePrograms({ root, programs })).toBe(true)
    expect(readFileSync(output(), 'utf8')).toContain('goodbye')
  })

  test('when a bundle was removed', async () => {
    await bundlePrograms({ root, programs })
    rmSync(output())
    expect(await bundlePrograms({ root, programs })).toBe(true)
  })

  test('when it is asked for', async () => {
    await bundlePrograms({ root, programs })
    expect(await bundlePrograms({ root, programs, force: true })).toBe(true)
  })
})

test('a function that is gone from the table is gone from the bundles', async () => {
  await bundlePrograms({ root, programs })
  mkdirSync(join(root, 'dist/functions/former'))
  await bundlePrograms({ root, programs, force: true })
  expect(existsSync(join(root, 'dist/functions/former'))).toBe(false)
})
