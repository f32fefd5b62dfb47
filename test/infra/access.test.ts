import { describe, expect, test } from 'vitest'
import { functions } from '../../infra/functions.ts'
import { deploymentOf } from './deployment.ts'
import { actionsOf, functionsOf, type Join, ofType, sorted, statementsByFunction } from './templates.ts'

const { resources } = deploymentOf()
const roles = ofType(resources, 'AWS::IAM::Role')
const code = functionsOf(resources)
const allowed = statementsByFunction(resources)
const may = (name: string): readonly string[] => actionsOf(allowed.get(name) ?? [])
const whoMay = (action: RegExp): string[] =>
  sorted([...allowed.keys()].filter((name) => may(name).some((each) => action.test(each))))

const policies = [...ofType(resources, 'AWS::IAM::Policy'), ...ofType(resources, 'AWS::IAM::ManagedPolicy')]
const statements = policies.flatMap(({ properties }) => properties.PolicyDocument.Statement)

test('every function of the table is deployed, and nothing else', () => {
  expect(sorted(code.keys())).toEqual(sorted(functions.map(({ name }) => name)))
})

test('no two functions share a role', () => {
  const taken = [...code.values()].map(
    ({ stack, properties }) => `${stack}/${properties.Role['Fn::GetAtt'][0]}`,
  )
  expect(new Set(taken).size).toBe(code.size)
})

test('there is no role but those of the functions and the state machine', () => {
  expect(roles).toHaveLength(code.size + 1)
})

test('no role takes a policy that somebody else maintains', () => {
  expect(roles.filter(({ properties }) => properties.ManagedPolicyArns !== undefined)).toEqual([])
})

test('no role, and no agent, may do an action with a wildcard', () => {
  expect(actionsOf(statements).filter((action) => action.includes('*'))).toEqual([])
})

test('every resource is named, but where AWS takes none', () => {
  const onAnything = actionsOf(statements.filter(({ Resource }) => Resource === '*'))
  expect(sorted(new Set(onAnything))).toEqual([
    'dynamodb:ListStreams',
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:GetLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:UpdateLogDelivery',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ])
})

test.each<[string, RegExp, string[]]>([
  ['only the relay tells, starts and stops executions', /^states:/, ['relay']],
  ['only the relay and events-out read the stream', /^dynamodb:GetRecords$/, ['events-out', 'relay']],
  ['only events-out tells other systems', /^events:/, ['events-out']],
  ['only the mailer sends mail', /^ses:/, ['mailer']],
  ['nobody reads a whole table', /^dynamodb:Scan$/, []],
  ['nobody changes the table itself', /^dynamodb:\w+Table$/, []],
  ['nobody deletes an object', /^s3:Delete/, []],
  ['no function calls another', /^lambda:/, []],
])('%s', (_rule, action, names) => {
  expect(whoMay(action)).toEqual(names)
})

test('mails are put on the queue by the relay alone', () => {
  const senders = [...allowed].filter(([, given]) =>
    given.some(
      ({ Action, Resource }) =>
        [Action].flat().includes('sqs:SendMessage') && JSON.stringify(Resource).includes('FnGetAttMailQueue'),
    ),
  )
  expect(sorted(senders.map(([name]) => name))).toEqual(['relay'])
})

test('events-out may read the stream and put events, and no row, object, message or mail', () => {
  expect(sorted(may('events-out').filter((action) => !/^(logs|xray|kms):/.test(action)))).toEqual([
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    'events:PutEvents',
    // The notice of what was given up.
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
    'sqs:SendMessage',
  ])
})

test('the review page may read and write rows, read objects, and nothing else', () => {
  expect(sorted(new Set(may('review').map((action) => action.replace(/:.*/, ''))))).toEqual([
    'dynamodb',
    'kms',
    'logs',
    's3',
    'xray',
  ])
  expect(may('review').filter((action) => action.startsWith('s3:'))).toEqual(['s3:GetObject'])
})

test('the board writes no object, no message and no mail', () => {
  expect(may('board').filter((action) => /^(s3|sqs|ses|states):/.test(action))).toEqual(['s3:GetObject'])
})

test('the relay starts executions of the live alias only', () => {
  expect(allowed.get('relay')).toContainEqual(
    expect.objectContaining({
      Action: 'states:StartExecution',
      Condition: { StringEquals: { 'states:StateMachineQualifier': 'live' } },
    }),
  )
})

test('the mailer sends from the configured address only', () => {
  expect(allowed.get('mailer')).toContainEqual(
    expect.objectContaining({
      Action: 'ses:SendEmail',
      Condition: { StringEquals: { 'ses:FromAddress': 'budgets@example.com' } },
    }),
  )
})

const variablesOf = (name: string, of = resources): Readonly<Record<string, unknown>> =>
  functionsOf(of).get(name)?.properties.Environment.Variables ?? {}

describe('variables', () => {
  const everywhere = ['BUCKET', 'NODE_OPTIONS', 'POWERTOOLS_SERVICE_NAME', 'STAGE', 'TABLE']

  test.each([
    ['relay', ['MAIL_QUEUE_URL', 'STATE_MACHINE_ARN']],
    ['events-out', ['EVENT_BUS_NAME']],
    ['mailer', ['MAIL_FROM', 'MAIL_SETTINGS', 'PUBLIC_URL']],
    ['mail-not-delivered', []],
    ['sage-gateway', ['AGENT_QUEUES', 'SAGE_EVENTS_QUEUE_URL']],
    ['sage-events', []],
    ['api', ['ROLE_CLAIM']],
    ['sage-api', ['ROLE_CLAIM', 'SAGE_EVENTS_QUEUE_URL']],
    ['budget-files', ['ROLE_CLAIM']],
    ['review', ['PUBLIC_URL']],
    ['posting', ['PUBLIC_URL']],
    ['board', ['CLIENT_ID', 'ISSUER', 'PUBLIC_URL', 'ROLE_CLAIM']],
    ['sweep', []],
    ['daily-summary', []],
    ['workflow-ended', []],
    ['export-budget', []],
  ])('%s is told %j besides what every function is told', (name, own) => {
    expect(sorted(Object.keys(variablesOf(name)))).toEqual(sorted([...everywhere, ...own]))
  })

  test("mailed links point to the API's own address", () => {
    const address = JSON.stringify(variablesOf('mailer')['PUBLIC_URL'])
    expect(address).toMatch(/^\{"Fn::Join":\["",\["https:\/\/",\{.*\},"\.execute-api\./)
  })

  test('mailed links point to the configured address where there is one', () => {
    const publicUrl = 'https://budgets.customer.example'
    expect(variablesOf('mailer', deploymentOf({ publicUrl }).resources)['PUBLIC_URL']).toBe(publicUrl)
  })

  test("the gateway knows each agent's queue by company and Sage company", () => {
    const [, parts] = (variablesOf('sage-gateway')['AGENT_QUEUES'] as Join)['Fn::Join']
    const text = parts.map((part) => (typeof part === 'string' ? part : 'a queue')).join('')
    expect(JSON.parse(text)).toEqual({ 'hillside/main': 'a queue', 'norwood/civil': 'a queue' })
  })
})
