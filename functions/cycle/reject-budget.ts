import * as z from 'zod'
import { type CarriedOut, carryOut, type Standing } from '../../shared/cycle/carry-out.ts'
import { Broken } from '../../shared/store/errors.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { givenBack } from '../../shared/cycle/given-back.ts'
import { aboutApproval, mails, occasionOf, projectSide } from '../../shared/cycle/mails.ts'
import { stepUnderWay } from '../../shared/domain/budget-head.ts'

/** Returns the budget to the project, unlocked, with the reason: a reject, or a failed export given back. */
export const rejectBudget = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async (standing) =>
    standing.signal?.kind === 'return'
      ? await returnExport(dependencies, standing)
      : await reject(dependencies, standing),
  )

async function reject({ store }: Dependencies, standing: Standing): Promise<CarriedOut> {
  const { key, head } = standing
  const of = stepUnderWay(head)
  const approval = await store.approval(key, of)
  const decision = approval?.decisions.find(({ choice }) => choice === 'reject')
  if (!approval || !decision) throw new Broken('DecisionMissing', `${key.project}: no reject is stored.`)
  return {
    commit: {
      head: givenBack(standing),
      history: [{ event: 'rejected', by: decision.person, detail: { ...of, reason: decision.reason ?? '' } }],
      outbox: mails('rejected', projectSide(head), occasionOf(approval), aboutApproval(approval)),
    },
    output: { outcome: 'rejected' },
  }
}

const Text = z.string().catch('')

async function returnExport({ store }: Dependencies, standing: Standing): Promise<CarriedOut> {
  const { key, head, at, signal } = standing
  const by = Text.parse(signal?.reference['by'])
  const reason = Text.parse(signal?.reference['reason'])
  const number = head.open_export
  const open = number === undefined ? undefined : await store.export(key, number)
  return {
    commit: {
      head: { ...givenBack(standing), open_export: undefined },
      history: [
        {
          event: 'returned',
          by: 'system',
          detail: { export: number ?? 0, by, reason },
        },
      ],
      ...(open === undefined ? {} : { export: { ...open, settled_at: at, settled_as: 'returned' } }),
      outbox: mails('returned', projectSide(head), `e${String(number ?? 0)}-s${String(head.send)}`),
    },
    output: { outcome: 'rejected' },
  }
}

export const handler = onLambda(rejectBudget)
