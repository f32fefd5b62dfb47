import { key } from './clinic.ts'
import type { CycleMachine } from './machine.ts'

/** What a scenario leaves behind, without its instants. */
export async function left({ store, mails, messages }: CycleMachine) {
  const [history, versions, exports] = await Promise.all([
    store.history(key, { limit: 1000 }),
    store.versions(key),
    store.exports(key),
  ])
  return {
    history: history.map(({ event, by, detail }) => ({ event, by, detail })),
    versions: versions.map(({ number, hash }) => ({ number, hash })),
    exports: exports.map(({ number, attempt, parts, settled_as }) => ({
      number,
      attempt,
      parts,
      settled_as,
    })),
    mails: mails.map(({ id }) => id).toSorted(),
    messages: messages.map(({ MessageBody }) => MessageBody),
  }
}
