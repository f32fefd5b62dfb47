import { synthesize } from '../infra/synthesize.ts'

/** Set-up of the projects that run the synthesized stack: bundles and templates, made once, and only when something changed. */
export default async function setup(): Promise<void> {
  await synthesize()
}
