import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

const Wanted = z.record(z.string(), z.string()).default({})
const Package = z.object({
  version: z.string(),
  license: z.string().optional(),
  integrity: z.string().startsWith('sha512-').optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  dependencies: Wanted,
})
type Package = z.infer<typeof Package>
const Lock = z.object({
  name: z.string(),
  version: z.string(),
  packages: z.record(z.string(), Package),
})

const root = join(import.meta.dirname, '..')
const within = 'node_modules/'

/**
 * What is deployed is made of, as CycloneDX 1.5 (cyclonedx.org/docs/1.5/json): each package with the hash of its bytes, its
 * licence and what it depends on, from the lock file alone, so that the same packages give the same bytes.
 *
 * @throws where a package is there in two versions, or names no hash.
 */
export function sbom(
  lock: unknown = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')),
): string {
  const { name, version, packages } = Lock.parse(lock)
  const { '': own, ...others } = packages
  const deployed = Object.entries(others).filter(([, { dev, optional }]) => dev !== true && optional !== true)
  const nested = deployed.find(([path]) => path.lastIndexOf(within) > 0)
  if (nested) throw new Error(`${nested[0]} is there in a second version.`)
  const byName = new Map(deployed.map(([path, of]) => [path.slice(within.length), of]))
  const refOf = (each: string): string => `${each}@${byName.get(each)?.version ?? ''}`
  const dependsOn = ({ dependencies }: Pick<Package, 'dependencies'>): string[] =>
    Object.keys(dependencies)
      .filter((each) => byName.has(each))
      .map(refOf)
  const self = `${name}@${version}`
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': self, name, version } },
    components: [...byName].map(([each, of]) => component(each, refOf(each), of)),
    dependencies: [
      { ref: self, dependsOn: dependsOn(own ?? { dependencies: {} }) },
      ...[...byName].map(([each, of]) => ({ ref: refOf(each), dependsOn: dependsOn(of) })),
    ],
  }
  return `${JSON.stringify(bom, null, 2)}\n`
}

function component(name: string, ref: string, { version, integrity, license }: Package): object {
  if (integrity === undefined) throw new Error(`${name} names no hash.`)
  const content = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')
  return {
    type: 'library',
    'bom-ref': ref,
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    hashes: [{ alg: 'SHA-512', content }],
    licenses: license === undefined ? [] : [{ license: { id: license } }],
  }
}
