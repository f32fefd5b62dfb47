import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { runs } from '../runs.ts'
import { holds } from '../statemachines/cycle/invariants.ts'
import { definitionText } from '../statemachines/cycle/machine.ts'
import { useLocalDatabase } from '../store/use-local.ts'
import { endOf } from './end.ts'
import { type Office, openOffice } from './office.ts'
import { type Recorded, readRecording } from './recording.ts'
import { type Way, ways } from './ways.ts'

/** Where in the bucket a file lies is not promised from release to release; its name and its bytes are. */
const byName = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([place, hash]) => [basename(place), hash]))

/** Executions by cycle and run; how else they are named is not promised either. */
const byRun = (executions: Readonly<Record<string, string>>): string[] =>
  Object.entries(executions)
    .map(([name, status]) => `${/c\d+-r\d+/.exec(name)?.[0] ?? name} ${status}`)
    .toSorted()

// What waits under an older release's definition, rows and messages is finished by the functions of today.

const database = useLocalDatabase()

const releases = readdirSync('test/upgrade').filter((name) => /^\d+\.\d+\.\d+$/.test(name))

interface Source {
  readonly States: Readonly<Record<string, { readonly Resource?: string }>>
}

/** The states in which executions wait for their tokens. */
const standsIn = ({ journal }: Recorded['kept']): string[] =>
  journal
    .open()
    .running.flatMap(journal.read)
    .flatMap(({ position }) => (position.at === 'waiting' ? [position.visit.state] : []))

const ending = '.jsonl.gz'

const recordingsOf = (release: string) => {
  const folder = join('test/upgrade', release)
  const definition = JSON.parse(readFileSync(join(folder, 'budget-cycle.asl.json'), 'utf8')) as Source
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => {
      const name = file.replace(ending, '')
      const way = ways[name]
      if (!way) throw new Error(`Nobody knows how ${name} goes on`)
      const text = gunzipSync(readFileSync(join(folder, file))).toString()
      return { name, way, definition, ...readRecording(text, definitionText(definition)) }
    })
}

/** Goes the rest of a way as whoever comes after the deployment goes it. */
async function goOn(office: Office, way: Way, { stand }: Recorded, at: number): Promise<void> {
  if (!stand.told) await office.settle()
  for (const [, act] of way.slice(at + 1)) {
    await office.post()
    await act(office)
    await office.settle()
  }
  await office.post()
}

/** What is answered otherwise than then to whatever comes once more: requests just recorded, and calls of steps that ended. */
async function answeredOtherwise(office: Office, { stand, asked, calls }: Recorded): Promise<string[]> {
  const otherwise: string[] = []
  for (const each of stand.told ? [] : asked) {
    // Asked again it is another claim, with a number of its own.
    if (each.path.endsWith('/claim')) continue
    const answer = await office.askAgain(each)
    if (answer !== each.answer) otherwise.push(`${each.method} ${each.path}: ${answer}`)
  }
  for (const call of stand.told ? calls : []) {
    const outcome = await office.machine.repeat(call)
    // A step that was refused is refused again, and one of a run that is over does nothing.
    if ('error' in outcome && !/^(Refused\.|Broken\.Superseded$)/.test(outcome.error))
      otherwise.push(`${call.name}: ${outcome.error} ${outcome.cause}`)
  }
  return otherwise
}

describe.each(releases)('a deployment over release %s', (release) => {
  const recordings = recordingsOf(release)
  // In the short run one or two of each way: what goes on from there takes all later steps.
  const stands = recordings.flatMap(({ name, way, end, stands: all }, of) =>
    all.flatMap((recorded, i) => {
      const { act, told } = recorded.stand
      const called = `${name}, ${act}, ${told ? 'and the workflow knows' : 'before the workflow knows'}`
      const at = Math.floor(i / 2)
      if (way[at]?.[0] !== act) throw new Error(`${name} has no act ${act} in this place any more`)
      return (i + of) % runs(11, 1) === 0 ? [{ called, way, end, recorded, at }] : []
    }),
  )

  test('is recorded in every wait, and with the payload of every step', () => {
    const [{ definition }] = recordings as [(typeof recordings)[0]]
    const tasks = Object.entries(definition.States).filter(([, { Resource }]) =>
      Resource?.includes(':lambda:invoke'),
    )
    const waits = tasks.filter(([, { Resource }]) => Resource?.endsWith('waitForTaskToken'))
    const kept = recordings.flatMap((each) => each.stands.map((one) => one.kept))
    expect(new Set(kept.flatMap(standsIn))).toEqual(new Set(waits.map(([name]) => name)))
    const given = new Set(
      kept.flatMap(({ calls }) => calls.map(({ payload }) => (payload as { state: string }).state)),
    )
    expect(tasks.map(([name]) => name).filter((name) => !given.has(name))).toEqual([])
  })

  test.each(stands)('$called: comes to the same end', async ({ way, end, recorded, at }) => {
    const office = await openOffice(database(), recorded.kept)
    expect(await answeredOtherwise(office, recorded)).toEqual([])
    await goOn(office, way, recorded, at)
    const { mails, files, executions, ...now } = await endOf(office)
    const { mails: wanted, files: recordedFiles, executions: recordedExecutions, ...others } = end
    expect(now).toEqual(others)
    expect(byName(files)).toEqual(byName(recordedFiles))
    expect(byRun(executions)).toEqual(byRun(recordedExecutions))
    expect(mails.length, 'mails that went out twice').toBe(new Set(mails).size)
    expect(mails).toEqual(expect.arrayContaining([...wanted]))
    await holds(office.machine)
  })
})
