import { stackUntilEnded } from './stack-until-ended.ts'

// The demo's cycles in a process that stays when they are over, so that its memory can be looked at.

const stack = await stackUntilEnded()
const [{ tellStory }, { teller }] = await Promise.all([
  import('../local/story/story.ts'),
  import('../local/story/teller.ts'),
])
const silent = teller(() => true, false)
const differing = await tellStory(stack, silent)
console.log(differing === 0 ? 'The story is told' : `The story differs in ${String(differing)} places`)
