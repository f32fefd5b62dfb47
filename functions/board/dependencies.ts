import { Environment, readEnvironment } from '../../shared/config.ts'
import { type Dependencies, dependenciesFromEnvironment } from '../../shared/cycle/dependencies.ts'
import { createIssuer, type Issuer } from './issuer.ts'

/** What the board is handed. */
export interface BoardDependencies extends Dependencies {
  readonly issuer: Issuer
  /** Where browsers find these pages, without a slash at the end. */
  readonly publicUrl: string
  /** Name of the claim that lists `<company>:<role>`. */
  readonly roleClaim: string
}

export function boardDependencies(): BoardDependencies {
  const given = readEnvironment(
    Environment.pick({ ISSUER: true, CLIENT_ID: true, PUBLIC_URL: true, ROLE_CLAIM: true }),
  )
  const dependencies = dependenciesFromEnvironment()
  return {
    ...dependencies,
    issuer: createIssuer({ issuer: given.ISSUER, client: given.CLIENT_ID, clock: dependencies.clock }),
    publicUrl: given.PUBLIC_URL,
    roleClaim: given.ROLE_CLAIM,
  }
}
