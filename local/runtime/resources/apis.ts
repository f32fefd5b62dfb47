import * as z from 'zod'
import { physicalId } from './physical-name.ts'
import { type Described, runType } from './resource-type.ts'

export interface ApiPart {
  readonly kind: 'api'
  readonly id: string
  readonly apiId: string
}

/** The address the cloud would give an API; where it stands in a template it becomes this machine's. */
export const apiHost = (apiId: string, region: string): string =>
  `${apiId}.execute-api.${region}.amazonaws.com`

export const api = runType({
  honoured: z.strictObject({ Name: z.string(), ProtocolType: z.literal('HTTP') }),
  ignored: {
    Description: 'text only',
    DisableExecuteApiEndpoint: 'there is one address',
    IpAddressType: 'there is one address',
    Tags: 'labels only',
  },
  describe: (_properties, place): Described<ApiPart> => {
    const apiId = physicalId(place, 10)
    return {
      ref: apiId,
      attributes: {
        ApiId: apiId,
        ApiEndpoint: `http://127.0.0.1:${String(place.machine.ports.api)}`,
      },
      part: { kind: 'api', id: place.id, apiId },
    }
  },
})

export interface StagePart {
  readonly kind: 'stage'
  readonly apiId: string
}

export const stage = runType({
  honoured: z.strictObject({
    ApiId: z.string(),
    StageName: z.literal('$default'),
    AutoDeploy: z.literal(true),
  }),
  ignored: {
    AccessLogSettings: 'the access log is a file of the data folder, by route as well',
    DefaultRouteSettings: 'requests are not throttled',
    Description: 'text only',
    RouteSettings: 'requests are not throttled',
    Tags: 'labels only',
  },
  describe: ({ ApiId, StageName }): Described<StagePart> => ({
    ref: StageName,
    attributes: {},
    part: { kind: 'stage', apiId: ApiId },
  }),
})

export interface IntegrationPart {
  readonly kind: 'integration'
  readonly id: string
  readonly integrationId: string
  readonly functionArn: string
  readonly timeoutMillis: number
}

/** An integration names its function by ARN, or by the address at which API Gateway calls Lambda. */
const calledFunction = (uri: string): string =>
  /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri

export const integration = runType({
  honoured: z.strictObject({
    ApiId: z.string(),
    IntegrationType: z.literal('AWS_PROXY'),
    IntegrationUri: z.string(),
    IntegrationMethod: z.literal('POST').optional(),
    PayloadFormatVersion: z.literal('2.0'),
    TimeoutInMillis: z.number().min(50).max(30_000).default(30_000),
  }),
  ignored: { Description: 'text only', ConnectionType: 'there is one network' },
  describe: (properties, place): Described<IntegrationPart> => {
    const integrationId = physicalId(place, 7)
    return {
      ref: integrationId,
      attributes: { IntegrationId: integrationId },
      part: {
        kind: 'integration',
        id: place.id,
        integrationId,
        functionArn: calledFunction(properties.IntegrationUri),
        timeoutMillis: properties.TimeoutInMillis,
      },
    }
  },
})

export interface AuthorizerPart {
  readonly kind: 'authorizer'
  readonly authorizerId: string
  readonly issuer: string
  readonly audience: readonly string[]
}

export const authorizer = runType({
  honoured: z.strictObject({
    ApiId: z.string(),
    AuthorizerType: z.literal('JWT'),
    IdentitySource: z.tuple([z.literal('$request.header.Authorization')]),
    JwtConfiguration: z.strictObject({ Audience: z.array(z.string()).min(1), Issuer: z.string() }),
    Name: z.string(),
  }),
  describe: ({ JwtConfiguration }, place): Described<AuthorizerPart> => {
    const authorizerId = physicalId(place, 6)
    return {
      ref: authorizerId,
      attributes: { AuthorizerId: authorizerId },
      part: {
        kind: 'authorizer',
        authorizerId,
        issuer: JwtConfiguration.Issuer,
        audience: JwtConfiguration.Audience,
      },
    }
  },
})

export interface RoutePart {
  readonly kind: 'route'
  readonly id: string
  readonly apiId: string
  /** `GET /projects/{id}`, `ANY /x`, or `$default`. */
  readonly routeKey: string
  readonly integrationId: string
  /** Undefined for a route open to everyone. */
  readonly authorizerId: string | undefined
  /** A token must carry one of these, if there are any. */
  readonly scopes: readonly string[]
}

export const route = runType({
  honoured: z
    .strictObject({
      ApiId: z.string(),
      RouteKey: z.union([z.literal('$default'), z.string().regex(/^[A-Z]+ \/\S*$/)]),
      Target: z.templateLiteral(['integrations/', z.string().min(1)]),
      AuthorizationType: z.enum(['NONE', 'JWT']).default('NONE'),
      AuthorizerId: z.string().optional(),
      AuthorizationScopes: z.array(z.string()).default([]),
    })
    .refine(
      (properties) => (properties.AuthorizationType === 'JWT') === (properties.AuthorizerId !== undefined),
      {
        path: ['AuthorizerId'],
        message: 'a JWT route names its authorizer, an open route none',
      },
    ),
  ignored: { OperationName: 'text only' },
  describe: (properties, place): Described<RoutePart> => {
    const routeId = physicalId(place, 7)
    return {
      ref: routeId,
      attributes: { RouteId: routeId },
      part: {
        kind: 'route',
        id: place.id,
        apiId: properties.ApiId,
        routeKey: properties.RouteKey,
        integrationId: properties.Target.slice('integrations/'.length),
        authorizerId: properties.AuthorizerId,
        scopes: properties.AuthorizationScopes,
      },
    }
  },
})
