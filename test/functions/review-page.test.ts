import { expect, test } from 'vitest'
import { masterDataFor } from '../../bench/sage-company.ts'
import { review } from '../../functions/review/index.ts'
import { budgetCode, divisionOf } from '../../shared/domain/budget-code.ts'
import type { RejectChoice } from '../../shared/domain/decide.ts'
import { type Cents, cents, showCents } from '../../shared/domain/cents.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import { decideApproval } from '../../shared/approving/decide-approval.ts'
import { sentOn } from '../statemachines/cycle/carried.ts'
import {
  approval,
  approver,
  clinic,
  clinicLines,
  command,
  key,
  reject,
  sageId,
  sent,
} from '../statemachines/cycle/clinic.ts'
import { type CycleMachine, cycleMachine } from '../statemachines/cycle/machine.ts'
import { tradeLines } from '../store/trade-lines.ts'
import { useMemoryDatabase } from '../store/use-local.ts'
import { everyRow, filled, type Page, pageEvent, referenceTo, shared } from './page-event.ts'

const database = useMemoryDatabase()

async function linkTo(machine: CycleMachine) {
  const { version, send, step } = await approval(machine)
  const reference = await referenceTo(machine, {
    kind: 'review',
    ...key,
    person: approver,
    approval: { version, send, step },
  })
  const look = async (page?: number): Promise<Page> =>
    await review(machine, pageEvent({ reference, ...(page !== undefined && { page }) }))
  const post = async (shown: Page, fields: readonly (readonly [string, string])[], page?: number) =>
    await review(
      machine,
      pageEvent({ reference, form: filled(shown, fields), ...(page !== undefined && { page }) }),
    )
  return { look, post }
}

/** 200 lines take three pages. */
const many = shared(async () => {
  const machine = await cycleMachine(database())
  const lines = tradeLines(200)
  await clinic(machine, lines)
  await machine.companies.putMasterData(
    key.company,
    sageId,
    masterDataFor(lines, machine.clock.now()),
    'system',
  )
  await command(machine, 'lock')
  await command(machine, 'send')
  return { machine, lines, ...(await linkTo(machine)) }
})

const everyPage = async (look: (page: number) => Promise<Page>): Promise<Page[]> =>
  await Promise.all([1, 2, 3].map(async (page) => await look(page)))

/** Cells of each row of the lines: headings of divisions with their subtotals, and lines. */
const rowsOf = ({ body = '' }: Page): { division: boolean; moved: boolean; cells: string[] }[] =>
  [
    ...(/<table class="stack lines">[^]*?<\/table>/.exec(body)?.[0] ?? '').matchAll(
      /<tr class="(\w*)">([^]*?)<\/tr>/g,
    ),
  ].map(([, kind, row = '']) => ({
    division: kind === 'division',
    moved: kind === 'moved',
    cells: [...row.matchAll(/<t[hd][^>]*>([^<]*)/g)].map(([, text = '']) => text.trim()),
  }))

const sumOf = (lines: readonly LineItem[], of: (line: LineItem) => Cents): string =>
  showCents(cents(lines.reduce((sum, line) => sum + of(line), 0)))

const revised = ({ original, changes }: LineItem): Cents => cents(original + changes)

test('every line stands on one of the pages, once', async () => {
  const { look, lines } = await many()
  const pages = await everyPage(look)
  const codes = pages.flatMap((page) =>
    rowsOf(page)
      .filter(({ division }) => !division)
      .map(({ cells: [a, b, c] }) => [c, a, b].join('|')),
  )
  expect(codes.toSorted()).toEqual(
    lines.map(({ code }) => [code.sub_job, code.cost_code, code.cost_type].join('|')).toSorted(),
  )
})

test('a division has its subtotal, over all of its lines, on whatever page it stands', async () => {
  const { look, lines } = await many()
  const told = new Map<string, string[]>()
  for (const page of await everyPage(look))
    for (const {
      division,
      cells: [name = '', , , original = '', , estimate = ''],
    } of rowsOf(page))
      if (division) told.set(name, [...(told.get(name) ?? []), `${original} ${estimate}`])
  const divisions = Map.groupBy(lines, ({ code }) => divisionOf(code.cost_code))
  expect([...told].map(([name, sums]) => [name, [...new Set(sums)]])).toEqual(
    [...divisions].map(([division, ofIt]) => [
      `Division ${division}`,
      [`${sumOf(ofIt, ({ original }) => original)} ${sumOf(ofIt, revised)}`],
    ]),
  )
})

test('lines that the export changes come before those that stay', async () => {
  const machine = await cycleMachine(database())
  const still = { ...clinicLines[0]!, original: cents(0) }
  await sent(machine, [still, ...clinicLines.slice(1)])
  const { look } = await linkTo(machine)
  expect(rowsOf(await look()).map(({ division, moved, cells: [name] }) => [division || moved, name])).toEqual(
    [
      [true, 'Division 03'],
      [true, '03-3000'],
      [true, 'Division 31'],
      [true, '31-2000'],
      [true, 'Division 03'],
      [false, '03-3000'],
    ],
  )
})

