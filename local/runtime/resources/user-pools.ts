import * as z from 'zod'
import { physicalId } from './physical-name.ts'
import { arn, type Described, runType } from './resource-type.ts'

export interface UserPoolPart {
  readonly kind: 'userPool'
  readonly id: string
  readonly poolId: string
}

/** How people sign up, sign in and are written to is Cognito's own; here the local issuer signs whoever is asked for. */
const signIn = 'the local issuer signs a token for whoever is asked for'

export const userPool = runType({
  honoured: z.strictObject({}),
  ignored: Object.fromEntries(
    [
      'AccountRecoverySetting',
      'AdminCreateUserConfig',
      'AliasAttributes',
      'AutoVerifiedAttributes',
      'DeletionProtection',
      'DeviceConfiguration',
      'EmailAuthenticationMessage',
      'EmailAuthenticationSubject',
      'EmailConfiguration',
      'EmailVerificationMessage',
      'EmailVerificationSubject',
      'EnabledMfas',
      'MfaConfiguration',
      'Policies',
      'Schema',
      'SmsAuthenticationMessage',
      'SmsConfiguration',
      'SmsVerificationMessage',
      'UserAttributeUpdateSettings',
      'UserPoolAddOns',
      'UserPoolName',
      'UserPoolTags',
      'UserPoolTier',
      'UsernameAttributes',
      'UsernameConfiguration',
      'VerificationMessageTemplate',
      'WebAuthnFactorConfiguration',
      'WebAuthnRelyingPartyID',
      'WebAuthnUserVerification',
    ].map((property) => [property, signIn]),
  ),
  describe: (_properties, place): Described<UserPoolPart> => {
    const { region, ports } = place.machine
    const poolId = `${region}_${`${place.stack}${place.logicalId}`.replaceAll(/[^0-9A-Za-z]/g, '')}`
    const provider = `127.0.0.1:${String(ports.api)}/${poolId}`
    return {
      ref: poolId,
      attributes: {
        Arn: arn(place, 'cognito-idp', `userpool/${poolId}`),
        ProviderName: provider,
        ProviderURL: `http://${provider}`,
        UserPoolId: poolId,
      },
      part: { kind: 'userPool', id: place.id, poolId },
    }
  },
})

export interface UserPoolClientPart {
  readonly kind: 'userPoolClient'
  readonly id: string
  readonly poolId: string
  readonly clientId: string
  /** OAuth flows that it may use: `code`, or none. */
  readonly flows: readonly string[]
  readonly scopes: readonly string[]
  readonly callbackUrls: readonly string[]
  readonly logoutUrls: readonly string[]
}

export const userPoolClient = runType({
  honoured: z.strictObject({
    UserPoolId: z.string(),
    AllowedOAuthFlowsUserPoolClient: z.boolean().default(false),
    AllowedOAuthFlows: z.array(z.string()).default([]),
    AllowedOAuthScopes: z.array(z.string()).default([]),
    CallbackURLs: z.array(z.string()).default([]),
    LogoutURLs: z.array(z.string()).default([]),
    // A secret would have to be checked.
    GenerateSecret: z.literal(false).optional(),
  }),
  ignored: Object.fromEntries(
    [
      'AccessTokenValidity',
      'AnalyticsConfiguration',
      'AuthSessionValidity',
      'ClientName',
      'DefaultRedirectURI',
      'EnablePropagateAdditionalUserContextData',
      'EnableTokenRevocation',
      'ExplicitAuthFlows',
      'IdTokenValidity',
      'PreventUserExistenceErrors',
      'ReadAttributes',
      'RefreshTokenRotation',
      'RefreshTokenValidity',
      'SupportedIdentityProviders',
      'TokenValidityUnits',
      'WriteAttributes',
    ].map((property) => [property, signIn]),
  ),
  describe: (properties, place): Described<UserPoolClientPart> => {
    const clientId = physicalId(place, 26)
    return {
      ref: clientId,
      attributes: { ClientId: clientId },
      part: {
        kind: 'userPoolClient',
        id: place.id,
        poolId: properties.UserPoolId,
        clientId,
        flows: properties.AllowedOAuthFlowsUserPoolClient ? properties.AllowedOAuthFlows : [],
        scopes: properties.AllowedOAuthScopes,
        callbackUrls: properties.CallbackURLs,
        logoutUrls: properties.LogoutURLs,
      },
    }
  },
})

export interface UserPoolGroupPart {
  readonly kind: 'userPoolGroup'
  readonly poolId: string
  readonly name: string
}

export const userPoolGroup = runType({
  honoured: z.strictObject({ UserPoolId: z.string(), GroupName: z.string() }),
  ignored: { Description: 'text only', Precedence: 'there are no roles', RoleArn: 'there are no roles' },
  describe: ({ UserPoolId, GroupName }): Described<UserPoolGroupPart> => ({
    ref: GroupName,
    attributes: {},
    part: { kind: 'userPoolGroup', poolId: UserPoolId, name: GroupName },
  }),
})
