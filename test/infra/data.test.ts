import { describe, expect, test } from 'vitest'
import { tableNamed } from '../store/local-database.ts'
import { agents, deploymentOf } from './deployment.ts'
import { type Attribute, functionsOf, ofType, type Ref, sorted, theOnly } from './templates.ts'

const { resources, templates } = deploymentOf()
const prod = deploymentOf({ stage: 'prod', mailFrom: 'budgets@customer.example' })
const table = theOnly(resources, 'AWS::DynamoDB::Table').properties
const key = theOnly(resources, 'AWS::KMS::Key')
const queues = ofType(resources, 'AWS::SQS::Queue')
const queueNamed = (name: string) => queues.find(({ properties }) => properties.QueueName === name)
const arnOf = (resource: { id: string } | undefined) => ({ 'Fn::GetAtt': [resource?.id, 'Arn'] })

describe('the table', () => {
  test('has the keys and the indexes that the tests of the store use', () => {
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = tableNamed('any')
    expect(table).toMatchObject({ KeySchema, AttributeDefinitions, GlobalSecondaryIndexes })
  })

  test('shows new rows on its stream', () => {
    expect(table.StreamSpecification).toEqual({ StreamViewType: 'NEW_IMAGE' })
  })

  test('lets idempotency keys expire', () => {
    expect(table.TimeToLiveSpecification).toEqual({ AttributeName: 'expires', Enabled: true })
  })

  test('can be restored to any second', () => {
    expect(table.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true })
  })

  test("is encrypted with the customer's key", () => {
    expect(table.SSESpecification.KMSMasterKeyId).toEqual(arnOf(key))
  })
})

test('the key is renewed every year', () => {
  expect(key.properties.EnableKeyRotation).toBe(true)
})

test("the event bus is encrypted with the customer's key", () => {
  expect(theOnly(resources, 'AWS::Events::EventBus').properties).toMatchObject({
    Name: 'sage-budget-export',
    KmsKeyIdentifier: arnOf(key),
  })
  const named = theOnly(prod.resources, 'AWS::Events::EventBus').properties.Name
  expect(named).toBe('prod-sage-budget-export')
})

describe('data of a stage that is kept', () => {
  test.each(['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::Cognito::UserPool'] as const)(
    '%s outlives its stack in production and not on one machine',
    (type) => {
      expect(theOnly(prod.resources, type).deletion).toBe('Retain')
      expect(theOnly(resources, type).deletion).toBe('Delete')
    },
  )

  test('the table refuses to be deleted in production', () => {
    expect(theOnly(prod.resources, 'AWS::DynamoDB::Table').properties.DeletionProtectionEnabled).toBe(true)
  })
})

describe('the bucket', () => {
  const { properties } = theOnly(resources, 'AWS::S3::Bucket')

  test('keeps every version', () => {
    expect(properties.VersioningConfiguration).toEqual({ Status: 'Enabled' })
  })

  test('removes what is only passing through after a day, and nothing else', () => {
    const { Rules } = properties.LifecycleConfiguration
    expect(Rules.filter((rule) => 'ExpirationInDays' in rule)).toEqual([
      {
        ExpirationInDays: 1,
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        Prefix: 'passing/',
        Status: 'Enabled',
      },
    ])
  })

  test('encrypts with the key', () => {
    const [{ ServerSideEncryptionByDefault }] = properties.BucketEncryption.ServerSideEncryptionConfiguration
    expect(ServerSideEncryptionByDefault).toEqual({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arnOf(key) })
  })

  test('shows nothing to the public', () => {
    expect(Object.values(properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true])
  })
})

test('nobody deletes a version of a file where data is kept, and no function of ours a file', () => {
  const { Statement } = theOnly(prod.resources, 'AWS::S3::BucketPolicy').properties.PolicyDocument
  const files = { 'Fn::Join': ['', [arnOf(theOnly(prod.resources, 'AWS::S3::Bucket')), '/*']] }
  const nobody = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:DeleteObjectVersion' }
  expect(Statement).toContainEqual({ ...nobody, Resource: files })
  const granted = ofType(prod.resources, 'AWS::IAM::Policy').map(({ properties }) =>
    JSON.stringify(properties),
  )
  expect(granted.filter((policy) => policy.includes('s3:Delete'))).toEqual([])
})

