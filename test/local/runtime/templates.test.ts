import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planStack } from '../../../local/runtime/stack.ts'
import { readTemplates } from '../../../local/runtime/templates.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

interface Template {
  readonly Resources: Readonly<Record<string, { Type: string; Properties?: unknown; Condition?: string }>>
  readonly Outputs?: object
  readonly Parameters?: object
  readonly Transform?: string
}

/** Writes templates as an assembly and resolves them. */
function plan(stacks: Readonly<Record<string, Template>>, parameters: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder('templates')
  const artifacts = Object.fromEntries(
    Object.keys(stacks).map((name) => [
      name,
      { type: 'aws:cloudformation:stack', properties: { templateFile: `${name}.template.json` } },
    ]),
  )
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ version: '55.0.0', artifacts }))
  for (const [name, template] of Object.entries(stacks))
    writeFileSync(join(folder, `${name}.template.json`), JSON.stringify(template))
  mkdirSync(join(folder, 'asset.abc'))
  writeFileSync(join(folder, 'asset.def.json'), JSON.stringify({ QueueUrl: '${Queue}' }))
  const machine = {
    assembly: folder,
    region: 'us-east-1',
    account: '000000000000',
    ports: { api: 4100, queuesAndBuckets: 4101 },
  }
  return planStack(readTemplates(folder), machine, parameters)
}

/** The environment of a function whose variable `X` is the value. */
function resolved(
  value: unknown,
  others: Template['Resources'] = {},
  more: Omit<Template, 'Resources'> = {},
): unknown {
  const [part] = plan({ Main: { Resources: { ...others, F: functionWith({ X: value }) }, ...more } }).parts(
    'function',
  )
  return part?.environment['X']
}

const functionWith = (variables: object, more: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: 'assets', S3Key: 'abc.zip' },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: { 'Fn::GetAtt': ['Nobody', 'Arn'] },
    Environment: { Variables: variables },
    ...more,
  },
})

const queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'exports' } }
const pool = { Type: 'AWS::Cognito::UserPool' }

test.each([
  [
    'Ref of a queue is its address on this machine',
    { Ref: 'Q' },
    'http://127.0.0.1:4101/000000000000/exports',
  ],
  [
    'GetAtt takes its arguments as a list',
    { 'Fn::GetAtt': ['Q', 'Arn'] },
    'arn:aws:sqs:us-east-1:000000000000:exports',
  ],
  ['GetAtt takes its arguments with a dot', { 'Fn::GetAtt': 'Q.QueueName' }, 'exports'],
  ['Join puts parts together', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }, 1]] }, 'a-us-east-1-1'],
  [
    'Sub fills in references, attributes and literals',
    { 'Fn::Sub': '${Q.QueueName} ${AWS::AccountId} ${!Q}' },
    'exports 000000000000 ${Q}',
  ],
  ['Sub prefers its own variables', { 'Fn::Sub': ['${Q}', { Q: { Ref: 'AWS::Partition' } }] }, 'aws'],
  [
    'Select of Split takes an ARN apart',
    { 'Fn::Select': [5, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Q', 'Arn'] }] }] },
    'exports',
  ],
  ['NoValue removes the property that holds it', { Ref: 'AWS::NoValue' }, undefined],
  [
    'an issuer of the cloud becomes the local one',
    { 'Fn::Join': ['', ['https://cognito-idp.', { Ref: 'AWS::Region' }, '.amazonaws.com/', { Ref: 'P' }]] },
    'http://127.0.0.1:4100/us-east-1_MainP',
  ],
  [
    'the address of an API becomes the local one',
    { 'Fn::Sub': 'https://${Http}.execute-api.${AWS::Region}.${AWS::URLSuffix}/x' },
    'http://127.0.0.1:4100/x',
  ],
])('%s', (_rule, value, expected) => {
  const api = { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'a', ProtocolType: 'HTTP' } }
  expect(resolved(value, { Q: queue, P: pool, Http: api })).toBe(expected)
})

test('a stack reads what another one exports', () => {
  const stack = plan({
    Data: {
      Resources: { Q: queue },
      Outputs: { Out: { Value: { 'Fn::GetAtt': ['Q', 'Arn'] }, Export: { Name: 'Data:Q' } } },
    },
    Main: { Resources: { F: functionWith({ X: { 'Fn::ImportValue': 'Data:Q' } }) } },
  })
  expect(stack.parts('function')[0]?.environment['X']).toBe('arn:aws:sqs:us-east-1:000000000000:exports')
})

test('a template parameter has its default, unless a value is given', () => {
  const template = {
    Resources: { F: functionWith({ X: { Ref: 'Sender' } }) },
    Parameters: { Sender: { Type: 'String', Default: 'a@example.com' } },
  }
  expect(plan({ Main: template }).parts('function')[0]?.environment['X']).toBe('a@example.com')
  expect(plan({ Main: template }, { Sender: 'b@example.com' }).parts('function')[0]?.environment['X']).toBe(
    'b@example.com',
  )
})

