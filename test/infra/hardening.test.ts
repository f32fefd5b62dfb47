import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { deploymentOf } from './deployment.ts'
import { functionsOf, ofType, sorted, theOnly } from './templates.ts'

const { resources, templates, stacks } = deploymentOf({ stage: 'prod', mailFrom: 'budgets@customer.example' })
const thrownAway = deploymentOf({ stage: 'test', mailFrom: 'budgets@customer.example' })

test('every stack carries its service and its stage as tags', () => {
  expect(stacks.map(({ tags }) => tags)).toEqual(
    stacks.map(() => ({ service: 'sage-budget-export', stage: 'prod' })),
  )
})

test('the stacks of a stage that keeps its data refuse to be deleted, others do not', () => {
  expect(stacks.filter((stack) => !stack.protected)).toEqual([])
  expect(thrownAway.stacks.filter((stack) => stack.protected)).toEqual([])
})

test('so does the user pool', () => {
  expect(theOnly(resources, 'AWS::Cognito::UserPool').properties.DeletionProtection).toBe('ACTIVE')
  expect(theOnly(thrownAway.resources, 'AWS::Cognito::UserPool').properties.DeletionProtection).toBe(
    'INACTIVE',
  )
})

test('every function is called by the alias live of a version that stays when the next is deployed', () => {
  const versions = ofType(resources, 'AWS::Lambda::Version')
  expect(versions).toHaveLength(functionsOf(resources).size)
  expect(sorted(new Set(versions.map(({ deletion }) => deletion ?? 'Delete')))).toEqual(['Retain'])
})

test('every log is kept for three months, and a week where the stage is thrown away', () => {
  const days = (of: typeof resources) =>
    new Set(ofType(of, 'AWS::Logs::LogGroup').map(({ properties }) => properties.RetentionInDays))
  expect([days(resources), days(thrownAway.resources)]).toEqual([new Set([90]), new Set([7])])
})

test('mails go out encrypted or not at all', () => {
  const { DeliveryOptions } = theOnly(resources, 'AWS::SES::ConfigurationSet').properties
  expect(DeliveryOptions).toEqual({ TlsPolicy: 'REQUIRE' })
})

test('no function takes concurrency away from the others', () => {
  for (const { properties } of functionsOf(resources).values())
    expect(properties).not.toHaveProperty('ReservedConcurrentExecutions')
})

test('no stack comes near the 500 resources that CloudFormation takes', () => {
  for (const { Resources } of templates.values()) expect(Object.keys(Resources).length).toBeLessThan(400)
})

test('no variable of a function is a secret: they are these', () => {
  const names = [...functionsOf(resources).values()].flatMap(({ properties }) =>
    Object.keys(properties.Environment.Variables),
  )
  expect(sorted(new Set(names))).toEqual([
    'AGENT_QUEUES',
    'BUCKET',
    'CLIENT_ID',
    'EVENT_BUS_NAME',
    'ISSUER',
    'MAIL_FROM',
    'MAIL_QUEUE_URL',
    'MAIL_SETTINGS',
    'NODE_OPTIONS',
    'POWERTOOLS_SERVICE_NAME',
    'PUBLIC_URL',
    'ROLE_CLAIM',
    'SAGE_EVENTS_QUEUE_URL',
    'STAGE',
    'STATE_MACHINE_ARN',
    'TABLE',
  ])
})

test('no template, and no file of ours, holds a key of an account or a private key', () => {
  const files = globSync('{functions,shared,infra,local,statemachines,docs,bench}/**/*.{ts,json,md}')
  const texts = [...files.map((file) => readFileSync(file, 'utf8')), JSON.stringify(templates)]
  expect(
    texts.filter((text) => /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)),
  ).toEqual([])
})
