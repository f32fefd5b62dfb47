import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decidedFrom } from '../../shared/http/decided-from.ts'
import { runs } from '../runs.ts'

const from = (sourceIp: string, userAgent = 'agent') =>
  decidedFrom({ requestContext: { http: { sourceIp, userAgent } } })

test.each([
  ['203.0.113.77', 'IPv4', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', 'IPv4', '203.0.113.0/24'],
  ['2001:db8:7:8:9:a:b:c', 'IPv6', '2001:db8:7::/48'],
  ['2001:DB8:0007::77', 'IPv6', '2001:db8:7::/48'],
  ['2001:db8::77', 'IPv6', '2001:db8:0::/48'],
  ['::1', 'IPv6', '0:0:0::/48'],
])('%s is kept as %s and %s', (address, family, network) => {
  expect(from(address)).toEqual({ family, network, agent: 'agent' })
})

test('what is no address, and a request without a browser’s name, are kept as that', () => {
  expect(from('proxy.internal')).toEqual({ family: 'unknown', agent: 'agent' })
  expect(decidedFrom({ requestContext: { http: { sourceIp: '' } } })).toEqual({
    family: 'unknown',
    agent: '',
  })
})

const cut = (address: string): unknown => from(address).network

test('all of a network are kept alike, whatever the rest of the address, and the name of a browser is bounded', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.nat(255), (address, last) => {
      expect(cut(address.replace(/\d+$/, String(last)))).toBe(cut(address))
    }),
    { numRuns: runs(100, 10_000) },
  )
  const group = fc.nat(0xffff).map((value) => value.toString(16))
  const groups = (count: number) => fc.array(group, { minLength: count, maxLength: count })
  fc.assert(
    fc.property(groups(3), groups(5), groups(5), (network, one, other) => {
      expect(cut([...network, ...one].join(':'))).toBe(cut([...network, ...other].join(':')))
    }),
    { numRuns: runs(100, 10_000) },
  )
  expect(from('203.0.113.77', 'x'.repeat(10_000)).agent).toHaveLength(200)
})
