import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deployCommand, destroyCommand } from '../../infra/stage-commands.ts'
import { Role } from '../../shared/domain/person.ts'
import { deploymentOf } from './deployment.ts'
import { ofType } from './templates.ts'

const guide = readFileSync('docs/deploy.md', 'utf8')
const { templates, resources } = deploymentOf({
  stage: 'prod',
  mailFrom: 'budgets@customer.example',
  agents: [{ company: 'acme', sage: 'main' }],
})

describe('docs/deploy.md', () => {
  test.each([
    ['deploy', deployCommand],
    ['destroy', destroyCommand],
  ] as const)('gives npm run %s arguments that it takes', (script, command) => {
    const given = [...guide.matchAll(new RegExp(`^npm run ${script} -- (.*)$`, 'gm'))]
    expect(given).toHaveLength(1)
    for (const [, args = ''] of given) expect(() => command(args.split(' '), {})).not.toThrow()
  })

  test('makes a group for every role', () => {
    const [, roles = ''] = /for role in (.*)\n/.exec(guide) ?? []
    expect(roles.split(' ')).toEqual(Role.options)
  })

  test('names outputs that the stacks have', () => {
    const told = new Set([...templates.values()].flatMap(({ Outputs = {} }) => Object.keys(Outputs)))
    const named = [...guide.matchAll(/<([A-Z]\w+)>/g), ...guide.matchAll(/outputs? `(\w+)`/g)]
    expect(named.length).toBeGreaterThan(5)
    for (const [, output = ''] of named) expect(told).toContain(output)
  })

  test("attaches the policy that the agent's queue comes with", () => {
    const [policy] = ofType(resources, 'AWS::IAM::ManagedPolicy')
    const name = policy?.properties.ManagedPolicyName.replace('prod', '<stage>')
    expect(guide).toContain(`policy/${name ?? ''}\n`)
  })
})
