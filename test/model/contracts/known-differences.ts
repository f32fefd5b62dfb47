/** What a stand-in of the simulation and the local service that it stands for answer, and why they may differ. */
interface KnownDifference {
  readonly simulated: unknown
  readonly local: unknown
  readonly why: string
}

/**
 * Where a stand-in is not as the service, by the name of the case. One that is over fails its test, and is taken out here.
 * Time moves by hand for both. The engine has no case: the simulation runs the local one, over another journal.
 */
export const knownDifferences: Readonly<Record<string, KnownDifference>> = {
  'a message that failed is handed out again at once': {
    simulated: ['a', 'a'],
    local: ['a', undefined],
    why: 'The simulation knows no visibility time-out: whoever takes a message next may be any time later.',
  },
  'a message that is being worked on is handed out to another': {
    simulated: ['a', 'a'],
    local: ['a', undefined],
    why: 'As after a visibility time-out that was too short: every consumer must bear it, so it comes often.',
  },
  'a message behind one that is being worked on waits': {
    simulated: 'a1',
    local: undefined,
    why: 'The one that is being worked on is handed out again, as above; never the one behind it.',
  },
  'a message that failed ten times is a dead letter before anybody asks for the next': {
    simulated: ['a'],
    local: [],
    why: 'SQS makes a dead letter of it when it would be received once more; nobody but an alarm looks in between.',
  },
}
