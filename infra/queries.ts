import type { Stack } from 'aws-cdk-lib'
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs'
import { logName } from './constructs/function.ts'
import { functions } from './functions.ts'
import { accessLogName, named, type Settings, workflowLogName } from './settings.ts'

interface Query {
  readonly name: string
  readonly of: readonly string[]
  readonly lines: readonly string[]
}

/** Queries that stand ready in Logs Insights. What is written in capitals in one is filled in by whoever asks. */
export function savedQueries(stack: Stack, settings: Settings): void {
  for (const { name, of, lines } of queries(settings))
    new CfnQueryDefinition(stack, `Query-${name}`, {
      name: `${named(settings, 'sage-budget-export')}/${name}`,
      logGroupNames: [...of],
      queryString: lines.join('\n| '),
    })
}

function queries(settings: Settings): readonly Query[] {
  const everyFunction = functions.map(({ name }) => logName(settings, name))
  const shown = 'sort @timestamp desc | limit 1000'
  return [
    {
      name: 'by-project',
      of: everyFunction,
      lines: [
        'fields @timestamp, level, service, message, request, state, kind, delivery, route, status, outcome, export, error.name, error.message',
        'filter project = "PROJECT"',
        shown,
      ],
    },
    {
      // `<project>-v<version>-s<send>-<step>`
      name: 'by-approval',
      of: everyFunction,
      lines: [
        'fields @timestamp, level, service, message, request, state, route, status, by, mail, to, outcome',
        'filter approval = "APPROVAL"',
        shown,
      ],
    },
    {
      name: 'by-export',
      of: everyFunction,
      lines: [
        'fields @timestamp, level, service, message, request, state, outcome, attempt, part, sha256, observation, error.message',
        'filter export = "EXPORT"',
        shown,
      ],
    },
    {
      name: 'by-request',
      of: [accessLogName(settings), ...everyFunction],
      lines: [
        'fields @timestamp, level, service, message, route, status, code, company, project, by, state, kind, outcome, mail, export, fault, error.name, error.message',
        'filter request = "REQUEST"',
        shown,
      ],
    },
    {
      name: 'by-execution',
      of: [workflowLogName(settings)],
      lines: [
        'fields @timestamp, type, details.name, details.error, details.cause',
        'filter execution_arn like "EXECUTION"',
        'sort @timestamp asc | limit 1000',
      ],
    },
    {
      name: 'not-information-last-hour',
      of: everyFunction,
      lines: [
        'fields @timestamp, level, service, @log, message, company, project, error.name, error.message, errorType, errorMessage',
        // A function that ran out of time or memory is told by the platform, whose lines have no level.
        'filter not ispresent(level) or level != "INFO"',
        'filter toMillis(@timestamp) > now() * 1000 - 3600000',
        shown,
      ],
    },
    {
      name: 'faults-by-route',
      of: [accessLogName(settings)],
      lines: ['filter status >= 500', 'stats count(*) by route, status, fault'],
    },
  ]
}
