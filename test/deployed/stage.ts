import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import * as z from 'zod'
import { groupsOf, people, subjectOf } from '../../local/local-company.ts'
import { sharedStack } from '../local/stack/shared-stack.ts'

/** Who takes part: the project side, who accepts, who posts, and who sets up the Sage company of the check. */
export const rolesNeeded = [
  'budget_admin',
  'accounting_approver',
  'accounting_poster',
  'company_admin',
] as const
export type RoleNeeded = (typeof rolesNeeded)[number]

/** A deployment as its clients have it: an address, tokens, and a mailbox. */
export interface Stage {
  readonly url: string
  readonly token: (role: RoleNeeded) => Promise<string>
  /** The texts of all mails about a project, in any order; undefined where nobody can read them. */
  readonly mails: ((project: string) => Promise<string>) | undefined
}

const run = promisify(execFile)

const printedBy = async (command: string, environment: Readonly<Record<string, string>>): Promise<string> => {
  const { stdout } = await run('sh', ['-c', command], {
    env: { ...process.env, ...environment },
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout.trim()
}

const Environment = z.object({
  API_URL: z.url().transform((url) => url.replace(/\/$/, '')),
  TOKEN_COMMAND: z.string().optional(),
  MAIL_COMMAND: z.string().optional(),
})

/** The stage that the environment names (docs/deploy.md, "Check a deployment"). */
export function deployedStage(environment: NodeJS.ProcessEnv): Stage {
  const {
    API_URL: url,
    TOKEN_COMMAND: tokenCommand,
    MAIL_COMMAND: mailCommand,
  } = Environment.parse(environment)
  const tokens = new Map<RoleNeeded, Promise<string>>()
  const tokenOf = async (role: RoleNeeded): Promise<string> => {
    const name = `TOKEN_${role.toUpperCase()}`
    const given = environment[name]
    if (given !== undefined) return given
    if (tokenCommand === undefined)
      throw new Error(`Set ${name}, or TOKEN_COMMAND, which prints the token of $ROLE.`)
    return await printedBy(tokenCommand, { ROLE: role })
  }
  return {
    url,
    token: async (role) => {
      const token = tokens.get(role) ?? tokenOf(role)
      tokens.set(role, token)
      return await token
    },
    mails:
      mailCommand === undefined
        ? undefined
        : async (project) => await printedBy(mailCommand, { PROJECT: project }),
  }
}

const localPeople = {
  budget_admin: people.paula,
  accounting_approver: people.anna,
  accounting_poster: people.peter,
  company_admin: people.ada,
} as const

/** The stack on this machine that the tests of a file share. */
export async function localStage(): Promise<Stage> {
  const { runtime } = await sharedStack()
  return {
    url: runtime.url,
    token: async (role) => {
      const person = localPeople[role]
      return await runtime.issueToken({
        subject: subjectOf(person),
        email: person.email,
        groups: groupsOf(person),
      })
    },
    mails: async (project) =>
      await Promise.resolve(
        runtime
          .readMailbox()
          .filter(({ subject }) => subject.includes(project))
          .map(({ text }) => text ?? '')
          .join('\n'),
      ),
  }
}
