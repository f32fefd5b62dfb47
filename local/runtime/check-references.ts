import { Refused } from './refused.ts'
import { type FunctionPart, functionNameOf } from './resources/functions.ts'
import { accountBus } from './resources/event-buses.ts'
import type { QueueSourcePart } from './resources/event-sources.ts'
import type { LocalStack } from './stack.ts'

const usualVisibility = 30 // seconds; of a queue whose template gives none

/**
 * Checks that what parts name is there: in the cloud a deployment fails on it, here a call would, much later.
 *
 * @throws {Refused} naming the resource.
 */
export function checkReferences(stack: LocalStack): void {
  const callers = [
    ...stack.parts('integration'),
    ...stack.parts('queueSource'),
    ...stack.parts('streamSource'),
    ...[...stack.parts('schedule'), ...stack.parts('eventRule')].flatMap(({ id, targets }) =>
      targets.map(({ functionArn }) => ({ id, functionArn })),
    ),
  ]
  for (const { id, functionArn } of callers) functionOf(stack, id, functionArn)
  for (const { id, bus } of stack.parts('eventRule'))
    if (bus !== accountBus && !stack.parts('eventBus').some(({ name }) => name === bus))
      throw new Refused(`${id}: there is no event bus ${bus}`)
  for (const source of stack.parts('queueSource')) checkVisibility(stack, source)
  for (const route of stack.parts('route')) {
    const { id, routeKey, integrationId, authorizerId } = route
    if (!stack.parts('integration').some((each) => each.integrationId === integrationId))
      throw new Refused(`${id}: ${routeKey} has no integration`)
    if (
      authorizerId !== undefined &&
      !stack.parts('authorizer').some((each) => each.authorizerId === authorizerId)
    )
      throw new Refused(`${id}: ${routeKey} has no authorizer`)
  }
}

function functionOf(stack: LocalStack, id: string, nameOrArn: string): FunctionPart {
  const name = functionNameOf(nameOrArn)
  const qualifier = nameOrArn.split(':')[nameOrArn.startsWith('arn:') ? 7 : 1]
  const found = stack.parts('function').find((each) => each.name === name)
  const qualified =
    qualifier === undefined ||
    stack
      .parts('functionQualifier')
      .some((each) => each.functionName === name && each.qualifier === qualifier)
  if (found === undefined || !qualified) throw new Refused(`${id}: there is no function ${nameOrArn}`)
  return found
}

/** Lambda takes no queue that would hand a message out again while the function may still be at work on it. */
function checkVisibility(stack: LocalStack, { id, queueArn, functionArn }: QueueSourcePart): void {
  const queue = stack.parts('queue').find((each) => each.arn === queueArn)
  if (queue === undefined) throw new Refused(`${id}: there is no queue ${queueArn}`)
  const visibility = Number(queue.attributes['VisibilityTimeout'] ?? usualVisibility)
  const { timeoutSeconds } = functionOf(stack, id, functionArn)
  if (visibility < timeoutSeconds)
    throw new Refused(
      `${id}: the queue hides a message for ${String(visibility)} seconds, less than the ${String(timeoutSeconds)} that its function may take`,
    )
}
