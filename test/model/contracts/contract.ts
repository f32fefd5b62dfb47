import { expect } from 'vitest'
import { knownDifferences } from './known-differences.ts'

/** One thing asked of a service, and what it answers. */
export interface Case<Service> {
  readonly name: string
  readonly ask: (service: Service) => Promise<unknown>
  readonly answer: unknown
}

const used = new Set<string>()

/** Asks both, who are to answer as the case says, or each as it is known to. */
export async function bothAnswer<Service>(
  { name, ask, answer }: Case<Service>,
  { simulated, local }: { readonly simulated: Service; readonly local: Service },
): Promise<void> {
  const known = knownDifferences[name]
  used.add(name)
  const answers = { simulated: await ask(simulated), local: await ask(local) }
  expect(answers).toEqual(
    known ? { simulated: known.simulated, local: known.local } : { simulated: answer, local: answer },
  )
}

/** Known differences that no case has asked about. */
export const unasked = (): string[] => Object.keys(knownDifferences).filter((name) => !used.has(name))

/** The name of the error, or what came. */
export const nameOr = async (call: Promise<unknown>): Promise<unknown> =>
  await call.catch((error: unknown) => (error as Error).name)
