import { describe, expect, test } from 'vitest'
import { budgetFileRoutes } from '../../functions/api/budget-files.ts'
import type { SageDependencies } from '../../functions/api/dependencies.ts'
import { budgetSideRoutes } from '../../functions/api/index.ts'
import { sageSideRoutes } from '../../functions/api/sage.ts'
import { pages } from '../../functions/board/index.ts'
import { routeKey, routes } from '../../infra/routes.ts'
import { deploymentOf } from './deployment.ts'
import { behindAlias, functionsOf, ofType, sorted, theOnly } from './templates.ts'

const { resources } = deploymentOf()
const made = ofType(resources, 'AWS::ApiGatewayV2::Route').map(({ properties }) => properties)
const integrations = ofType(resources, 'AWS::ApiGatewayV2::Integration')
const stage = theOnly(resources, 'AWS::ApiGatewayV2::Stage').properties
const authorizer = theOnly(resources, 'AWS::ApiGatewayV2::Authorizer')

/** Whatever answers without a sign-in; adding a line here is a decision. */
const publicSurface = [
  'GET /board',
  'GET /board/jobs/{project}',
  'GET /board/jobs/{project}/report.csv',
  'GET /board/sign_out',
  'GET /board/signed_in',
  'GET /board/signed_out',
  'GET /posting/{reference}',
  'GET /posting/{reference}/file/{part}',
  'GET /review/{reference}',
  'HEAD /posting/{reference}',
  'HEAD /review/{reference}',
  'POST /board/jobs/{project}/posting',
  'POST /posting/{reference}',
  'POST /review/{reference}',
]

const keysOf = (wanted: typeof made): string[] => sorted(wanted.map(({ RouteKey }) => RouteKey))

test('the API answers exactly the routes of the table', () => {
  expect(keysOf(made)).toEqual(sorted(routes.map(routeKey)))
})

test.each([
  ['api', budgetSideRoutes],
  ['sage-api', sageSideRoutes],
  ['budget-files', budgetFileRoutes],
] as const)('every route of %s has code behind it, and no code is without a route', (name, routesOf) => {
  // Listing the routes asks nothing of what they will be handed.
  const handled = routesOf({} as SageDependencies).map(({ method, path }) => `${method} ${path}`)
  const routed = routes.filter((route) => route.function === name).map(routeKey)
  expect(sorted(handled)).toEqual(sorted(routed))
})

test('every route of the board has a page behind it, and no page is without a route', () => {
  const routed = routes.filter((route) => route.function === 'board').map(routeKey)
  expect(sorted(Object.keys(pages))).toEqual(sorted(routed))
})

test('no route stands in the table twice', () => {
  expect(new Set(routes.map(routeKey)).size).toBe(routes.length)
})

test('the public surface is what this test lists', () => {
  expect(keysOf(made.filter(({ AuthorizationType }) => AuthorizationType !== 'JWT'))).toEqual(publicSurface)
})

test('every other route asks for a token of the sign-in', () => {
  const closed = made.filter(({ RouteKey }) => !publicSurface.includes(RouteKey))
  for (const { AuthorizerId } of closed) expect(AuthorizerId).toEqual({ Ref: authorizer.id })
})

test.each(routes.map((route) => [routeKey(route), route.function]))('%s is answered by %s', (key, name) => {
  const target = JSON.stringify(made.find(({ RouteKey }) => RouteKey === key)?.Target)
  const integration = integrations.find(({ id }) => target.includes(`"${id}"`))
  expect(behindAlias(resources, integration?.properties.IntegrationUri.Ref)).toBe(name)
})

describe('sign-in', () => {
  test('is by tokens of the user pool, for its client', () => {
    const { Issuer, Audience } = authorizer.properties.JwtConfiguration
    expect(JSON.stringify(Issuer)).toContain('https://cognito-idp.')
    expect(JSON.stringify(Audience)).toContain('PeopleClient')
  })

  test('is by tokens of another issuer where the deployment names one', () => {
    const other = { issuer: 'https://sign-in.customer.example', audience: ['budgets'] }
    const { properties } = theOnly(deploymentOf(other).resources, 'AWS::ApiGatewayV2::Authorizer')
    expect(properties.JwtConfiguration).toEqual({ Issuer: other.issuer, Audience: other.audience })
  })
})

