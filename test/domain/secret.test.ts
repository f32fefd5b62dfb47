import { inspect } from 'node:util'
import { Logger } from '@aws-lambda-powertools/logger'
import { expect, test, vi } from 'vitest'
import { Secret, SecretText } from '../../shared/domain/secret.ts'

const text = 'what opens the door'
const secret = new Secret(text)

test('is given to who asks for it', () => {
  expect(secret.open()).toBe(text)
})

test('is read from a text', () => {
  expect(SecretText.parse(text).open()).toBe(text)
})

test.each([
  ['JSON', () => JSON.stringify({ token: secret })],
  ['a text', () => ['token', secret].join(' ')],
  ['what a console shows', () => inspect({ token: secret }, { showHidden: true })],
  ['a copy', () => JSON.stringify(structuredClone(secret))],
])('is not in %s', (_, written) => {
  expect(written()).not.toContain(text)
})

test('is told to be one', () => {
  expect([String(secret), inspect(secret), JSON.stringify(secret)]).toEqual([
    '[secret]',
    '[secret]',
    '"[secret]"',
  ])
})

test('is not in a log line, wherever in it', () => {
  const lines: unknown[] = []
  const written = vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(line) > 0)
  const cause = Object.assign(new Error('broken'), { token: secret })
  new Logger().error('broken', { wait: { token: secret }, error: cause })
  written.mockRestore()
  expect(lines).toHaveLength(1)
  expect(String(lines[0])).toContain('[secret]')
  expect(String(lines[0])).not.toContain(text)
})

test('whatever a text holds, it stays within its line of the log', () => {
  const reason = 'one\nline\r\n{"level":"INFO"}\u001B[2J\u0000'
  const lines: string[] = []
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0)
  new Logger().info(reason, { reason })
  written.mockRestore()
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(lines).toEqual([expect.stringMatching(/^[^\u0000-\u001f]+\n$/)])
})
