import * as z from 'zod'
import { domainEvents, projectEvents } from '../../shared/domain/events/domain-event.ts'
import { companyEvents } from '../../shared/domain/events/company-events.ts'
import { Envelope, keptInHistory } from './published-event.ts'
import { source } from './send-events.ts'

type Events = Readonly<Record<string, z.ZodObject>>

// That an integer is one that a double holds exactly goes without saying.
const exactIntegersUnsaid = (_name: string, value: unknown): unknown =>
  value === Number.MAX_SAFE_INTEGER || value === Number.MIN_SAFE_INTEGER ? undefined : value

/** As of what is read: a later release may add members. */
function jsonSchemaOf(schema: z.ZodObject): object {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io: 'input' })
  const { [keptInHistory]: __, ...properties } = plain.properties ?? {}
  return { ...plain, properties }
}

const either = [{ required: ['detail'] }, { required: ['left_out'] }]

const eventSchema = (name: string, detail: z.ZodObject): object => ({
  type: 'object',
  allOf: [{ $ref: '#/$defs/envelope' }],
  properties: { event: { const: name }, detail: jsonSchemaOf(detail) },
})

/** What `docs/events.schema.json` holds: the JSON Schema of what every event has in its `detail`, by its name. */
export function eventSchemas(): unknown {
  const schemas = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Events of ${source}, version 1`,
    oneOf: Object.keys(domainEvents).map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: {
      envelope: { ...jsonSchemaOf(Envelope), oneOf: either },
      ...Object.fromEntries(
        Object.entries(domainEvents).map(([name, detail]) => [name, eventSchema(name, detail)]),
      ),
    },
  }
  return JSON.parse(JSON.stringify(schemas, exactIntegersUnsaid))
}

const rows = (events: Events): string =>
  Object.entries(events)
    .map(([name, { description = '', shape }]) => `| \`${name}\` | ${description} | ${members(shape)} |`)
    .join('\n')

const members = (shape: z.ZodObject['shape']): string =>
  Object.keys(shape)
    .filter((name) => name !== keptInHistory)
    .map((name) => `\`${name}\``)
    .join(', ')

const table = (title: string, events: Events): string =>
  `### ${title}\n\n| Event | What happened | Its detail |\n| --- | --- | --- |\n${rows(events)}\n`

const mark = '<!-- From here on written by `npm run -s events`. -->\n'

/** A page with the list of all events as its end. */
export const withEvents = (page: string): string =>
  [
    page.slice(0, page.indexOf(mark)) + mark,
    table('Of a project', projectEvents),
    table('Of a company’s set-up', companyEvents),
  ].join('\n')
