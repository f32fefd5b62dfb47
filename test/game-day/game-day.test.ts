import { beforeAll } from 'vitest'
import { drills, shortDrills } from './drills.ts'
import { drillTest } from './drill.ts'
import { type Site, startSite } from './site.ts'

// `npm run game-day`: the running product is broken in every way that has a runbook of its own, and repaired by it.

let site: Site
beforeAll(async () => {
  site = await startSite()
})

const isLong = process.env['GAME_DAY'] !== undefined || process.env['LONG'] !== undefined

for (const drill of isLong ? drills : shortDrills) drillTest(() => site, drill)
