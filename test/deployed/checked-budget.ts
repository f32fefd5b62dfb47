import * as z from 'zod'
import { until } from '../../local/sample.ts'
import type { Client } from './client.ts'
import { asShown, Waiting } from './waiting-budgets.ts'

const Shown = z.looseObject({
  edit_state: z.string(),
  erp_state: z.string(),
  pending: z.unknown().nullable(),
  last_command: z.looseObject({ outcome: z.string() }).nullable(),
  export: z.unknown().nullable(),
  commands: z.array(z.looseObject({ command: z.string(), allowed: z.boolean() })),
})
type Shown = z.infer<typeof Shown>

export type ProjectCommand = 'lock' | 'send' | 'retrieve' | 'unlock'

/** A budget as its clients see it and wait for it. */
export interface CheckedBudget {
  readonly path: string
  read(): Promise<Shown>
  /** Waits until nothing is pending and it stands so. */
  stands(wanted: Partial<Pick<Shown, 'edit_state' | 'erp_state'>>): Promise<Shown>
  /** Gives a command and waits until it is carried out; an error where it is refused. */
  command(name: ProjectCommand): Promise<void>
  decide(choice: object): Promise<void>
  /** What an accept must repeat of what is shown, and the ticks that it asks for. */
  shown(): Promise<object>
}

export function checkedBudget(client: Client, project: string): CheckedBudget {
  const path = `/projects/${project}/budget`
  const read = async () => Shown.parse(await client.get('budget_admin', path))
  return {
    path,
    read,
    stands: async ({ edit_state, erp_state }) =>
      await until(`${project} to be ${edit_state ?? erp_state ?? ''}`, async () => {
        const now = await read()
        const is =
          now.pending === null &&
          (edit_state ?? now.edit_state) === now.edit_state &&
          (erp_state ?? now.erp_state) === now.erp_state
        return is ? now : undefined
      }),
    async command(name) {
      await client.send('budget_admin', 'POST', `${path}/${name}`)
      const outcome = await until(`${project} to ${name}`, async () => {
        const { pending, last_command } = await read()
        return pending === null && last_command?.outcome !== 'pending' ? last_command?.outcome : undefined
      })
      if (outcome !== 'done')
        throw new Error(`${project} was not to ${name}: ${JSON.stringify(await read())}`)
    },
    async decide(choice) {
      await client.send('accounting_approver', 'POST', `/erp/budgets/${project}/decision`, { body: choice })
    },
    async shown() {
      const waiting = await client.get('accounting_approver', '/erp/budgets?state=sent&limit=100')
      const found = Waiting.parse(waiting).budgets.find((each) => each.project === project)
      if (!found) throw new Error(`${project} is not in the list of what waits for accounting`)
      return asShown(found)
    },
  }
}
