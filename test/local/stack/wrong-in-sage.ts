import { beforeAll, describe, expect, test } from 'vitest'
import { people } from '../../../local/local-company.ts'
import { cents } from '../../../local/sage/amounts.ts'
import { until } from '../../../local/sample.ts'
import type { LocalStack } from '../../../local/stack.ts'
import {
  acceptedByMail,
  booksOf,
  droppedFile,
  type ExportShown,
  importAndPost,
  mailsAbout,
  printTotals,
  readExport,
  sentProject,
  type SmallProject,
  standsAt,
} from './small-project.ts'
import { sharedStack } from './shared-stack.ts'

// What a person can do wrong at the Sage workstation, and how the product says so and what ends it.

const lines = { '03-3000.S': '325000.00', '06-1000.L': '41200.55' }
const change = { '03-3000.S': '15000.00' }
const twice: SmallProject = { id: 'twice', job: '24-2001', lines }
const ticked: SmallProject = { id: 'ticked', job: '24-2002', lines }
const unticked: SmallProject = { id: 'unticked', job: '24-2003', lines, change }

let stack: LocalStack
/** Export as shown while Sage showed something else, by project. */
const seen = new Map<string, ExportShown>()

const observed = (id: string) =>
  seen
    .get(id)
    ?.parts.map(({ observation }) => observation)
    .findLast((observation) => observation !== null)

beforeAll(async () => {
  stack = await sharedStack([twice, ticked, unticked].map(({ job }) => job))
  await Promise.all([importTwice(), tickWrongly(), leaveEmptyWrongly()])
})

async function accepted(project: SmallProject): Promise<void> {
  await sentProject(stack, project)
  await acceptedByMail(stack, project.id)
}

async function mismatch({ id }: SmallProject): Promise<void> {
  await standsAt(stack, id, 'mismatch')
  seen.set(id, await readExport(stack, `${id}-e1`))
}

async function importTwice(): Promise<void> {
  await accepted(twice)
  const file = await droppedFile(stack, 'original', twice.id)
  importAndPost(stack, file, false)
  importAndPost(stack, file, false, true)
  printTotals(stack)
  await mismatch(twice)
}

async function tickWrongly(): Promise<void> {
  await accepted(ticked)
  importAndPost(stack, await droppedFile(stack, 'original', ticked.id), true)
  printTotals(stack)
  await mismatch(ticked)
}

async function leaveEmptyWrongly(): Promise<void> {
  await accepted(unticked)
  importAndPost(stack, await droppedFile(stack, 'original', unticked.id), false)
  printTotals(stack)
  importAndPost(stack, await droppedFile(stack, 'change', unticked.id), false)
  printTotals(stack)
  await mismatch(unticked)
}

const totalsInSage = (job: string): unknown =>
  booksOf(stack)
    .view('JCM_MASTER__CATEGORY')
    .filter((row) => String(row['Job']).trim() === job)
    .map((row) => [row['Original_Estimate'], row['Approved_Estimate_Changes']])

const posted = (job: string) =>
  booksOf(stack)
    .tables()
    .currentTransactions.filter((entry) => entry.job === job)

describe('a file imported twice and posted', () => {
  test('stands twice in the totals of Sage, which takes it', () => {
    expect(totalsInSage(twice.job)).toEqual([
      [650_000, 0],
      [82_401.1, 0],
    ])
  })

  test('is said to be posted twice, with what to do about it', () => {
    expect(observed(twice.id)).toMatchObject({
      kind: 'twice',
      sentence: "2 of 2 entries stand in Sage's totals twice.",
      what_to_do: expect.stringContaining('Reverse the second entries in Sage') as string,
    })
  })

  test('is told to the poster by mail', async () => {
    const mail = await until('the mail to the poster', () =>
      mailsAbout(stack, twice.id, 'Sage shows something else').find(({ to }) =>
        to.includes(people.peter.email),
      ),
    )
    expect(mail.text).toContain('Reverse the second entries')
  })

  test('is settled by the read-back once the second entries are reversed', async () => {
    const second = posted(twice.job).slice(2)
    for (const { job, costCode, category, kind, date, amount } of second)
      booksOf(stack).handEntry({ job, costCode, category, kind, date, amount: cents(0 - amount) })
    printTotals(stack)
    const { shown_as } = await standsAt(stack, twice.id, 'synced')
    expect(shown_as).toBe('Posted in Sage (checked in Sage)')
  })
})

describe('an original imported with the box ticked', () => {
  test('is said to have gone into the approved estimate changes, with what to do about it', () => {
    expect(observed(ticked.id)).toMatchObject({
      kind: 'posted_as_change',
      sentence: expect.stringContaining('the box was ticked') as string,
      what_to_do: expect.stringContaining('Move the amounts in Sage to original estimate') as string,
    })
  })

  test('is settled by the read-back once the amounts are moved in Sage', async () => {
    for (const { run, sequence } of posted(ticked.job))
      booksOf(stack).editPosted({ run, sequence }, { kind: 'original_estimate' })
    printTotals(stack)
    await standsAt(stack, ticked.id, 'synced')
    expect(totalsInSage(ticked.job)).toEqual([
      [325_000, 0],
      [41_200.55, 0],
    ])
  })
})

describe('a change imported with the box left empty', () => {
  test('is said to have gone into the original estimate, with what to do about it', () => {
    expect(observed(unticked.id)).toMatchObject({
      kind: 'posted_as_original',
      sentence: '1 of 1 entry went into the original estimate: the box was left empty.',
      what_to_do: expect.stringContaining('Move the amounts in Sage to approved estimate change') as string,
    })
  })

  test('leaves the part before it posted', () => {
    expect(seen.get(unticked.id)?.parts[0]?.posted).toMatchObject({ how: 'verified' })
  })
})
