import { beforeAll, expect, test } from 'vitest'
import { apiAs } from '../../../local/api-client.ts'
import { people } from '../../../local/local-company.ts'
import { until } from '../../../local/sample.ts'
import type { LocalStack } from '../../../local/stack.ts'
import { sharedStack } from './shared-stack.ts'
import { mailsAbout, paulaOn, sentProject, type SmallProject } from './small-project.ts'

// An approver whose address does not exist: the mailbox simulator's, which gives every mail back.

const unheard: SmallProject = { id: 'unheard', job: '24-3101', lines: { '03-3000.S': '325000.00' } }

let stack: LocalStack

beforeAll(async () => {
  stack = await sharedStack([unheard.job])
  await apiAs(stack.runtime, people.ada).send(
    'PUT',
    '/company/people/bea',
    {
      name: 'Bea',
      email: 'bounce@simulator.amazonses.com',
      roles: ['accounting_approver'],
      subjects: ['bea'],
    },
    { matching: '/company/people' },
  )
  await sentProject(stack, unheard)
})

test('a mail that comes back is told to the sender, who learns what to do', async () => {
  const mail = await until('the mail to the sender', () =>
    mailsAbout(stack, unheard.id, 'A mail did not reach Bea').find(({ to }) =>
      to.includes(people.paula.email),
    ),
  )
  expect(mail.text).toContain('The mail "Budget ready for review" did not reach Bea: it came back.')
  expect(mail.text).toContain('A company admin corrects the address of Bea')
})

test('history says that it did not arrive', async () => {
  const history = JSON.stringify(
    await paulaOn(stack).get(`/projects/${unheard.id}/budget/history?limit=100`).catch(String),
  )
  expect(history).toContain('mail_not_delivered')
})
