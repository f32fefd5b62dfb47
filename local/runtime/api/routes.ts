import type { RoutePart } from '../resources/apis.ts'

/** A route that a request goes to, with what stood in its path. */
export interface RouteMatch {
  readonly route: RoutePart
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>
}

type Segment =
  | { readonly kind: 'fixed'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'greedy'; readonly name: string }

interface ParsedRoute {
  readonly route: RoutePart
  /** Undefined takes every method. */
  readonly method: string | undefined
  readonly segments: readonly Segment[]
}

const rank = { fixed: 0, variable: 1, greedy: 2 }

/**
 * Finds the route of a request as API Gateway does for HTTP APIs: the most specific path first, then the method before
 * ANY, `$default` last.
 *
 * @param path as it came, percent-encoded; decoding it must not fail.
 */
export function routeFinder(
  routes: readonly RoutePart[],
): (method: string, path: string) => RouteMatch | undefined {
  const parsed = routes
    .filter(({ routeKey }) => routeKey !== '$default')
    .map(parse)
    .toSorted(moreSpecific)
  const fallback = routes.find(({ routeKey }) => routeKey === '$default')
  return (method, path) => {
    for (const candidate of parsed) {
      if (candidate.method !== undefined && candidate.method !== method) continue
      const pathParameters = match(candidate.segments, path.split('/').slice(1))
      if (pathParameters !== undefined) return { route: candidate.route, pathParameters }
    }
    return fallback === undefined ? undefined : { route: fallback, pathParameters: {} }
  }
}

function parse(route: RoutePart): ParsedRoute {
  const [method = '', path = ''] = route.routeKey.split(' ')
  return {
    route,
    method: method === 'ANY' ? undefined : method,
    segments: path.split('/').slice(1).map(segment),
  }
}

function segment(text: string): Segment {
  const name = /^\{(.+?)(\+?)\}$/.exec(text)
  if (name?.[1] === undefined) return { kind: 'fixed', text }
  return { kind: name[2] === '+' ? 'greedy' : 'variable', name: name[1] }
}

function moreSpecific(a: ParsedRoute, b: ParsedRoute): number {
  for (const [at, left] of a.segments.entries()) {
    const right = b.segments[at]
    if (right === undefined) return 1
    const difference = rank[left.kind] - rank[right.kind]
    if (difference !== 0) return difference
  }
  if (a.segments.length !== b.segments.length) return a.segments.length - b.segments.length
  return Number(a.method === undefined) - Number(b.method === undefined)
}

function match(segments: readonly Segment[], path: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {}
  for (const [at, wanted] of segments.entries()) {
    const given = path[at]
    if (given === undefined || (wanted.kind !== 'fixed' && given === '')) return undefined
    if (wanted.kind === 'greedy') {
      parameters[wanted.name] = decodeURIComponent(path.slice(at).join('/'))
      return parameters
    }
    if (wanted.kind === 'variable') parameters[wanted.name] = decodeURIComponent(given)
    else if (wanted.text !== decodeURIComponent(given)) return undefined
  }
  return path.length === segments.length ? parameters : undefined
}
