import type { Browser } from 'playwright-core'
import { afterAll } from 'vitest'
import { launchChromium } from './chromium.ts'
import { type SampleStack, startSampleStack } from './sample-stack.ts'

interface Shared {
  readonly stack: SampleStack
  readonly browser: Browser
}

let started: Promise<Shared> | undefined

/** The one stack and the one browser of a test file. */
export const sharedBrowser = async (): Promise<Shared> => await (started ??= start())

async function start(): Promise<Shared> {
  const [stack, browser] = await Promise.all([startSampleStack(), launchChromium()])
  return { stack, browser }
}

/** Ends both after the last test of the file. */
export const endSharedBrowser = (): void =>
  afterAll(async () => {
    const shared = await started
    started = undefined
    await shared?.browser.close()
    await shared?.stack.stop()
  })
