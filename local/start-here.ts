import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endWhenDataIsGone } from './data-gone.ts'
import { people, project } from './local-company.ts'
import { createProject, masterDataRead, registerPeople, sendSampleBudget, setUpSage } from './sample.ts'
import { type LocalStack, startStack, type Step } from './stack.ts'
import { startOptions } from './start-options.ts'

const stepInWords: Record<Step, string> = {
  bundles: 'Building the bundles of the functions (once, about 20 s) ...',
  templates: 'Building the templates (once, about 10 s) ...',
  table: 'Starting the table, the queues and the mailbox ...',
  functions: 'Starting the functions, the workflow and the API ...',
}

/** An empty data folder begins with the sample company, and its budget waits for an approver. */
async function beginWithSample(stack: LocalStack, data: string): Promise<void> {
  const complete = join(data, 'sample-complete')
  if (existsSync(complete)) return
  if (stack.sage.companies().length > 0) {
    console.log(`The sample in ${data} was cut short when it was put in. Delete that folder to begin anew.`)
    return
  }
  console.log('The data folder is empty: registering the sample company ...')
  await registerPeople(stack)
  await setUpSage(stack)
  await masterDataRead(stack)
  await createProject(stack)
  await sendSampleBudget(stack)
  writeFileSync(complete, '')
  console.log(
    `Project ${project}: the sample budget is locked and sent; a mail waits for ${people.anna.name}.`,
  )
}

/** `npm start`: runs until it is stopped. */
export async function startHere(): Promise<void> {
  const { data, debugProblems } = startOptions(process.argv.slice(2))
  const began = Date.now()
  const onProblem = debugProblems ? (line: string) => console.error(line) : undefined
  const stack = await startStack(data, {
    onStep: (step) => {
      console.log(stepInWords[step])
    },
    ...(onProblem && { onProblem }),
  })
  const endWatch = endWhenDataIsGone(data, stack.stop)
  await beginWithSample(stack, data)
  const { url } = stack.runtime
  console.log(`Ready after ${((Date.now() - began) / 1000).toFixed(1)} s.

  ${url}/desk              budgets
  ${url}/desk/mailbox      every mail, with its link
  ${url}/desk/executions   the workflow of each budget
  ${url}/board             exports and posting, behind a sign-in
  ${url}/sage              Sage: import, Post Entries, job totals

A token for the API: npm run -s token -- paula   (ada, paula, anna, peter, otto)
Stop with Ctrl-C; everything is kept in ${data}.`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      console.log('Stopping ...')
      endWatch()
      void stack.stop().then(() => process.exit(0))
    })
}
