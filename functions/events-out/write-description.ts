import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventSchemas, withEvents } from './description.ts'

// `npm run -s events`: writes docs/events.schema.json, and the list of events in docs/events.md.

const docs = join(import.meta.dirname, '../../docs')

writeFileSync(join(docs, 'events.schema.json'), `${JSON.stringify(eventSchemas(), null, 2)}\n`)
writeFileSync(join(docs, 'events.md'), withEvents(readFileSync(join(docs, 'events.md'), 'utf8')))
