import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

const Transition = z.looseObject({ Next: z.string() })
const State = z.looseObject({
  Type: z.enum(['Task', 'Choice', 'Succeed', 'Fail']),
  Resource: z.string().optional(),
  Next: z.string().optional(),
  End: z.boolean().optional(),
  Default: z.string().optional(),
  Choices: z.array(Transition.extend({ Condition: z.string() })).optional(),
  Catch: z.array(Transition.extend({ ErrorEquals: z.array(z.string()) })).optional(),
})
const Definition = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), State) })

export interface Arrow {
  readonly from: string
  readonly to: string
  readonly label: string
}

/** The word that a choice compares its field with: the last quoted one of its condition. */
const comparedWith = (condition: string): string => /'([^']*)'\s*%}$/.exec(condition)?.[1] ?? condition

/** Every transition of a definition, in the order of the file. */
export function arrowsOf(source: unknown): readonly Arrow[] {
  const { States } = Definition.parse(source)
  return Object.entries(States).flatMap(([from, state]) => [
    ...(state.Choices ?? []).map(({ Condition, Next }) => ({
      from,
      to: Next,
      label: comparedWith(Condition),
    })),
    ...(state.Next === undefined ? [] : [{ from, to: state.Next, label: '' }]),
    ...(state.Catch ?? []).map(({ ErrorEquals, Next }) => ({
      from,
      to: Next,
      label: ErrorEquals.join(', '),
    })),
    ...(state.Default === undefined ? [] : [{ from, to: state.Default, label: 'anything else' }]),
  ])
}

const idOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')

/** A mermaid flowchart of a definition: rounded steps, hexagons for waits, diamonds for choices, stadiums for ends. */
export function diagramOf(source: unknown): string {
  const { StartAt, States } = Definition.parse(source)
  const drawn = Object.entries(States).map(([name, state]) => {
    const id = idOf(name)
    if (state.Type === 'Choice') return `  ${id}{"${name}"}`
    if (state.Type === 'Succeed' || state.Type === 'Fail') return `  ${id}(["${name}"])`
    return state.Resource?.endsWith('waitForTaskToken') ? `  ${id}{{"${name}"}}` : `  ${id}("${name}")`
  })
  const ends = Object.entries(States).filter(([, state]) => state.End === true)
  const arrows = arrowsOf(source)
    .filter(({ label }) => label !== 'anything else')
    .map(({ from, to, label }) => `  ${idOf(from)} -->${label === '' ? '' : `|"${label}"|`} ${idOf(to)}`)
  return [
    'flowchart TD',
    `  start(("start")) --> ${idOf(StartAt)}`,
    ...drawn,
    ...arrows,
    ...ends.map(([name]) => `  ${idOf(name)} --> ended(("end"))`),
    '',
  ].join('\n')
}

const folder = import.meta.dirname
const opening = '<!-- diagram: npm run diagram -->\n\n```mermaid\n'

export const readDefinition = (): unknown =>
  JSON.parse(readFileSync(join(folder, 'budget-cycle.asl.json'), 'utf8'))

/** The README with its diagram drawn anew from the definition. */
export function readmeWithDiagram(readme: string, definition: unknown): string {
  const from = readme.indexOf(opening)
  const to = readme.indexOf('```', from + opening.length)
  if (from < 0 || to < 0) throw new Error('statemachines/README.md has no diagram block to fill')
  return readme.slice(0, from + opening.length) + diagramOf(definition) + readme.slice(to)
}

if (import.meta.main) {
  const path = join(folder, 'README.md')
  writeFileSync(path, readmeWithDiagram(readFileSync(path, 'utf8'), readDefinition()))
}
