import { describe } from 'vitest'
import { checkDeployment } from '../../deployed/check-deployment.ts'
import { localStage } from '../../deployed/stage.ts'
import { killAtTheEnd } from './program.ts'
import { endSharedStack } from './shared-stack.ts'

// Projects that live side by side in one stack, since starting one takes longer than most of these tests.

endSharedStack()
killAtTheEnd()

describe('what the README shows', async () => void (await import('./readme.ts')))
describe('bad input', async () => void (await import('./bad-input.ts')))
describe('an agent’s check', async () => void (await import('./agent-check.ts')))
describe('mailed links', async () => void (await import('./links.ts')))
describe('wrong in Sage', async () => void (await import('./wrong-in-sage.ts')))
describe('one request', async () => void (await import('./one-request.ts')))
describe('file drop', async () => void (await import('./file-drop.ts')))
describe('mails that do not arrive', async () => void (await import('./not-delivered.ts')))
describe('a deployment', () => {
  checkDeployment(localStage)
})
// The last two look through what all the others caused.
describe('events', async () => void (await import('./events.ts')))
describe('canary', async () => void (await import('./canary.ts')))
