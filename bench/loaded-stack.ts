import { stackUntilEnded } from './stack-until-ended.ts'

// The local stack with budgets of a few lines and one of 150, unlocked, for a load from outside:
// `loaded-stack.ts <projects>` says where it is and who may ask.

const stack = await stackUntilEnded()
const [sample, small, company] = await Promise.all([
  import('../local/sample.ts'),
  import('../test/local/stack/small-project.ts'),
  import('../local/local-company.ts'),
])

const projects = Array.from({ length: Number(process.argv[2]) }, (_, i) => ({
  id: `load-${String(i)}`,
  job: `25-${String(1000 + i)}`,
  lines: { '03-3000.S': '325000.00', '06-1000.L': '41200.55' },
}))
await sample.registerPeople(stack)
await sample.setUpSage(stack)
const books = small.booksOf(stack)
books.setUp({ jobs: projects.map(({ job }) => ({ job, description: `Job ${job}` })) })
small.printTotals(stack)
await sample.createProject(stack)
await sample.importBudget(stack)
await Promise.all(projects.map(async (project) => await small.smallProject(stack, project)))
await sample.masterDataRead(stack)

const { runtime } = stack
const { people, groupsOf, subjectOf } = company
const tokenOf = async (person: (typeof people)['paula' | 'anna']): Promise<string> =>
  await runtime.issueToken({ subject: subjectOf(person), email: person.email, groups: groupsOf(person) })
const about = {
  large: company.project,
  projects: projects.map(({ id }) => id),
  manager: await tokenOf(people.paula),
  approver: await tokenOf(people.anna),
  table: runtime.tables[0]?.name,
  database: runtime.endpoints.table,
}
console.log(`Loaded ${JSON.stringify(about)}`)
