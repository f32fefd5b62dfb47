import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { sbom } from '../../infra/sbom.ts'

// What `npm ci` brings in: fixed to the byte, from a registry, and nothing of it runs while it is installed.

const Wanted = z.record(z.string(), z.string()).default({})
const Package = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  inBundle: z.boolean().optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
  license: z.string().optional(),
})
const Lock = z.object({ packages: z.record(z.string(), Package) })
const lockIn = (folder: string) => Lock.parse(JSON.parse(readFileSync(`${folder}/package-lock.json`, 'utf8')))
const { packages } = lockIn('.')
const Manifest = z.object({
  dependencies: Wanted,
  devDependencies: Wanted,
  optionalDependencies: Wanted,
  allowScripts: z.record(z.string(), z.boolean()).default({}),
})
const manifestIn = (folder: string) =>
  Manifest.parse(JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')))
const manifest = manifestIn('.')

const brought = Object.entries(packages).filter(([path]) => path !== '')
// What mutation runs and the bench's peers need is apart, with locks of their own: npm ci does without.
const apart = ['test/mutation', 'bench/peers']
const broughtApart = apart
  .flatMap((folder) => Object.entries(lockIn(folder).packages))
  .filter(([path]) => path !== '')
const locked = [...brought, ...broughtApart]
const named = (found: readonly (readonly [string, unknown])[]): string[] => found.map(([path]) => path)

test('every package is fixed by the hash of its bytes', () => {
  // What is bundled in another package is under that one's hash.
  const loose = locked.filter(
    ([, { integrity = '', inBundle }]) => inBundle !== true && !integrity.startsWith('sha512-'),
  )
  expect(named(loose)).toEqual([])
})

test('every version is named exactly', () => {
  const versions = [manifest, ...apart.map(manifestIn)].flatMap((each) =>
    Object.entries({ ...each.dependencies, ...each.devDependencies, ...each.optionalDependencies }),
  )
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})

test('no package comes from a repository, a file or an address, and none is linked', () => {
  // The lock names where a package comes from only where that is no registry (.npmrc).
  for (const folder of ['.', ...apart])
    expect(readFileSync(`${folder}/.npmrc`, 'utf8')).toContain('omit-lockfile-registry-resolved=true')
  const elsewhere = locked.filter(([, { resolved, link }]) => resolved !== undefined || link === true)
  expect(named(elsewhere)).toEqual([])
})

test('no package may run anything while it is installed', () => {
  const running = locked
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''))
  expect(running.filter((name) => manifest.allowScripts[name] !== false)).toEqual([])
})

const deployed = brought.filter(([, { dev, optional }]) => dev !== true && optional !== true)

test('what is deployed comes from few packages', () => {
  expect(deployed.length).toBeLessThanOrEqual(60)
})

test('what is deployed may be handed on', () => {
  const free = ['MIT', 'MIT-0', 'Apache-2.0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause']
  expect(named(deployed.filter(([, { license = '' }]) => !free.includes(license)))).toEqual([])
})

test('infra/sbom.cdx.json is the bill of what is deployed, with hashes and licences (if not: run npm run sbom)', () => {
  expect(readFileSync('infra/sbom.cdx.json', 'utf8')).toBe(sbom())
})

const Bill = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(
    z.object({ name: z.string(), version: z.string(), licenses: z.tuple([z.looseObject({})]) }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
})

test('the bill names each deployed package once, with a licence, and every one is needed by another', () => {
  const { components, dependencies } = Bill.parse(JSON.parse(sbom()))
  const names = components.map(({ name, version }) => `${name}@${version}`)
  const installed = deployed.map(
    ([path, { version = '' }]) => `${path.slice('node_modules/'.length)}@${version}`,
  )
  expect(names).toEqual(installed)
  const needed = new Set(dependencies.flatMap(({ dependsOn }) => dependsOn))
  expect(names.filter((name) => !needed.has(name))).toEqual([])
})
