import { Logger } from '@aws-lambda-powertools/logger'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { bucketClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { dependenciesFromEnvironment } from '../../shared/cycle/dependencies.ts'
import { apiHandler } from '../../shared/http/pipeline.ts'
import type { Route } from '../../shared/http/route.ts'
import type { ApiDependencies } from './dependencies.ts'
import { downloadAddress } from './download-address.ts'
import { createUploads } from './uploads.ts'

export function apiDependencies(): ApiDependencies {
  const environment = readEnvironment(Environment.pick({ BUCKET: true, ROLE_CLAIM: true }))
  return {
    ...dependenciesFromEnvironment(),
    roleClaim: environment.ROLE_CLAIM,
    logger: new Logger(),
    fileUrl: async (key, fileName) => await downloadAddress(environment.BUCKET, key, fileName),
    uploads: createUploads({ s3: bucketClient(), bucket: environment.BUCKET }),
  }
}

/** The handler of a Lambda function that answers these routes; what they are handed is made at the first request. */
export function onApi<Given extends ApiDependencies>(
  routes: (dependencies: Given) => readonly Route[],
  dependenciesOf: () => Given,
) {
  let handler: ReturnType<typeof apiHandler> | undefined
  const makeHandler = (): ReturnType<typeof apiHandler> => {
    const dependencies = dependenciesOf()
    return apiHandler(dependencies, routes(dependencies))
  }
  return async (
    event: APIGatewayProxyEventV2,
    context: Context,
  ): Promise<APIGatewayProxyStructuredResultV2> => await (handler ??= makeHandler())(event, context)
}
