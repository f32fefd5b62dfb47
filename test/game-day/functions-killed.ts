import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { cycleFunctions, workerFunctions } from '../../infra/functions.ts'
import { until } from '../../local/sample.ts'
import { acceptedByMail, paulaOn, sentProject, smallProject } from '../local/stack/small-project.ts'
import type { Drill } from './drill.ts'
import { first, killed } from './faults.ts'
import { nothingLostOrDoubled } from './nothing-lost.ts'
import { commandIn } from './runbook.ts'
import { minute, newJob, type Site } from './site.ts'

const lines = { '03-3000.S': '52000.00' }

const errorsOfRelay = ({ faults }: Site): number =>
  faults.counted.filter(({ metric, of }) => metric === 'Errors' && of.endsWith('-relay')).length

/** Waits until the relay was killed so many times more: it is called again by the real time. */
async function killedMore(site: Site, times: number): Promise<void> {
  const before = errorsOfRelay(site)
  await until('the relay to be killed', () => (errorsOfRelay(site) >= before + times ? true : undefined))
}

let mend: () => void = () => undefined

export const relayKilled: Drill = {
  broken: 'Relay killed at each call for ten minutes',
  alarms: ['relay-failing', 'relay-behind'],
  breaks: async (site) => {
    await smallProject(site.stack, { id: 'pier', job: newJob(), lines })
    mend = site.faults.breaks('relay', killed('before'))
    await paulaOn(site.stack).send('POST', '/projects/pier/budget/lock')
    await killedMore(site, 3)
    await site.pass(5 * minute)
    await killedMore(site, 3)
    await site.pass(minute)
  },
  repairs: async ({ run }) => [
    await run(commandIn('relay-failing', 'update-alias', { before: '1', stage: 'prod' }), mend),
  ],
  compares: async ({ stack }) => [await nothingLostOrDoubled(stack, 'pier', 'not_sent')],
}

/** Time passes, faster than it does, while somebody works: what is called again is called after minutes. */
async function whileTimePasses(site: Site, work: () => Promise<unknown>): Promise<void> {
  const at = { work: true }
  const done = work().finally(() => {
    at.work = false
  })
  while (at.work) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await site.passQuietly(minute)
    // oxlint-disable-next-line no-await-in-loop
    await sleep(200)
  }
  await done
}

const onTheWay = [
  'events-out',
  'export-budget',
  'lock-budget',
  'mailer',
  'open-wait',
  'record-receipt',
  'relay',
  'sage-events',
  'sage-gateway',
  'send-to-erp',
].map((name) => `sage-budget-export-${name}`)

// What each function did is done, and nobody was told: whoever called it calls again.
export const killedOnce: Drill = {
  broken: 'Every function on the way of a budget to Sage killed once, its work done',
  alarms: [],
  breaks: async (site) => {
    const { stack, faults } = site
    const before = faults.counted.length
    const mends = [...cycleFunctions, ...workerFunctions].map(({ name }) =>
      faults.breaks(name, first(1, killed('after'))),
    )
    await whileTimePasses(site, async () => {
      await sentProject(stack, { id: 'quay', job: newJob(), lines })
      await acceptedByMail(stack, 'quay')
      await nothingLostOrDoubled(stack, 'quay', 'exported')
    })
    for (const each of mends) each()
    const died = faults.counted.slice(before).filter(({ metric }) => metric === 'Errors')
    expect(new Set(died.map(({ of }) => of))).toEqual(new Set(onTheWay))
  },
  repairs: async () => await Promise.resolve([]),
  compares: async ({ stack }) => [await nothingLostOrDoubled(stack, 'quay', 'exported')],
}
