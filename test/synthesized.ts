import { synthesize } from '../infra/synthesize.ts'
import { agents } from '../local/local-company.ts'

/**
 * Set-up of the projects that run the synthesized stack: bundles and templates, made once and only when something
 * changed, with the same context as `npm start`, so that the two never undo each other's work.
 */
export default async function setup(): Promise<void> {
  await synthesize({ context: { agents } })
}
