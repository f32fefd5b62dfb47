import { expect, test } from 'vitest'
import type { Site } from './site.ts'

/** One way to break the product, and how it was repaired. */
export interface Drill {
  /** As `docs/operations.md` names it. */
  readonly broken: string
  /** Every alarm that is raised meanwhile. */
  readonly alarms: readonly string[]
  /** Breaks the product and waits until it shows. */
  readonly breaks: (site: Site) => Promise<void>
  /** By the commands of the runbooks; answers those, as they were given. */
  readonly repairs: (site: Site) => Promise<readonly string[]>
  /** What was compared afterwards. */
  readonly compares: (site: Site) => Promise<readonly string[]>
}

/** The agent keeps the real time, from which that of the machine is moved away here. */
const ofTheAgentsClock = 'clock-of-an-agent'

// Printed by `npm run game-day` alone.
const tell = (line: string): void => {
  if (process.env['GAME_DAY']) process.stdout.write(`${line}\n`)
}

const list = (what: string, lines: readonly string[]): void => {
  tell(`  ${`${what}:`.padEnd(11)}${lines.length === 0 ? 'none' : lines.join('\n             ')}`)
}

const toldBy = (alarms: readonly string[]): string =>
  alarms.length === 0 ? 'no alarm is raised' : `${alarms.join(', ')} raised`

export const drillTest = (site: () => Site, { broken, alarms, breaks, repairs, compares }: Drill): void => {
  test(`${broken}: ${toldBy(alarms)}, and nothing is lost or doubled`, async () => {
    const since = Date.now()
    tell(`\n${broken}`)
    await breaks(site())
    site().alarms.observe()
    const raised = site()
      .alarms.raisedSince(since)
      .filter((alarm) => alarm !== ofTheAgentsClock)
    list(
      'alarm',
      raised.map((alarm) => `${alarm} (docs/runbooks/${site().alarms.runbookOf(alarm)}.md)`),
    )
    // Repaired in any case: the next drill begins with a product that works.
    list('repaired', await repairs(site()))
    expect(raised).toEqual(alarms.toSorted((a, b) => a.localeCompare(b)))
    list('compared', await compares(site()))
  }, 300_000)
}