test('warnings that stood at the send are shown, the first of each kind and how many more', async () => {
  const machine = await cycleMachine(database())
  const below = ['L', 'M', 'S', 'E', 'O'].flatMap((type) => [
    { ...clinicLines[0]!, code: budgetCode('', '03-3000', type), original: cents(-100) },
    { ...clinicLines[0]!, code: budgetCode('SITE', '31-2000', type), original: cents(-100) },
  ])
  await sent(machine, below)
  const { body = '' } = await (await linkTo(machine)).look()
  expect(body.match(/The revised estimate is below zero/g)).toHaveLength(5)
  expect(body).toContain('And 5 more of this kind.')
})

test('the page says how old the lists of Sage were that the budget was checked against', async () => {
  const { look } = await many()
  expect((await look()).body).toContain('Checked against Sage’s lists as of 5 January 2026 at 01:00 PST.')
})

test('a budget without warnings has no place for them', async () => {
  const { look } = await many()
  expect((await look()).body).not.toContain('What the pre-check found')
})

test('earlier rejections are shown with who, when, reason and comments, the newest first', async () => {
  const machine = await sentOn(database())
  const { version, send, step } = await approval(machine)
  const choice: RejectChoice = {
    choice: 'reject',
    reason: 'Concrete is too low',
    comments: [{ code: budgetCode('', '03-3000', 'L'), comment: 'Add the pump' }],
    by: 'link',
  }
  await decideApproval(machine, {}, { key, of: { version, send, step }, person: approver, choice })
  await machine.settle()
  for (const reason of ['Still too low', undefined]) {
    await command(machine, 'lock')
    await command(machine, 'send')
    if (reason !== undefined) await reject(machine, reason)
  }
  const { body = '' } = await (await linkTo(machine)).look()
  const told = /<h2>Rejected before<\/h2>[^]*?<\/section>/.exec(body)?.[0].replaceAll(/<[^>]*>|\s+/g, ' ')
  expect(told?.replaceAll(/\s+/g, ' ')).toMatch(
    /Version 2, anna name, 5 January 2026 .*: Still too low .*Concrete is too low 03-3000\.L : Add the pump/,
  )
})

test('a reject carries the comments to its lines', async () => {
  const machine = await sentOn(database())
  const { look, post } = await linkTo(machine)
  await post(await look(), [
    ['choice', 'reject'],
    ['reason', 'Too low'],
    ['comment/03-3000/L/', ' Add the pump\r\n'],
    ['comment/31-2000/S/SITE', 'Rock was found'],
    ['comment/03-3000/S/', '  '],
  ])
  expect((await approval(machine)).decisions).toMatchObject([
    {
      comments: [
        { code: budgetCode('', '03-3000', 'L'), comment: 'Add the pump' },
        { code: budgetCode('SITE', '31-2000', 'S'), comment: 'Rock was found' },
      ],
    },
  ])
})

/** Fields of the page that hold comments, by name. */
const comments = ({ body = '' }: Page): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<textarea[^>]*name="(comment[^"]*)"[^>]*>\n?([^<]*)</g)]
      .map(([, name = '', text = '']) => [name, text] as const)
      .filter(([, text]) => text !== ''),
  )

test('turning the page keeps what was typed, and records nothing', async () => {
  const { machine, look, post } = await many()
  const before = await everyRow(database(), machine)
  const first = await look()
  const [, name = ''] = /name="(comment[^"]*)"/.exec(first.body ?? '') ?? []
  const fields = [
    ['turn', ''],
    ['choice', 'reject'],
    ['reason', 'Too low'],
    [name, 'Add the pump'],
  ] as const
  const second = await post(first, fields, 2)
  expect(second.statusCode).toBe(200)
  expect(second.body).toContain('Page 2 of 3')
  expect(second.body).toMatch(/value="reject"[^>]*checked/)
  expect(comments(second)).toEqual({ [name]: 'Add the pump' })
  expect(comments(await post(second, fields, 1))).toEqual({ [name]: 'Add the pump' })
  expect(await everyRow(database(), machine)).toBe(before)
})

test('a refused form comes back on the page of lines that it was sent from, with its comments', async () => {
  const { look, post } = await many()
  const shown = await look(3)
  const [, name = ''] = /name="(comment[^"]*)"/.exec(shown.body ?? '') ?? []
  const back = await post(
    shown,
    [
      ['choice', 'reject'],
      [name, 'Add "the" pump\n& more'],
    ],
    3,
  )
  expect(back.statusCode).toBe(422)
  expect(back.body).toContain('Page 3 of 3')
  expect(comments(back)).toEqual({ [name]: 'Add &quot;the&quot; pump\n&amp; more' })
})

test.each([['0'], ['-1'], ['4'], ['99999999999999999999'], ['2.5'], ['two'], ['']])(
  'page %j of the lines is one that there is',
  async (page) => {
    const { machine } = await many()
    const { version, send, step } = await approval(machine)
    const link = { kind: 'review', ...key, person: approver, approval: { version, send, step } } as const
    const answer = await review(machine, pageEvent({ reference: await referenceTo(machine, link), page }))
    expect(answer.body).toMatch(/Page [13] of 3/)
  },
)
