import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sbom } from './sbom.ts'

// `npm run sbom`: writes infra/sbom.cdx.json from package-lock.json.

writeFileSync(join(import.meta.dirname, 'sbom.cdx.json'), sbom())
console.log('Written: infra/sbom.cdx.json')
