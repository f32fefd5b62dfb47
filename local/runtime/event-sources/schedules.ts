import { randomUUID } from 'node:crypto'
import type { SchedulePart } from '../resources/rules.ts'
import { type AsynchronousCalls, callUntilDone } from './asynchronous-call.ts'

export interface ScheduleOptions extends AsynchronousCalls {
  readonly schedules: readonly SchedulePart[]
  readonly account: string
  readonly region: string
}

/**
 * Calls functions by the clock from now on; what would have run while nothing was running is not made up for.
 *
 * @returns how to stop.
 */
export function runSchedules(options: ScheduleOptions): () => void {
  const stops = options.schedules
    .filter(({ enabled }) => enabled)
    .map((schedule) => runSchedule(schedule, options))
  return () => {
    for (const stop of stops) stop()
  }
}

function runSchedule(schedule: SchedulePart, options: ScheduleOptions): () => void {
  const { clock } = options
  let cancel: (() => void) | undefined
  const arm = (after: number): void => {
    const due = schedule.next(after)
    cancel = clock.at(due, () => {
      for (const { functionArn, input } of schedule.targets) {
        const event: unknown =
          input === undefined ? scheduledEvent(schedule, due, options) : JSON.parse(input)
        void callUntilDone(functionArn, event, options)
      }
      arm(due)
    })
  }
  arm(clock.now())
  return () => {
    cancel?.()
  }
}

function scheduledEvent({ arn }: SchedulePart, due: number, { account, region }: ScheduleOptions): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: arn.includes(':scheduler:') ? 'aws.scheduler' : 'aws.events',
    account,
    time: new Date(due).toISOString().replace(/\.\d{3}/, ''),
    region,
    resources: [arn],
    detail: {},
  }
}
