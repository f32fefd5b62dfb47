import { expect, test } from 'vitest'

import { bench, failing, ok, task, wait } from './engine-under-test.ts'

/** A cycle of eight tasks and waits, about as long as an accepted budget. */
const states = {
  Lock: task({ Assign: { n: '{% $states.context.Execution.Input.n %}' }, Next: 'Sent' }),
  Sent: wait({ TimeoutSeconds: 86_400, Next: 'Send' }),
  Send: task({ Retry: [{ ErrorEquals: ['Later.Busy'], JitterStrategy: 'FULL' }], Next: 'Decision' }),
  Decision: wait({ TimeoutSeconds: 864_000, Next: 'Which' }),
  Which: {
    Type: 'Choice',
    Choices: [{ Condition: "{% $states.input.signal = 'go' %}", Next: 'Export' }],
    Default: 'Export',
  },
  Export: task({ Next: 'Close' }),
  Close: task({ Output: { n: '{% $n %}' } }),
}

/** Runs a hundred cycles at once, each answered an hour after it asked, one call in five failing. */
async function hundredCycles(seed: number) {
  let state = seed
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
  const made = await bench(
    states,
    {
      step: () => (random() < 0.2 ? failing('Later.Busy') : ok({ signal: 'go' })),
      open: ({ token }) => {
        made.clock.at(made.clock.now() + 3_600_000, () => {
          made.engine.sendTaskSuccess({ taskToken: token, output: '{"signal":"go"}' })
        })
        return ok({})
      },
    },
    { random },
  )
  const arns: string[] = []
  for (let n = 0; n < 100; n += 1) arns.push(await made.start({ n }, `c${String(n)}`))
  await made.clock.advance(86_400_000)
  return arns.map((arn) => [made.status(arn), made.events(arn).length, made.calls.length])
}

test('a simulation with the same chance goes the same way', async () => {
  expect(await hundredCycles(42)).toEqual(await hundredCycles(42))
})

test('a simulation with another chance goes another way', async () => {
  expect(await hundredCycles(42)).not.toEqual(await hundredCycles(43))
})

test('a day of a hundred cycles ends each of them, in success or by a call that kept failing', async () => {
  const ends = new Set((await hundredCycles(7)).map(([status]) => status))
  expect(ends).toEqual(new Set(['FAILED', 'SUCCEEDED']))
})
