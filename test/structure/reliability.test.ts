import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defects } from '../model/simulation/defects.ts'
import { isThere, namedTests } from './named-tests.ts'

const text = readFileSync('docs/reliability.md', 'utf8')

test('every test that docs/reliability.md names is there', () => {
  expect(namedTests(text).filter((named) => !isThere(named))).toEqual([])
})

test('it lists each defect that the simulation looks for, with the seed that found it', () => {
  const listed = [...text.matchAll(/^\| ([^|]+) \| (\d+) \| [A-Z]\d+: [^|]+ \|$/gm)].map(([, name]) => name)
  expect(listed).toEqual(defects.map(({ name }) => name))
})

test('each promise that the simulation can find broken stands in it', () => {
  const code = ['invariants', 'at-rest', 'people'].map((name) =>
    readFileSync(`test/model/simulation/${name}.ts`, 'utf8'),
  )
  const found = [...code.join('\n').matchAll(/[`'](I\d+)[:']/g)].map(([, id = '']) => id)
  const promised = [...text.matchAll(/^\| (I\d+) \|/gm)].map(([, id = '']) => id)
  expect([...new Set(found)].toSorted()).toEqual(promised.toSorted())
})
