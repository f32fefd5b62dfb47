import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { type Dependencies, dependenciesFromEnvironment } from '../../shared/cycle/dependencies.ts'
import { keyOfTask } from '../../shared/cycle/task.ts'
import { type ReceiptEvent, SageEvent } from '../../shared/sage/sage-event.ts'
import { serveMessages } from '../../shared/messages.ts'
import { compareTotals } from '../../shared/exporting/compare-totals.ts'
import { takeFailure, takeReceipt } from './take-receipt.ts'
import { takeWithdrawn } from './take-withdrawn.ts'

/** Carries one report of a connector to the budget that it is about. */
export async function takeSageEvent(dependencies: Dependencies, body: unknown): Promise<string> {
  const event = SageEvent.parse(body)
  switch (event.kind) {
    case 'receipt':
      return await receiptThenTotals(dependencies, event)
    case 'withdrawn':
      return await takeWithdrawn(dependencies, event)
    case 'failure':
      return await takeFailure(dependencies, event)
    case 'totals':
      return await compareTotals(dependencies, event)
  }
}

/** Sage may have been read after the file was there and before its receipt came: those totals are compared now. */
async function receiptThenTotals(dependencies: Dependencies, event: ReceiptEvent): Promise<string> {
  const taken = await takeReceipt(dependencies, event)
  const { company, export: number } = event
  const of = taken === 'recorded' ? await dependencies.store.export(keyOfTask(event), number) : undefined
  if (!of) return taken
  const { sage_company, job } = of
  const compared = await compareTotals(dependencies, { company, sage_company, job })
  return `${taken}, ${compared}`
}

let dependencies: Dependencies | undefined

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const parts = (dependencies ??= dependenciesFromEnvironment())
  return await serveMessages(parts.logger, event, context, async (body) => ({
    outcome: await takeSageEvent(parts, body),
  }))
}
