import { systemClock } from '../../../local/engine/clock.ts'
import { createEngine } from '../../../local/engine/engine.ts'
import { fileJournal } from '../../../local/engine/file-journal.ts'

/**
 * An engine to be killed: one execution waits for its token, another has called a function that never answers. Prints
 * the token when both stand there.
 */

const stateMachineArn = 'arn:aws:states:eu-central-1:111122223333:stateMachine:Killed'
let token: unknown
let calling = false

const engine = createEngine({
  clock: systemClock,
  journal: fileJournal(process.argv[2] ?? ''),
  invokeLambda: async (name, payload) => {
    if (name === 'open') {
      token = payload
      return { payload: {} }
    }
    calling = true
    return await new Promise(() => {})
  },
  sendSqsMessage: async () => await Promise.resolve({ payload: {} }),
})

engine.addStateMachine({
  arn: stateMachineArn,
  name: 'Killed',
  definition: {
    QueryLanguage: 'JSONata',
    StartAt: 'Which',
    States: {
      Which: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.wait %}', Next: 'Wait' }],
        Default: 'Call',
      },
      Wait: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { FunctionName: 'open', Payload: '{% $states.context.Task.Token %}' },
        TimeoutSeconds: 86_400,
        End: true,
      },
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: 'step' },
        TimeoutSeconds: 86_400,
        End: true,
      },
    },
  },
})
engine.startExecution({ stateMachineArn, name: 'waiting', input: '{"wait":true}' })
engine.startExecution({ stateMachineArn, name: 'calling', input: '{"wait":false}' })

const watch = setInterval(() => {
  const { executions } = engine.listExecutions({ stateMachineArn })
  const submitted = executions.some(({ executionArn }) =>
    engine.getExecutionHistory({ executionArn }).events.some(({ type }) => type === 'TaskSubmitted'),
  )
  if (!submitted || !calling) return
  clearInterval(watch)
  console.log(String(token))
}, 10)
