import * as z from 'zod'
import { functions } from './functions.ts'

// Who may do what, in words, from the templates: what `npm run grants` writes to infra/grants.md.

const Text = z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat())
const Statement = z.object({
  Effect: z.literal('Allow'),
  Action: Text,
  Resource: z.unknown(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
})
const Policy = z.object({
  ManagedPolicyName: z.string().optional(),
  Roles: z.array(z.object({ Ref: z.string() })).default([]),
  PolicyDocument: z.object({ Statement: z.array(Statement) }),
})
const Made = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) })
const Template = z.object({
  Resources: z.record(z.string(), Made),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }))
    .default({}),
})

const Ref = z.object({ Ref: z.string() })
const Attribute = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
const Import = z.object({ 'Fn::ImportValue': z.string() })
const Join = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) })
const Role = z.object({ Role: Attribute })

type Templates = ReadonlyMap<string, unknown>
type Stack = z.infer<typeof Template>

/** One line of the table. */
interface Grant {
  readonly who: string
  readonly may: string
  readonly on: string
}

/**
 * Every statement of every role and agent policy of a deployment.
 *
 * @param templates by stack.
 * @throws when a policy does something else than allow, or names a resource that has no words here.
 */
export function grantsOf(templates: Templates): readonly Grant[] {
  const stacks = [...templates.values()].map((template) => Template.parse(template))
  const shared = new Map(
    stacks.flatMap((stack) =>
      Object.values(stack.Outputs).flatMap(({ Value, Export }) =>
        Export === undefined ? [] : [[Export.Name, { stack, value: Value }] as const],
      ),
    ),
  )
  const words = (stack: Stack, value: unknown): string => {
    if (typeof value === 'string') return value
    const ref = Ref.safeParse(value).data
    if (ref) return thing(stack, ref.Ref, 'Ref')
    const attribute = Attribute.safeParse(value).data
    if (attribute) return thing(stack, ...attribute['Fn::GetAtt'])
    const join = Join.safeParse(value).data
    if (join) return inWords(join['Fn::Join'][1].map((part) => words(stack, part)).join(''))
    const from = shared.get(Import.parse(value)['Fn::ImportValue'])
    if (from === undefined) throw new Error(`Nothing is exported as ${JSON.stringify(value)}.`)
    return words(from.stack, from.value)
  }
  return stacks.flatMap((stack) =>
    policiesOf(stack).flatMap(({ who, statements }) =>
      statements.map(({ Action, Resource, Condition }) => ({
        who,
        may: Action.toSorted(byLetters).join(', '),
        on:
          [Resource]
            .flat()
            .map((each) => words(stack, each))
            .join('; ') + conditions(Condition),
      })),
    ),
  )
}

const byLetters = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

function policiesOf(stack: Stack): { who: string; statements: readonly z.infer<typeof Statement>[] }[] {
  return Object.values(stack.Resources).flatMap(({ Type, Properties }) => {
    if (Type !== 'AWS::IAM::Policy' && Type !== 'AWS::IAM::ManagedPolicy') return []
    const { ManagedPolicyName, Roles, PolicyDocument } = Policy.parse(Properties)
    const agent = ManagedPolicyName && `the policy ${ManagedPolicyName}`
    const who = agent ?? Roles.map((role) => holderOf(stack, role.Ref)).join(', ')
    return [{ who, statements: PolicyDocument.Statement }]
  })
}

/** The function of a role; the only other role is the state machine's. */
function holderOf({ Resources }: Stack, role: string): string {
  const found = Object.values(Resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::Lambda::Function' && Role.parse(Properties).Role['Fn::GetAtt'][0] === role,
  )
  return found === undefined ? 'the state machine' : plain(nameIn(found, 'FunctionName'))
}

const plain = (name: string): string => name.replace('sage-budget-export-', '')

const nameIn = ({ Properties }: z.infer<typeof Made>, property: string): string =>
  z.string().parse(Properties[property])

const pseudo = /^AWS::(\w+)$/

function thing(stack: Stack, id: string, attribute: string): string {
  if (pseudo.test(id)) return `<${id.replace(pseudo, '$1')}>`
  const made = stack.Resources[id]
  switch (made?.Type) {
    case 'AWS::DynamoDB::Table':
      return attribute === 'StreamArn' ? "the table's stream" : 'the table'
    case 'AWS::KMS::Key':
      return 'the key'
    case 'AWS::Events::EventBus':
      return 'the event bus'
    case 'AWS::S3::Bucket':
      return 'the bucket'
    case 'AWS::SQS::Queue':
      return `the queue ${nameIn(made, 'QueueName')}`
    case 'AWS::Logs::LogGroup':
      return 'its own log'
    case 'AWS::StepFunctions::StateMachine':
      return attribute === 'Name' ? nameIn(made, 'StateMachineName') : 'the state machine'
    case 'AWS::Lambda::Alias':
      return `${thing(stack, Ref.parse(made.Properties['FunctionName']).Ref, 'Ref')} (live)`
    case 'AWS::Lambda::Function':
      return `the function ${plain(nameIn(made, 'FunctionName'))}`
    case undefined:
    default:
      throw new Error(`A policy names ${id} (${made?.Type ?? 'not there'}), for which there are no words.`)
  }
}

const inWords = (joined: string): string =>
  joined
    .replace(/^arn:<Partition>:(\w+):<Region>:<AccountId>:/, '$1 ')
    .replace(/^the bucket\/\*$/, 'every object of the bucket')
    .replace(/^the bucket\/(.*)\*$/, 'the objects of the bucket under $1')
    .replace(/^the table\/index\/(\w+)$/, "the table's index $1")

const conditions = (given: z.infer<typeof Statement>['Condition']): string =>
  Object.entries(given)
    .flatMap(([test, values]) =>
      Object.entries(values).map(([key, value]) => `; only if ${key} ${test} ${JSON.stringify(value)}`),
    )
    .join('')

const what = ({ may, on }: Grant): string =>
  `| ${on === '*' ? 'anything, where AWS takes no narrower' : on} | ${may} |`

function inOrder(names: readonly string[]): string {
  const [without, ...more] = functions.map(({ name }) => name).filter((name) => !names.includes(name))
  if (without === undefined) return 'every function'
  return more.length === 0 ? `every function but ${without}` : names.toSorted(byLetters).join(', ')
}

/** The page: one line for each thing and what may be done to it, with all who may. */
export function grantsPage(templates: Templates): string {
  const holders = new Map<string, string[]>()
  for (const grant of grantsOf(templates))
    holders.set(what(grant), [...(holders.get(what(grant)) ?? []), grant.who])
  const rows = [...holders].map(([line, names]) => `${line} ${inOrder(names)} |`)
  return `# Grants

What each role may do, written by \`npm run grants\` from the templates of the stage \`local\` with one agent. Another stage differs in
names only. Nothing else is allowed to anybody; what people may do is decided in the API.

| On | May | Who |
| --- | --- | --- |
${rows.toSorted(byLetters).join('\n')}
`
}

/** The context of the deployment that the page shows. */
export const grantsContext = { agents: [{ company: 'COMPANY', sage: 'SAGE' }] }
