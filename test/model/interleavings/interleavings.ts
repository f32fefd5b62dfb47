import { parseArgs } from 'node:util'
import * as z from 'zod'
import { playAllContests } from './all-contests.ts'

// `npm run interleavings -- --preemptions 2`: contested commands in every order of their calls, instead of in drawn ones.

const { values } = parseArgs({ options: { preemptions: { type: 'string', default: '2' } } })
await playAllContests(z.coerce.number().int().min(0).parse(values.preemptions), console.log)
