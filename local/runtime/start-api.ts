import type { Clock } from '../engine/clock.ts'
import { type ApiServer, startApiServer } from './api/api-server.ts'
import { tokenCheck } from './api/token-check.ts'
import type { DataFolder } from './data-folder.ts'
import type { Functions } from './functions.ts'
import type { Issuer } from './issuer.ts'
import { openLog } from './log-file.ts'
import type { Ports } from './ports.ts'
import { Refused } from './refused.ts'
import type { LocalStack } from './stack.ts'
import type { Closers } from './start-services.ts'

interface ApiParts {
  readonly stack: LocalStack
  readonly folder: DataFolder
  readonly ports: Ports
  readonly functions: Functions
  readonly issuer: Issuer
  readonly clock: Clock
  readonly account: string
}

/** Serves the one API, the issuer's pages in front of it. */
export async function startApi(
  { stack, folder, ports, functions, issuer, clock, account }: ApiParts,
  closers: Closers,
): Promise<ApiServer> {
  const [api, second] = stack.parts('api')
  if (second !== undefined) throw new Refused(`${second.id}: there is one API on one machine`)
  const checks = stack
    .parts('authorizer')
    .map(
      (authorizer) =>
        [
          authorizer.authorizerId,
          tokenCheck({ authorizer, localKeys: issuer.keys, now: clock.now }),
        ] as const,
    )
  const server = await startApiServer({
    port: ports.api,
    apiId: api?.apiId ?? '',
    account,
    routes: stack.parts('route'),
    integrations: stack.parts('integration'),
    tokenChecks: new Map(checks),
    functions,
    now: clock.now,
    writeLine: openLog(folder, 'access'),
  })
  closers.push(server.stop)
  for (const [path, page] of issuer.pages) server.mount(path, page)
  return server
}
