import { typed, whole } from '../command-line.ts'
import { playAllContests } from './all-contests.ts'

const usage = `npm run interleavings -- [--preemptions 2]

Contested commands, two and three at once, in every order of their calls with at most so many preemptions.`

const { preemptions } = typed(usage, ['preemptions'])
await playAllContests(whole('preemptions', preemptions, 2, 0), console.log)
