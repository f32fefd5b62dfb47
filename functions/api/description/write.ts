import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openApi } from './document.ts'

// `npm run openapi`: writes docs/openapi.json.

// Read when the routes are made; nothing is reached.
for (const name of ['STAGE', 'TABLE', 'BUCKET', 'SAGE_EVENTS_QUEUE_URL', 'ROLE_CLAIM'])
  process.env[name] ??= 'http://127.0.0.1'
const { apiRoutes } = await import('../routes.ts')
const { fromEnvironment } = await import('../sage.ts')

writeFileSync(
  join(import.meta.dirname, '../../../docs/openapi.json'),
  `${JSON.stringify(openApi(apiRoutes(fromEnvironment())), null, 2)}\n`,
)
