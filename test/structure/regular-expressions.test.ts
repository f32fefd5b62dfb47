import { globSync, readFileSync } from 'node:fs'
import { parseAst } from 'vitest/node'
import { expect, test } from 'vitest'
import { processorTime } from '../processor-time.ts'
import { runs } from '../runs.ts'

// A pattern that goes back and forth over a long text holds up a function for minutes. Each one of ours is tried against
// texts that are made of what stands in it, and must read each in time of its length.

interface Pattern {
  readonly file: string
  readonly source: string
  readonly flags: string
}

const isNode = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

function* patternsIn(file: string, node: unknown): Generator<Pattern> {
  if (!isNode(node)) return
  const { regex } = node
  if (isNode(regex)) yield { file, source: String(regex['pattern']), flags: String(regex['flags']) }
  else for (const child of Object.values(node)) yield* patternsIn(file, child)
}

const patterns = globSync('{shared,functions,infra}/**/*.ts').flatMap((file) => [
  ...patternsIn(file, parseAst(readFileSync(file, 'utf8'), { lang: 'ts' })),
])

/** What a text that hurts is made of: what the pattern names, one of each of its classes, and what it names nowhere. */
function piecesOf(source: string): string[] {
  const words = source.match(/[\w-]+|[^\w\\]/g) ?? []
  const classes = ['0', 'a', 'A', ' ', '\n', '\u0000', 'é']
  return [...new Set([...classes, ...words, ...words.map((word) => word.charAt(0))])]
}

/** Lengths grow, so that a pattern which doubles its time with each character is found while it still ends. */
const lengths = [24, 400, 12_000]
const longest = 12 // milliseconds; 12,000 characters read once take a tenth of one, and squared a hundred and more

function millisecondsFor(form: RegExp, text: string): number {
  form.lastIndex = 0
  const begin = processorTime()
  form.test(text)
  return processorTime() - begin
}

/** A text over which the pattern takes too long, twice, since memory may just have been tidied up. */
function slowText({ source, flags }: Pattern, depth: number): string | undefined {
  const form = new RegExp(source, flags)
  const pieces = piecesOf(source)
  const marks = pieces.filter((piece) => /^[^\w\s]$/.test(piece))
  const pairs = pieces.flatMap((a) => pieces.slice(0, depth).map((b) => (a === b ? a : a + b)))
  for (const length of lengths)
    for (const before of ['', ...pieces])
      for (const repeated of new Set([...pieces, ...pairs]))
        for (const after of ['', '\u0000', '\n0', ...(before === '' ? marks : [])]) {
          const text = before + repeated.repeat(Math.ceil(length / repeated.length)) + after
          if (millisecondsFor(form, text) > longest && millisecondsFor(form, text) > longest)
            return `${JSON.stringify(before)} + ${JSON.stringify(repeated)}.repeat(...) + ${JSON.stringify(after)}`
        }
  return undefined
}

/** Patterns of which a long text is never asked. */
const letOff = [
  // Of a number that we wrote ourselves, of sixteen digits at most.
  '0+$',
  String.raw`\.?0+$`,
  String.raw`\B(?=(\d{3})+\.)`,
  // esbuild reads it, whose patterns never go back.
  String.raw`\/(functions|shared)\/.*\.ts$`,
]

/** Without a repeat of any length there is nothing to go back over. */
const repeats = ({ source }: Pattern): boolean => /[*+]|,\}/.test(source)

test('a pattern that is let off is still there', () => {
  expect(letOff.filter((each) => !patterns.some(({ source }) => source === each))).toEqual([])
})

test('every pattern of ours reads a text in time of its length', () => {
  const slow = patterns
    .filter((pattern) => repeats(pattern) && !letOff.includes(pattern.source))
    // What stands in `infra` reads our own files, on the machine of whoever deploys.
    .filter(({ file }) => process.env['LONG'] !== undefined || !file.startsWith('infra/'))
    .flatMap((pattern) => {
      const text = slowText(pattern, runs(0, 40))
      return text === undefined ? [] : [`${pattern.file} /${pattern.source}/${pattern.flags}: ${text}`]
    })
  expect(slow).toEqual([])
})
