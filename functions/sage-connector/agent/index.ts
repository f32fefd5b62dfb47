import { readFileSync } from 'node:fs'
import { AgentConfiguration, startAgent } from './agent.ts'

// `node index.cjs agent.json`, as a service or a scheduled task at start-up.
const [, , path = 'agent.json'] = process.argv
startAgent(AgentConfiguration.parse(JSON.parse(readFileSync(path, 'utf8'))))
