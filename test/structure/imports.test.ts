import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const imports = /(?:from|import)\s*\(?\s*'(\.[^']*)'/g

/** What a file imports of ours, as paths from the repository's root. */
const ours = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(imports)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  )

interface Rule {
  readonly room: string
  readonly may: readonly string[]
}

// Imports go one way: functions -> shared -> shared/domain. Infra names functions by path and imports no runtime code, but
// for the name of a queue that the agent knows by itself.
const rules: readonly Rule[] = [
  { room: 'shared/domain', may: ['shared/domain/'] },
  { room: 'shared', may: ['shared/'] },
  { room: 'functions', may: ['shared/', 'functions/'] },
  { room: 'infra', may: ['infra/', 'shared/sage/agent-queue-name.ts'] },
  { room: 'statemachines', may: ['statemachines/'] },
  // The simulator shares nothing with the code that it checks.
  { room: 'local/sage', may: ['local/sage/'] },
  { room: 'local/engine', may: ['local/engine/'] },
]

test.each(rules)('$room imports only from $may', ({ room, may }) => {
  const files = globSync(`${room}/**/*.ts`)
  expect(files.length).toBeGreaterThan(0)
  const strays = files.flatMap((file) =>
    ours(file)
      .filter((path) => !may.some((allowed) => path.startsWith(allowed)))
      .map((path) => `${file} imports ${path}`),
  )
  expect(strays).toEqual([])
})

const roomOf = (path: string): string => path.split('/').slice(0, 2).join('/')

test('a function imports no other function of another room', () => {
  const strays = globSync('functions/**/*.ts').flatMap((file) =>
    ours(file)
      .filter((path) => path.startsWith('functions/') && roomOf(path) !== roomOf(file))
      .map((path) => `${file} imports ${path}`),
  )
  expect(strays).toEqual([])
})

test('only the relay talks to Step Functions', () => {
  const users = globSync('{functions,shared}/**/*.ts').filter((file) =>
    /SendTask\w+Command|StartExecutionCommand|StopExecutionCommand/.test(readFileSync(file, 'utf8')),
  )
  expect(users).toEqual(['functions/relay/deliver.ts'])
})

test('nothing that a client names is fetched: only the issuer is asked, and by the agent its own API', () => {
  const users = globSync('{functions,shared}/**/*.ts').filter((file) =>
    /\bfetch\(|from '(?:node:)?(?:https?|net|tls|dns)'/.test(readFileSync(file, 'utf8')),
  )
  expect(users.toSorted()).toEqual([
    'functions/board/issuer.ts',
    'functions/sage-connector/agent/api-client.ts',
    'functions/sage-connector/agent/check.ts',
    // It listens on its own machine, and calls nobody.
    'functions/sage-connector/agent/lease.ts',
  ])
})

test('only one function builds a mailed link', () => {
  const builders = globSync('{functions,shared}/**/*.ts').filter((file) =>
    readFileSync(file, 'utf8').includes('companies.putLink('),
  )
  expect(builders).toEqual(['shared/mail/links.ts'])
})

test('zod is imported whole, so that bundles hold only what is used of it', () => {
  const strays = globSync('{functions,shared}/**/*.ts').filter((file) =>
    /import \{[^}]*\} from 'zod'/.test(readFileSync(file, 'utf8')),
  )
  expect(strays).toEqual([])
})
