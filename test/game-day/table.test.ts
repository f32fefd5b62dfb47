import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { drills } from './drills.ts'

const [, section = ''] =
  /^## Game day\n([\s\S]*?)^## /m.exec(readFileSync('docs/operations.md', 'utf8')) ?? []
const runbooks = readdirSync('docs/runbooks').map((file) => file.replace('.md', ''))

/** Of an agent's alarm, that of all agents. */
const linkTo = (alarm: string): string => {
  const [name] = runbooks.filter((each) => alarm.startsWith(each)).toSorted((a, b) => b.length - a.length)
  return `[${name!}](runbooks/${name!}.md)`
}

test('docs/operations.md lists the drills with the runbook of every alarm that they raise', () => {
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  expect(rows.slice(2)).toEqual(
    drills.map(({ broken, alarms }) => {
      const links = alarms.map(linkTo).join(', ')
      return `| ${broken} | ${links === '' ? 'none: each is called again' : links} |`
    }),
  )
})
