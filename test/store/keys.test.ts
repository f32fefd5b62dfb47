import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CompanyId, PersonId, ProjectId, type ProjectKey, SageCompanyId } from '../../shared/domain/ids.ts'
import { sha256 } from '../../shared/store/content-hash.ts'
import {
  companiesPk,
  companyPk,
  duePks,
  duePk,
  historyOfPk,
  idempotencyKey,
  jobKey,
  linkKey,
  projectOfPk,
  projectPk,
  projectSk,
  type RowKey,
  sageFolderKey,
  uploadsOfDay,
  workOfDay,
} from '../../shared/store/keys.ts'
import { Broken } from '../../shared/store/errors.ts'
import { broken } from './broken.ts'
import { projectKey } from './budgets.ts'

const plainId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/)

describe('keys', () => {
  test.each([CompanyId, ProjectId, PersonId, SageCompanyId])('no id takes a #', (Id) => {
    expect(
      ['a#P#b', '#', 'a#', '#a', 'a\u0000', 'a b', 'a/b', ''].filter((id) => Id.safeParse(id).success),
    ).toEqual([])
  })

  test.each([
    ['a company that reaches into a project', { company: 'acme#P#tower', project: 'x' }],
    ['a project that reaches into another', { company: 'acme', project: 'x#P#y' }],
    ['an empty company', { company: '', project: 'x' }],
  ])('%s makes no key, even past the types', (_, ids) => {
    expect(() => projectPk(ids as ProjectKey)).toThrow(/invalid_format/)
  })

  test('different projects have different partitions', () => {
    fc.assert(
      fc.property(plainId, plainId, plainId, plainId, (a, b, c, d) => {
        fc.pre(a !== c || b !== d)
        expect(projectPk(projectKey(b, a))).not.toBe(projectPk(projectKey(d, c)))
      }),
    )
  })

  test('a partition names its company and project', () => {
    fc.assert(
      fc.property(plainId, plainId, (company, project) => {
        expect(projectOfPk(projectPk(projectKey(project, company)))).toEqual({ company, project })
      }),
    )
  })

  test.each([
    companyPk('acme'),
    'X#C#acme#P#tower',
    'C#acme#P#tower#X',
    'C#ac me#P#tower',
    'C#acme#P#to wer',
    '',
  ])('%j is no project’s partition', (pk) => {
    expect(() => projectOfPk(pk)).toThrow(broken(`${pk} is no project`))
  })

  test.each([
    [companyPk('acme'), { company: 'acme' }],
    [projectPk(projectKey('tower', 'acme')), { company: 'acme', project: 'tower' }],
  ])('the history in %s is that of a company, or of its project', (pk, whose) => {
    expect(historyOfPk(pk)).toEqual(whose)
  })

  test.each(['X#C#acme', 'C#acme#X', 'C#', 'C##'])('there is no history in %s', (pk) => {
    expect(() => historyOfPk(pk)).toThrow(Broken)
  })

  // Rows that releases before have written stand there.
  const tower = projectKey('tower', 'acme')
  const hash = sha256('x')
  const longest = 'x'.repeat(300)
  test.each<[RowKey, string, string]>([
    [jobKey('acme', 's1', ' 10#01 '), 'JOB#acme#s1#10#01', 'JOB'],
    [sageFolderKey(' Timberline\\ACME '), 'SAGEFOLDER#timberline\\acme', 'SAGEFOLDER'],
    [linkKey(hash), `LINK#${hash}`, 'LINK'],
    [uploadsOfDay('acme', '2026-11-22'), 'SPENT#acme#2026-11-22', 'UPLOADS'],
    [workOfDay(tower, '2026-11-22'), 'SPENT#acme#2026-11-22', 'BUDGET#tower'],
    [
      idempotencyKey('acme', { caller: longest, key: 'k 1' }),
      `IDEMPOTENCY#acme#${longest}#k%201`,
      'IDEMPOTENCY',
    ],
    [
      idempotencyKey('acme', { caller: `${longest}x`, key: 'k' }),
      `IDEMPOTENCY#acme#sha256%${sha256(`${longest}x`)}#k`,
      'IDEMPOTENCY',
    ],
  ])('%j stands where it always stood', (key, pk, sk) => {
    expect(key).toEqual({ pk, sk })
  })

  test('companies, and what is due, are listed where they always were', () => {
    expect(companiesPk).toBe('COMPANIES')
    expect(duePks).toEqual(Array.from({ length: 16 }, (_, i) => `DUE#${String(i)}`))
    expect(duePks).toContain(duePk(projectPk(tower)))
  })

  test('callers and keys of anybody’s making never meet on one row', () => {
    const text = fc.string({ unit: fc.constantFrom('#', '%', '2', '3', 'a', ' ', 'é', '\ud800') })
    fc.assert(
      fc.property(text, text, text, text, (caller, key, otherCaller, otherKey) => {
        fc.pre([caller, key].join('\n').toWellFormed() !== [otherCaller, otherKey].join('\n').toWellFormed())
        const pk = idempotencyKey('acme', { caller, key }).pk
        expect(pk).not.toBe(idempotencyKey('acme', { caller: otherCaller, key: otherKey }).pk)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a key of any length stays below what the database takes', () => {
    const { pk } = idempotencyKey('a'.repeat(40), { caller: '#'.repeat(5_000), key: 'ü'.repeat(5_000) })
    expect(Buffer.byteLength(pk)).toBeLessThan(1_024)
  })

  test('one tenant’s idempotency keys are not another’s', () => {
    const asked = { caller: 'mia', key: 'k1' }
    expect(idempotencyKey('acme', asked).pk).not.toBe(idempotencyKey('acme2', asked).pk)
  })

  test('no Sage company reaches into another’s jobs', () => {
    expect(() => jobKey('acme', 's1#s2', '7')).toThrow(/invalid_format/)
  })

  test('a folder is one folder however its name is written', () => {
    expect(sageFolderKey(' Timberline\\ACME ').pk).toBe(sageFolderKey('timberline\\acme').pk)
  })

  test('numbers sort as text', () => {
    fc.assert(
      fc.property(fc.nat(99_999), fc.nat(99_999), (a, b) => {
        fc.pre(a < b)
        expect(projectSk.version(a) < projectSk.version(b)).toBe(true)
      }),
    )
  })

  test.each([-1, 1.5, 100_000, Number.NaN])('%s makes no version key', (number) => {
    expect(() => projectSk.version(number)).toThrow(
      broken(`${String(number)} does not fit a key of 5 digits`),
    )
  })

  test('undelivered rows spread over all partitions of the index', () => {
    const used = new Set(Array.from({ length: 500 }, (_, i) => duePk(projectPk(projectKey(`p${String(i)}`)))))
    expect(used.size).toBe(duePks.length)
  })
})
