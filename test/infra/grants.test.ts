import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { grantsContext, grantsOf, grantsPage } from '../../infra/grants.ts'
import { deploymentOf } from './deployment.ts'
import { ofType, sorted } from './templates.ts'

const { templates, resources } = deploymentOf(grantsContext)
const grants = grantsOf(templates)
const whoMay = (action: string): string[] =>
  sorted(new Set(grants.filter(({ may }) => may.split(', ').includes(action)).map(({ who }) => who)))

test('infra/grants.md says what the templates grant (if not: run npm run grants, and read what changed)', () => {
  expect(readFileSync('infra/grants.md', 'utf8')).toBe(grantsPage(templates))
})

test('every statement of every policy is a line', () => {
  const policies = [...ofType(resources, 'AWS::IAM::Policy'), ...ofType(resources, 'AWS::IAM::ManagedPolicy')]
  const statements = policies.flatMap(({ properties }) => properties.PolicyDocument.Statement)
  expect(grants).toHaveLength(statements.length)
})

test.each(['StartExecution', 'SendTaskSuccess', 'StopExecution'])(
  'states:%s is the relay’s alone',
  (action) => {
    expect(whoMay(`states:${action}`)).toEqual(['relay'])
  },
)

test('nobody may fail a task, or keep one alive', () => {
  expect([...whoMay('states:SendTaskFailure'), ...whoMay('states:SendTaskHeartbeat')]).toEqual([])
})