test.each([
  [
    'a function that is not resolved here',
    { 'Fn::If': ['A', 1, 2] },
    'Main/F: Properties.Environment.Variables.X: Fn::If is not resolved on one machine',
  ],
  [
    'a lookup in a map',
    { 'Fn::FindInMap': ['A', 'B', 'C'] },
    'Main/F: Properties.Environment.Variables.X: Fn::FindInMap is not resolved',
  ],
  [
    'a dynamic reference',
    '{{resolve:ssm:/x}}',
    'Main/F: Properties.Environment.Variables.X: a dynamic reference is not resolved',
  ],
  [
    'a resource that is not there',
    { Ref: 'Gone' },
    'Main/F: Properties.Environment.Variables.X: there is no resource Gone',
  ],
  [
    'an attribute that is not known',
    { 'Fn::GetAtt': ['Q', 'Colour'] },
    'Colour of Main/Q (AWS::SQS::Queue) is not known',
  ],
  ['an export that is not there', { 'Fn::ImportValue': 'Data:Q' }, 'no stack exports Data:Q'],
  [
    'a place in a list',
    { 'Fn::Join': ['', ['a', { 'Fn::Base64': 'b' }]] },
    'Variables.X.Fn::Join[1]: Fn::Base64 is not resolved',
  ],
])('%s is refused with its path', (_rule, value, sentence) => {
  expect(() => resolved(value, { Q: queue })).toThrow(sentence)
})

test('a resource type that is neither run nor ignored is refused by name', () => {
  expect(() => plan({ Main: { Resources: { Box: { Type: 'AWS::EC2::Instance' } } } })).toThrow(
    'Main/Box: AWS::EC2::Instance is not run on one machine',
  )
})

test('a property that is not honoured is refused', () => {
  expect(() => plan({ Main: { Resources: { F: functionWith({}, { VpcConfig: {} }) } } })).toThrow(
    'Main/F: Properties.VpcConfig is not honoured on one machine',
  )
})

test('a property inside a property that is not honoured is refused', () => {
  const table = {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE', ResourcePolicy: {} },
    },
  }
  expect(() => plan({ Main: { Resources: { T: table } } })).toThrow(
    'Main/T: Properties.StreamSpecification.ResourcePolicy is not honoured on one machine',
  )
})

test('an ignored property is not even resolved', () => {
  const encrypted = { Type: 'AWS::SQS::Queue', Properties: { KmsMasterKeyId: { 'Fn::If': ['A', 1, 2] } } }
  expect(plan({ Main: { Resources: { Q: encrypted } } }).parts('queue')).toHaveLength(1)
})

test('an ignored resource still has its name and ARN', () => {
  const key = { Type: 'AWS::KMS::Key' }
  expect(resolved({ 'Fn::GetAtt': ['K', 'Arn'] }, { K: key })).toMatch(
    /^arn:aws:kms:us-east-1:000000000000:key\/[0-9a-f]{32}$/,
  )
})

test('a resource under a condition is refused', () => {
  expect(() => plan({ Main: { Resources: { Q: { ...queue, Condition: 'IsProduction' } } } })).toThrow(
    'Main/Q: a Condition is not run on one machine',
  )
})

const machineWith = (properties: object) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: { DefinitionS3Location: { Bucket: 'assets', Key: 'def.json' }, RoleArn: 'role', ...properties },
})

test('a definition is the asset of its key, with its substitutions', () => {
  const stack = plan({
    Main: { Resources: { Q: queue, M: machineWith({ DefinitionSubstitutions: { Queue: { Ref: 'Q' } } }) } },
  })
  expect(stack.parts('stateMachine')[0]?.definition).toBe(
    '{"QueueUrl":"http://127.0.0.1:4101/000000000000/exports"}',
  )
})

test('a definition that names what has no substitution is refused', () => {
  expect(() => plan({ Main: { Resources: { M: machineWith({}) } } })).toThrow(
    'Main/M: the definition names ${Queue}, which has no substitution',
  )
})

test('an alias of a function can be named as CDK writes it for an event source', () => {
  const alias = {
    Type: 'AWS::Lambda::Alias',
    Properties: { FunctionName: { Ref: 'F' }, FunctionVersion: '1', Name: 'live' },
  }
  const name = { 'Fn::Join': ['', [{ 'Fn::Select': [6, { 'Fn::Split': [':', { Ref: 'A' }] }] }, ':live']] }
  const mapping = {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: { 'Fn::GetAtt': ['Q', 'Arn'] }, FunctionName: name },
  }
  const stack = plan({ Main: { Resources: { Q: queue, F: functionWith({}), A: alias, S: mapping } } })
  expect(stack.parts('queueSource')[0]?.functionArn).toBe('Main-F:live')
})

test('a rule on events that never happen here is refused', () => {
  const rule = {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: { source: ['aws.ec2'], 'detail-type': ['EC2 Instance State-change Notification'] },
    },
  }
  expect(() => plan({ Main: { Resources: { R: rule } } })).toThrow('Main/R: Properties.EventPattern.source')
})

test('a rule on a bus that the templates do not have is refused', () => {
  const rule = {
    Type: 'AWS::Events::Rule',
    Properties: { EventBusName: 'elsewhere', EventPattern: { source: ['any'] } },
  }
  expect(() => plan({ Main: { Resources: { R: rule } } })).toThrow('Main/R: there is no event bus elsewhere')
})

test('a function that may take longer than its queue hides a message is refused', () => {
  const mapping = {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: { 'Fn::GetAtt': ['Q', 'Arn'] }, FunctionName: { Ref: 'F' } },
  }
  expect(() =>
    plan({ Main: { Resources: { Q: queue, F: functionWith({}, { Timeout: 60 }), S: mapping } } }),
  ).toThrow('Main/S: the queue hides a message for 30 seconds, less than the 60 that its function may take')
})

test('a target that the templates do not have is refused', () => {
  const rule = {
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression: 'rate(1 day)',
      Targets: [{ Id: 'a', Arn: 'arn:aws:lambda:us-east-1:000000000000:function:gone' }],
    },
  }
  expect(() => plan({ Main: { Resources: { R: rule } } })).toThrow(
    'Main/R: there is no function arn:aws:lambda',
  )
})