const clientOf = (of: typeof resources) =>
  ofType(of, 'AWS::Cognito::UserPoolClient').find(({ id }) => id.startsWith('BoardClient'))

describe('the sign-in of the board', () => {
  const publicUrl = 'https://budgets.customer.example'
  const prod = deploymentOf({ stage: 'prod', mailFrom: 'budgets@customer.example', publicUrl })

  test('is by a code and nothing else, without a secret, and leads to the public address', () => {
    const properties = clientOf(prod.resources)?.properties
    expect(properties).toMatchObject({
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid'],
      CallbackURLs: [`${publicUrl}/board/signed_in`],
      LogoutURLs: [`${publicUrl}/board/signed_out`],
    })
    expect(properties?.GenerateSecret ?? false).toBe(false)
  })

  test('is another client than the one whose tokens the API takes', () => {
    const board = functionsOf(resources).get('board')?.properties.Environment.Variables
    expect(board).toMatchObject({ CLIENT_ID: { Ref: clientOf(resources)?.id } })
    expect(JSON.stringify(authorizer.properties.JwtConfiguration.Audience)).not.toContain('BoardClient')
  })

  test('has an address that the deployment tells', () => {
    const outputs = [...prod.templates.values()].flatMap(
      ({ Outputs }) => Outputs?.['BoardAddress']?.Value ?? [],
    )
    expect(outputs).toEqual([`${publicUrl}/board`])
  })

  test('has pages of its own, where no other deployment can have its own', () => {
    const { Domain } = theOnly(prod.resources, 'AWS::Cognito::UserPoolDomain').properties
    expect(Domain).toEqual({ 'Fn::Join': ['', ['sage-budget-export-prod-', { Ref: 'AWS::AccountId' }]] })
  })

  test('is with the issuer that the deployment names, as the first of its audience', () => {
    const issuer = 'https://sign-in.customer.example'
    const other = deploymentOf({ issuer, audience: ['budgets', 'api'] }).resources
    const board = functionsOf(other).get('board')?.properties.Environment.Variables
    expect(board).toMatchObject({ ISSUER: issuer, CLIENT_ID: 'budgets' })
    expect([clientOf(other), ofType(other, 'AWS::Cognito::UserPoolDomain')]).toEqual([undefined, []])
  })
})

test('through the throttle of its route nobody guesses a code of ten minutes', () => {
  const { ThrottlingRateLimit, ThrottlingBurstLimit } = stage.RouteSettings['POST /review/{reference}'] ?? {}
  const tries = Number(ThrottlingRateLimit) * 600 + Number(ThrottlingBurstLimit)
  // Eight of 32 symbols: one chance in 2^24 at most.
  expect(tries).toBeLessThan(32 ** 8 / 2 ** 24)
})

test('the open routes are throttled one by one, below everything else', () => {
  const { RouteSettings, DefaultRouteSettings } = stage
  expect(sorted(Object.keys(RouteSettings))).toEqual(publicSurface)
  for (const { ThrottlingRateLimit } of Object.values(RouteSettings))
    expect(ThrottlingRateLimit).toBeLessThan(DefaultRouteSettings.ThrottlingRateLimit)
})

test('the access log names the route and never the path, which is a reference', () => {
  const values = Object.values(JSON.parse(stage.AccessLogSettings.Format) as Record<string, string>)
  expect(values).toContain('$context.routeKey')
  expect(values.filter((value) => /path|domain|override/i.test(value))).toEqual([])
})

test('pages of other origins may not call the API', () => {
  expect(theOnly(resources, 'AWS::ApiGatewayV2::Api').properties.CorsConfiguration).toBeUndefined()
})

test('API Gateway has one permission per function, whatever the number of routes', () => {
  const given = ofType(resources, 'AWS::Lambda::Permission').filter(
    ({ properties }) => properties.Principal === 'apigateway.amazonaws.com',
  )
  expect(given).toHaveLength(integrations.length)
})
