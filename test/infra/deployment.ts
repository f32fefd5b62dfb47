import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { App, type AppProps, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { functions } from '../../infra/functions.ts'
import { addService } from '../../infra/service.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { type Resource, resourcesOf, type Template } from './templates.ts'

const cdkJson = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> }

/** Agents of two tenants, as a deployment with connectors on premises names them. */
export const agents = [
  { company: 'hillside', sage: 'main' },
  { company: 'norwood', sage: 'civil' },
]

export interface Deployment {
  readonly stacks: readonly StackFacts[]
  readonly templates: ReadonlyMap<string, Template>
  readonly resources: readonly Resource[]
}

/** What stands beside a template: CloudFormation puts the tags on every resource that takes any. */
interface StackFacts {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly protected: boolean
}

const made = new Map<string, Deployment>()

/**
 * All templates of a stage, over bundles of one line each: no account, no network, nothing built beforehand; made once
 * by each worker. With `rules`, AWS's own and those of cdk-nag, which take seconds.
 */
export function deploymentOf(context: Record<string, unknown> = {}, rules = false): Deployment {
  const of = JSON.stringify([context, rules])
  const deployment = made.get(of) ?? synthesized(context, rules)
  made.set(of, deployment)
  return deployment
}

function synthesized(context: Record<string, unknown>, rules: boolean): Deployment {
  const folder = temporaryFolder('infra')
  const bundles = join(folder, 'functions')
  for (const { name } of functions) {
    mkdirSync(join(bundles, name), { recursive: true })
    writeFileSync(join(bundles, name, 'index.cjs'), `exports.handler = async () => '${name}'`)
  }
  const app = new App({
    outdir: join(folder, 'out'),
    context: { ...cdkJson.context, agents, ...context },
    builtinCloudFormationValidation: rules,
  } satisfies AppProps)
  addService(app, { bundles })
  if (rules) Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  const assembled = app.synth().stacks
  const templates = new Map(assembled.map((stack) => [stack.stackName, stack.template as Template]))
  const stacks = assembled.map(({ stackName: name, tags, terminationProtection }) => ({
    name,
    tags,
    protected: terminationProtection === true,
  }))
  return { stacks, templates, resources: resourcesOf(templates) }
}
