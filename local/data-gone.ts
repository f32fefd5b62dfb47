import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const looksEvery = 500 // milliseconds
const stopsWithin = 3000 // milliseconds; parts that write their last into the folder may never end

/**
 * Ends the process with one sentence once the data folder is taken away under the running stack: whatever writes next
 * would end it with another, which tells nobody what to do. Answers what ends the watch, for a stop in good order.
 */
export function endWhenDataIsGone(data: string, stop: () => Promise<void>): () => void {
  let ending = false
  const gone = (): boolean => ending || !existsSync(join(data, 'lock'))
  const end = async (): Promise<void> => {
    if (ending) return
    ending = true
    console.error(
      `The data folder ${data} is gone, so the stack has ended. Start again: npm start begins anew.`,
    )
    await Promise.race([stop().catch(() => {}), sleep(stopsWithin)])
    process.exit(1)
  }
  const timer = setInterval(() => {
    if (gone()) void end()
  }, looksEvery)
  timer.unref()
  const onError = (error: unknown): void => {
    if (gone()) {
      void end()
      return
    }
    console.error(error)
    process.exit(1)
  }
  process.on('uncaughtException', onError)
  return () => {
    clearInterval(timer)
    process.off('uncaughtException', onError)
  }
}