test.each(['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'] as const)('%s refuses plain http', (type) => {
  const refusals = ofType(resources, type).map(({ properties }) => properties.PolicyDocument.Statement)
  expect(refusals.length).toBeGreaterThan(0)
  for (const statements of refusals)
    expect(statements).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    )
})

describe('queues', () => {
  const fifo = [
    'sage-exports',
    'sage-events',
    ...agents.map(({ company, sage }) => `sage-agent-${company}-${sage}`),
  ]

  test.each(fifo)('%s keeps the order of a job and gives its dead letters to a queue of its own', (name) => {
    const queue = queueNamed(`${name}.fifo`)?.properties
    const dead = queueNamed(`${name}-dead.fifo`)
    expect([queue?.FifoQueue, dead?.properties.FifoQueue]).toEqual([true, true])
    expect(queue?.RedrivePolicy?.deadLetterTargetArn).toEqual(arnOf(dead))
  })

  test('the mail queue is no FIFO queue, and has dead letters', () => {
    const mail = queueNamed('mail')?.properties
    expect(mail?.FifoQueue).toBeUndefined()
    expect(mail?.RedrivePolicy?.deadLetterTargetArn).toEqual(arnOf(queueNamed('mail-dead')))
  })

  test('all are encrypted and keep messages for fourteen days', () => {
    for (const { properties } of queues)
      expect(properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 })
  })

  test.each([
    ['sage-exports.fifo', 'sage-gateway'],
    ['sage-events.fifo', 'sage-events'],
    ['mail', 'mailer'],
  ])('a message of %s is hidden for six times as long as %s may take', (queue, reader) => {
    const seconds = functionsOf(resources).get(reader)?.properties.Timeout ?? Number.NaN
    expect(queueNamed(queue)?.properties.VisibilityTimeout).toBe(6 * seconds)
  })

  test('carry the stage in their names, but for the one stage of one machine', () => {
    const names = ofType(prod.resources, 'AWS::SQS::Queue').map(({ properties }) => properties.QueueName)
    expect(names).toContain('prod-sage-exports.fifo')
    expect(names.filter((name) => !name.startsWith('prod-'))).toEqual([])
  })
})

describe('an agent on premises', () => {
  const policies = ofType(resources, 'AWS::IAM::ManagedPolicy').map(({ properties }) => properties)

  test('has a policy of its own, and there is none besides', () => {
    expect(sorted(policies.map(({ ManagedPolicyName }) => ManagedPolicyName))).toEqual(
      agents.map(({ company, sage }) => `sage-budget-export-sage-agent-${company}-${sage}`),
    )
  })

  test.each(agents)('$company/$sage reaches its queue, its files and the key, and nothing else', (agent) => {
    const name = `sage-agent-${agent.company}-${agent.sage}`
    const policy = policies.find(({ ManagedPolicyName }) => ManagedPolicyName.endsWith(name))
    const files = `/c/${agent.company}/sage/${agent.sage}/*`
    expect(policy?.PolicyDocument.Statement.map(({ Resource }) => Resource)).toEqual([
      arnOf(queueNamed(`${name}.fifo`)),
      { 'Fn::Join': ['', [arnOf(theOnly(resources, 'AWS::S3::Bucket')), files]] },
      arnOf(key),
    ])
  })
})

test('between stacks cross only table, bucket, key, queues, event bus, sign-in and the API', () => {
  const crossing = [...templates].flatMap(([stack, { Outputs = {} }]) =>
    Object.values(Outputs)
      .filter(({ Export }) => Export !== undefined)
      .map(({ Value }) => {
        const { Ref: name, 'Fn::GetAtt': attribute } = Value as Partial<Ref & Attribute>
        return (
          resources.find((each) => each.stack === stack && each.id === (name ?? attribute?.[0]))?.type ?? ''
        )
      }),
  )
  expect(sorted(new Set(crossing))).toEqual([
    'AWS::ApiGatewayV2::Api',
    'AWS::Cognito::UserPool',
    'AWS::Cognito::UserPoolClient',
    'AWS::DynamoDB::Table',
    'AWS::Events::EventBus',
    'AWS::KMS::Key',
    'AWS::S3::Bucket',
    'AWS::SQS::Queue',
  ])
})

test('what crosses is named by imports, which the stack on one machine can resolve', () => {
  expect(JSON.stringify([...templates])).not.toContain('Fn::GetStackOutput')
})
