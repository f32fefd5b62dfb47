import { ArnFormat, Aws, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import { CfnApi, CfnAuthorizer, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { OAuthScope, UserPoolClient, UserPoolClientIdentityProvider } from 'aws-cdk-lib/aws-cognito'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { accessOf, type Reach, type SignIn } from '../access.ts'
import { HouseFunction } from '../constructs/function.ts'
import { apiFunctions, constructId } from '../functions.ts'
import { type Route, routeKey, routes } from '../routes.ts'
import { accessLogName, named } from '../settings.ts'
import { houseStack } from './house-stack.ts'

export interface ApiStackProps extends Pick<Reach, 'settings' | 'data'> {
  readonly bundles: string
}

// Everybody together, per second and as a burst. A page that needs no sign-in gets less, so that whoever guesses
// links cannot use up what signed-in people need; 256 random bits are not guessed at any rate.
const everyRoute = { throttlingRateLimit: 100, throttlingBurstLimit: 200, detailedMetricsEnabled: true }
const openRoute = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40, DetailedMetricsEnabled: true }

/** The API and the pages behind mailed links: one HTTP API, and exactly the routes of `infra/routes.ts`. */
export class ApiStack extends Stack {
  readonly apiId: string
  /** Where mailed links point to, without a slash at the end. */
  readonly publicUrl: string
  readonly #props: ApiStackProps

  constructor(scope: Construct, props: ApiStackProps) {
    const { settings } = props
    super(scope, ...houseStack(settings, 'api'))
    this.#props = props
    // CORS stays closed: pages of other origins have no business here.
    const api = new CfnApi(this, 'HttpApi', {
      name: named(settings, 'sage-budget-export'),
      protocolType: 'HTTP',
    })
    this.apiId = api.ref
    const address = `https://${api.ref}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`
    this.publicUrl = settings.publicUrl ?? address
    const made = this.#routes(this.#authorizer(), this.#integrations())
    const stage = this.#stage()
    // Throttling by route is refused for a route that is not there yet.
    for (const route of made) stage.addResourceDependency(route)
    new CfnOutput(this, 'Address', { value: address, description: 'The API, without a slash at the end' })
    new CfnOutput(this, 'BoardAddress', {
      value: `${this.publicUrl}/board`,
      description: 'Exports and posting',
    })
  }

  #authorizer(): CfnAuthorizer {
    const { settings, data } = this.#props
    return new CfnAuthorizer(this, 'SignIn', {
      apiId: this.apiId,
      name: 'sign-in',
      authorizerType: 'JWT',
      identitySource: ['$request.header.Authorization'],
      jwtConfiguration: {
        issuer: settings.issuer ?? data.issuer,
        audience: settings.audience ?? [data.client.userPoolClientId],
      },
    })
  }

  /**
   * The board's own client: a browser's session token is none of the API's, and a token of the API is no session. It
   * stands here since it names this API's address.
   */
  #signIn(): SignIn {
    const { settings, data } = this.#props
    const [client] = settings.audience ?? []
    if (settings.issuer !== undefined && client !== undefined) return { issuer: settings.issuer, client }
    const board = new UserPoolClient(this, 'BoardClient', {
      userPool: data.pool,
      authFlows: { userSrp: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID],
        callbackUrls: [`${this.publicUrl}/board/signed_in`],
        logoutUrls: [`${this.publicUrl}/board/signed_out`],
      },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.hours(1),
    })
    return { issuer: data.issuer, client: board.userPoolClientId }
  }

  /** One integration per function, and one permission for the whole API: one per route would outgrow a function's policy. */
  #integrations(): ReadonlyMap<Route['function'], CfnIntegration> {
    const { settings, bundles } = this.#props
    const source = this.formatArn({ service: 'execute-api', resource: this.apiId, resourceName: '*' })
    const reach = { ...this.#props, publicUrl: this.publicUrl, signIn: this.#signIn() }
    return new Map(
      apiFunctions.map((row) => {
        const access = accessOf(this, row, reach)
        const id = constructId(row.name)
        const { live } = new HouseFunction(this, id, { settings, bundles, deployable: row, ...access })
        live.addPermission('Api', {
          principal: new ServicePrincipal('apigateway.amazonaws.com'),
          sourceArn: source,
        })
        const integration = new CfnIntegration(this, `${id}Integration`, {
          apiId: this.apiId,
          integrationType: 'AWS_PROXY',
          integrationUri: live.functionArn,
          payloadFormatVersion: '2.0',
        })
        return [row.name, integration]
      }),
    )
  }

  #routes(
    authorizer: CfnAuthorizer,
    integrations: ReadonlyMap<Route['function'], CfnIntegration>,
  ): CfnRoute[] {
    return routes.map((row) => {
      const integration = integrations.get(row.function)
      if (integration === undefined)
        throw new Error(`${routeKey(row)}: there is no function ${row.function}.`)
      const route = new CfnRoute(this, routeId(row), {
        apiId: this.apiId,
        routeKey: routeKey(row),
        target: `integrations/${integration.ref}`,
        ...(row.public
          ? { authorizationType: 'NONE' }
          : { authorizationType: 'JWT', authorizerId: authorizer.ref }),
      })
      if (row.public)
        Validations.of(route).acknowledge({
          id: 'AwsSolutions-APIG4',
          reason:
            'Open by design: the mailed reference is the key (256 random bits), or the page asks for a sign-in itself.',
        })
      return route
    })
  }

  #stage(): CfnStage {
    const { settings } = this.#props
    const log = new LogGroup(this, 'AccessLog', {
      logGroupName: accessLogName(settings),
      retention: settings.keepsData ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    // A log group's own ARN ends in `:*`, which API Gateway does not keep: each deployment would show a change.
    const destination = this.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: log.logGroupName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    const open = routes.filter((route) => route.public)
    return new CfnStage(this, 'Stage', {
      apiId: this.apiId,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: { destinationArn: destination, format: accessLogFormat },
      defaultRouteSettings: everyRoute,
      routeSettings: Object.fromEntries(open.map((route) => [routeKey(route), openRoute])),
    })
  }
}

/** The route, never the path: a path of the open pages is a reference that opens a budget. */
const accessLogFormat = JSON.stringify({
  at: '$context.requestTime',
  request: '$context.requestId',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  milliseconds: '$context.responseLatency',
  address: '$context.identity.sourceIp',
  subject: '$context.authorizer.claims.sub',
  fault: '$context.integrationErrorMessage',
})

/** `GET /projects/{project}/budget/line_items` as `GETProjectsProjectBudgetLineItems`. */
const routeId = (route: Route): string =>
  route.method +
  route.path.replaceAll(/[^a-zA-Z]+([a-zA-Z]?)/g, (_match, letter: string) => letter.toUpperCase())
