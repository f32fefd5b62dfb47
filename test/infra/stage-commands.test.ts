import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deployCommand, destroyCommand } from '../../infra/stage-commands.ts'

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> }
const deploy = (...args: string[]) => deployCommand(args, context)
const destroy = (...args: string[]) => destroyCommand(args, context)
const sender = ['--mail-from', 'budgets@customer.example']

describe('npm run deploy', () => {
  test('deploys all stacks of the stage, and keeps their outputs', () => {
    expect(deploy('--stage', 'prod', ...sender).cdk).toEqual([
      'deploy',
      '--outputs-file',
      'dist/outputs.json',
      '--all',
      '-c',
      'stage=prod',
      '-c',
      'mailFrom=budgets@customer.example',
    ])
  })

  test('hands on what else is given, under the names of the context', () => {
    const topic = 'arn:aws:sns:us-east-1:111122223333:on-call'
    const more = ['--mail-identity', 'customer.example', '--public-url', 'https://b.customer.example']
    const { settings, cdk } = deploy('--stage', 'prod', ...sender, ...more, '--alarm-topic', topic)
    expect(settings).toMatchObject({ publicUrl: 'https://b.customer.example', alarmTopic: topic })
    expect(cdk).toContain('mailIdentity=customer.example')
    expect(cdk).toContain('publicUrl=https://b.customer.example')
    expect(cdk).toContain(`alarmTopic=${topic}`)
  })

  test('asks before it widens what somebody may, unless it was told yes', () => {
    expect(deploy('--stage', 'test', ...sender).cdk).not.toContain('--require-approval')
    expect(deploy('--stage', 'test', ...sender, '--yes').cdk.join(' ')).toContain('--require-approval never')
  })
})

describe('npm run destroy', () => {
  test('takes down a stage that was made to be thrown away, and asks before', () => {
    const { cdk } = destroy('--stage', 'test')
    expect(cdk.slice(0, 4)).toEqual(['destroy', '--all', '-c', 'stage=test'])
    expect(cdk).not.toContain('--force')
    expect(destroy('--stage', 'test', '--yes').cdk).toContain('--force')
  })

  test('refuses a stage that keeps its data, whoever says yes', () => {
    expect(() => destroy('--stage', 'prod', '--yes')).toThrow(/prod keeps its data.*Take it down/)
  })
})

describe.each([
  ['deploy', deploy],
  ['destroy', destroy],
])('%s refuses, with a sentence,', (_, command) => {
  test.each<[string, string[], RegExp]>([
    ['no stage', sender, /^Name the stage\. npm run/],
    ['the stage of one machine', ['--stage', 'local', ...sender], /npm start/],
    ['a stage that names nothing', ['--stage', 'Prod_1', ...sender], /^Context stage:/],
    ['a sender that is no address', ['--stage', 'test', '--mail-from', 'budgets'], /^Context mailFrom:/],
    ['an option nobody knows', ['--stage', 'test', ...sender, '--force'], /'--force'.*npm run/],
  ])('%s', (_rule, args, sentence) => {
    expect(() => command(...args)).toThrow(sentence)
  })
})

test('deploy refuses, with a sentence, a stage without a sender', () => {
  expect(() => deploy('--stage', 'test')).toThrow(/needs the context mailFrom/)
})
