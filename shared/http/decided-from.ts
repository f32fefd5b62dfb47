import type { EventDetail } from '../domain/events/domain-event.ts'
import type { ApiEvent } from './request.ts'

type DecidedFrom = NonNullable<EventDetail<'decision_accept'>['decided_from']>

interface Request {
  readonly requestContext: {
    /** As the gateway says; a program may name itself nothing. */
    readonly http: Pick<Http, 'sourceIp'> & Partial<Pick<Http, 'userAgent'>>
  }
}
type Http = ApiEvent['requestContext']['http']

const longestAgent = 200 // characters: browsers name themselves in some 120

/**
 * From where somebody decides, as the history keeps it: the address cut to its network, an office, a provider or a
 * home, and what the browser or program says it is.
 */
export function decidedFrom({ requestContext: { http } }: Request): DecidedFrom {
  const { sourceIp, userAgent = '' } = http
  return { ...networkOf(sourceIp), agent: userAgent.slice(0, longestAgent) }
}

// The gateway names addresses only: these tell the two families apart.
const isIPv4 = /^\d{1,3}(?:\.\d{1,3}){3}$/
const isIPv6 = /^[\da-f]{0,4}:[\da-f:.]*$/i
const mapped = /^::ffff:(?=\d+\.)/i // an IPv4 address as a socket of IPv6 names it (RFC 4291, 2.5.5.2)

function networkOf(address: string): Pick<DecidedFrom, 'family' | 'network'> {
  const plain = address.replace(mapped, '')
  if (isIPv4.test(plain)) return { family: 'IPv4', network: `${plain.split('.').slice(0, 3).join('.')}.0/24` }
  return isIPv6.test(plain)
    ? { family: 'IPv6', network: `${firstGroups(plain)}::/48` }
    : { family: 'unknown' }
}

/** The first three of eight groups; what `::` stands for is zero. */
function firstGroups(address: string): string {
  const [before = '', after] = address.split('::')
  const groups = before === '' ? [] : before.split(':')
  const filled = after === undefined ? groups : [...groups, '0', '0', '0']
  return filled
    .slice(0, 3)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
