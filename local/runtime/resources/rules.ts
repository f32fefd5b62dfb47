import * as z from 'zod'
import { type EventMatch, eventPattern } from '../event-pattern.ts'
import { Refused } from '../refused.ts'
import { type NextRun, scheduleExpression } from '../schedule-expression.ts'
import { accountBus, busNamed } from './event-buses.ts'
import { physicalName } from './physical-name.ts'
import { arn, type Described, runType } from './resource-type.ts'

const retryPolicy = z.unknown().optional()

const Target = z.strictObject({
  Arn: z.string(),
  Id: z.string(),
  Input: z.string().optional(),
  DeadLetterConfig: z.unknown().optional(),
  RetryPolicy: retryPolicy,
})

/** A function that is called with a fixed input, or with the event itself. */
export interface RuleTarget {
  readonly functionArn: string
  /** JSON text; undefined: the event. */
  readonly input: string | undefined
}

export interface SchedulePart {
  readonly kind: 'schedule'
  readonly id: string
  readonly arn: string
  readonly next: NextRun
  readonly enabled: boolean
  readonly targets: readonly RuleTarget[]
}

export interface EventRulePart {
  readonly kind: 'eventRule'
  readonly id: string
  /** Name of the bus whose events it is for. */
  readonly bus: string
  readonly matches: EventMatch
  readonly enabled: boolean
  readonly targets: readonly RuleTarget[]
}

/** Nothing else happens here that EventBridge would tell of on the account's bus: such a rule would wait for ever. */
const AccountPattern = z.looseObject({
  source: z.tuple([z.enum(['aws.states', 'aws.ses'])]),
  'detail-type': z.array(
    z.enum([
      'Step Functions Execution Status Change',
      'Email Bounced',
      'Email Complaint Received',
      'Email Rejected',
    ]),
  ),
})

function assertToldHere(pattern: unknown, id: string): void {
  const [issue] = AccountPattern.safeParse(pattern).error?.issues ?? []
  if (issue) throw new Refused(`${id}: Properties.EventPattern.${issue.path.join('.')}: ${issue.message}`)
}

function target({ Arn, Input }: { Arn: string; Input?: string | undefined }, id: string): RuleTarget {
  if (!Arn.includes(':lambda:'))
    throw new Refused(`${id}: ${Arn} is no function: only functions are called here`)
  return { functionArn: Arn, input: Input }
}

export const rule = runType({
  honoured: z.strictObject({
    Name: z.string().optional(),
    ScheduleExpression: z.string().optional(),
    EventBusName: z.string().default(accountBus),
    EventPattern: z.record(z.string(), z.unknown()).optional(),
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    Targets: z.array(Target).default([]),
  }),
  ignored: { Description: 'text only', RoleArn: 'there are no permissions', Tags: 'labels only' },
  describe: (properties, place): Described<SchedulePart | EventRulePart> => {
    const { ScheduleExpression, EventPattern } = properties
    const bus = busNamed(properties.EventBusName)
    const name = properties.Name ?? physicalName(place, 64)
    const ruleArn = arn(place, 'events', bus === accountBus ? `rule/${name}` : `rule/${bus}/${name}`)
    const common = {
      id: place.id,
      enabled: properties.State === 'ENABLED',
      targets: properties.Targets.map((each) => target(each, place.id)),
    }
    const names = { ref: name, attributes: { Arn: ruleArn } }
    if (ScheduleExpression !== undefined && EventPattern === undefined)
      return {
        ...names,
        part: {
          ...common,
          kind: 'schedule',
          arn: ruleArn,
          next: scheduleExpression(ScheduleExpression, 'UTC', place.id),
        },
      }
    if (EventPattern !== undefined && ScheduleExpression === undefined) {
      if (bus === accountBus) assertToldHere(EventPattern, place.id)
      return {
        ...names,
        part: {
          ...common,
          kind: 'eventRule',
          bus,
          matches: eventPattern(EventPattern, `${place.id}: Properties.EventPattern`),
        },
      }
    }
    throw new Refused(`${place.id}: a rule has either a schedule or a pattern on one machine`)
  },
})

export const schedule = runType({
  honoured: z.strictObject({
    Name: z.string().optional(),
    GroupName: z.string().optional(),
    ScheduleExpression: z.string(),
    ScheduleExpressionTimezone: z.string().default('UTC'),
    FlexibleTimeWindow: z.strictObject({
      Mode: z.enum(['OFF', 'FLEXIBLE']),
      MaximumWindowInMinutes: z.number().optional(),
    }),
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    Target: z.strictObject({
      Arn: z.string(),
      Input: z.string().optional(),
      RoleArn: z.unknown().optional(),
      DeadLetterConfig: z.unknown().optional(),
      RetryPolicy: retryPolicy,
    }),
  }),
  ignored: { Description: 'text only', KmsKeyArn: 'the data folder is not encrypted' },
  describe: (properties, place): Described<SchedulePart> => {
    if (properties.Target.Input?.includes('<aws.scheduler.') === true)
      throw new Refused(
        `${place.id}: Properties.Target.Input: context attributes are not filled in on one machine`,
      )
    const name = properties.Name ?? physicalName(place, 64)
    const scheduleArn = arn(place, 'scheduler', `schedule/${properties.GroupName ?? 'default'}/${name}`)
    return {
      ref: name,
      attributes: { Arn: scheduleArn },
      part: {
        kind: 'schedule',
        id: place.id,
        arn: scheduleArn,
        next: scheduleExpression(
          properties.ScheduleExpression,
          properties.ScheduleExpressionTimezone,
          place.id,
        ),
        enabled: properties.State === 'ENABLED',
        targets: [target(properties.Target, place.id)],
      },
    }
  },
})
