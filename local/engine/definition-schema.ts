import * as z from 'zod'

/**
 * The part of the Amazon States Language that the engine runs, field by field. Whatever is not named here is
 * refused when a definition is loaded (states-language.net/spec.html; design.md section 8).
 */

const name = z.string().min(1).max(80) // the longest name of a state that AWS takes
const json = z.json()
const assign = z.record(z.string(), json)
const comment = z.string().optional()
const jsonata = z.literal('JSONata').optional()

const retrier = z.strictObject({
  ErrorEquals: z.array(z.string().min(1)).min(1),
  IntervalSeconds: z.int().min(1).max(99_999_999).default(1),
  MaxAttempts: z.int().min(0).max(99_999_999).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(31_622_399).optional(), // below 31622400: AWS, error handling guide
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
  Comment: comment,
})

const catcher = z.strictObject({
  ErrorEquals: z.array(z.string().min(1)).min(1),
  Next: name,
  Output: json.optional(),
  Assign: assign.optional(),
  Comment: comment,
})

const choice = z.strictObject({
  Condition: z.string(),
  Next: name,
  Output: json.optional(),
  Assign: assign.optional(),
  Comment: comment,
})

const common = { Comment: comment, QueryLanguage: jsonata }
const leaving = { Next: name.optional(), End: z.literal(true).optional() }

export const stateSchemas = {
  Task: z.strictObject({
    Type: z.literal('Task'),
    ...common,
    ...leaving,
    Resource: z.enum([
      'arn:aws:states:::lambda:invoke',
      'arn:aws:states:::lambda:invoke.waitForTaskToken',
      'arn:aws:states:::sqs:sendMessage',
    ]),
    Arguments: z.record(z.string(), json),
    Output: json.optional(),
    Assign: assign.optional(),
    TimeoutSeconds: z.union([z.int().min(1).max(99_999_999), z.string()]).optional(),
    Retry: z.array(retrier).default([]),
    Catch: z.array(catcher).default([]),
  }),
  Choice: z.strictObject({
    Type: z.literal('Choice'),
    ...common,
    Choices: z.array(choice).min(1),
    Default: name.optional(),
    Output: json.optional(),
    Assign: assign.optional(),
  }),
  Pass: z.strictObject({
    Type: z.literal('Pass'),
    ...common,
    ...leaving,
    Output: json.optional(),
    Assign: assign.optional(),
  }),
  Succeed: z.strictObject({ Type: z.literal('Succeed'), ...common, Output: json.optional() }),
  Fail: z.strictObject({
    Type: z.literal('Fail'),
    ...common,
    Error: z.string().optional(),
    Cause: z.string().optional(),
  }),
}

export const machineSchema = z.strictObject({
  Comment: comment,
  QueryLanguage: z.literal('JSONata'),
  StartAt: name,
  TimeoutSeconds: z.int().min(1).max(99_999_999).optional(),
  States: z.record(name, z.looseObject({ Type: z.string() })),
})

export type TaskSource = z.infer<typeof stateSchemas.Task>
export type ChoiceSource = z.infer<typeof stateSchemas.Choice>
export type PassSource = z.infer<typeof stateSchemas.Pass>
export type SucceedSource = z.infer<typeof stateSchemas.Succeed>
export type FailSource = z.infer<typeof stateSchemas.Fail>
export type StateSource = TaskSource | ChoiceSource | PassSource | SucceedSource | FailSource
export type Resource = TaskSource['Resource']
export type Retrier = z.infer<typeof retrier>
export type CatcherSource = z.infer<typeof catcher>

/** What the Arguments of each resource must and may hold; the rest of the service's request is refused. */
export const argumentFields: Readonly<Record<Resource, { must: readonly string[]; may: readonly string[] }>> =
  {
    'arn:aws:states:::lambda:invoke': { must: ['FunctionName'], may: ['Payload'] },
    'arn:aws:states:::lambda:invoke.waitForTaskToken': { must: ['FunctionName'], may: ['Payload'] },
    'arn:aws:states:::sqs:sendMessage': {
      must: ['QueueUrl', 'MessageBody'],
      may: ['MessageGroupId', 'MessageDeduplicationId', 'MessageAttributes'],
    },
  }
