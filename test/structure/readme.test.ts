import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const readme = readFileSync('README.md', 'utf8')

test('every npm command that the README names is a script of the package', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = [...readme.matchAll(/npm (?:run (?:-s )?)?([a-z:-]+)/g)].map(([, name = '']) => name)
  expect(named.filter((name) => name !== 'ci' && scripts[name] === undefined)).toEqual([])
})

test('every file and folder that the README links to is there', () => {
  const linked = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path)
  expect(linked.filter((path) => !existsSync(path))).toEqual([])
})
