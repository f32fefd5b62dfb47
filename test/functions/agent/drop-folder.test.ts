import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import {
  dropPath,
  existing,
  finishRename,
  writeWhole,
} from '../../../functions/sage-connector/agent/drop-folder.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { content, fileName, sha256 } from './api-server.ts'
import { flushed } from './flushed.ts'

let root = ''
let path = ''
beforeEach(() => {
  root = temporaryFolder('drop')
  path = dropPath(root, 'original_estimate', fileName)
})

const inFolder = (): string[] => (existsSync(dirname(path)) ? readdirSync(dirname(path)) : [])
const write = (): void => {
  writeWhole(path, { bytes: content, sha256 }, () => {})
}

/** A name that stands for a full disk: every write to it fails as on one. */
function fullDisk(): void {
  mkdirSync(dirname(path))
  symlinkSync('/dev/full', `${path}.writing`)
}

test('a file is written whole, within a folder that the agent makes in that of the company', () => {
  write()
  expect(inFolder()).toEqual([fileName])
  expect(readFileSync(path)).toEqual(content)
})

test('the bytes are on the disk before the file gets its name, and the name before the agent goes on', () => {
  const name = basename(path)
  expect(flushed(write)).toEqual([`flush ${name}.writing`, 'flush 1-ORIGINAL', 'rename', 'flush 1-ORIGINAL'])
})

test('a name that is given late is on the disk before the agent goes on', () => {
  mkdirSync(dirname(path))
  writeFileSync(`${path}.writing`, content)
  expect(
    flushed(() => {
      finishRename(path)
    }),
  ).toEqual(['rename', 'flush 1-ORIGINAL'])
  expect(inFolder()).toEqual([fileName])
})

test('nothing stays open of a file that was written', () => {
  write()
  expect(openWithin(root)).toEqual([])
  const file = openSync(path, 'r')
  expect(openWithin(root)).toEqual([path])
  closeSync(file)
})

/** What this process holds open there. */
const openWithin = (folder: string): string[] =>
  readdirSync('/proc/self/fd')
    .map((file) => join('/proc/self/fd', file))
    // The folder that was just listed is closed by now.
    .filter((file) => existsSync(file))
    .map((file) => readlinkSync(file))
    .filter((file) => file.startsWith(folder))

test('what stands under a name is told by its bytes', () => {
  expect(existing(path, sha256)).toBe('absent')
  write()
  expect([existing(path, sha256), existing(path, 'a'.repeat(64))]).toEqual(['same', 'different'])
  expect(existing(root, sha256)).toBe('different')
  // Of what cannot be looked at, nothing is said.
  expect(() => existing(join(path, 'below'), sha256)).toThrow('ENOTDIR')
})

test('a folder of the company that is not there is told, and is not made', () => {
  path = dropPath(join(root, 'RENAMED'), 'original_estimate', fileName)
  expect(write).toThrow('ENOENT')
  expect(readdirSync(root)).toEqual([])
})

test('a full disk leaves nothing in the folder', () => {
  fullDisk()
  expect(write).toThrow('ENOSPC')
  expect(inFolder()).toEqual([])
})

test('a disk that takes half of the file leaves nothing in the folder', () => {
  const program = `
    import { writeWhole } from ${JSON.stringify(join(process.cwd(), 'functions/sage-connector/agent/drop-folder.ts'))}
    import { createHash } from 'node:crypto'
    const bytes = Buffer.alloc(200_000, 'x')
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    try { writeWhole(${JSON.stringify(path)}, { bytes, sha256 }, () => console.log('recorded')) }
    catch (error) { console.log(error.code) }`
  // In blocks of 1024 bytes: the system writes what still fits and says so, and refuses only what comes after.
  const limited = [
    '-c',
    'ulimit -f 100 && exec "$0" --input-type=module --eval "$1"',
    process.execPath,
    program,
  ]
  expect(spawnSync('bash', limited, { encoding: 'utf8' }).stdout.trim()).toBe('EFBIG')
  expect(inFolder()).toEqual([])
})

test('a file that reads back otherwise than its hash says gets no name', () => {
  expect(() => {
    writeWhole(path, { bytes: content.subarray(1), sha256 }, () => {})
  }).toThrow('holds not what was written')
  expect(inFolder()).toEqual([])
})

test('a folder in which the agent may not write stays as it is', () => {
  mkdirSync(dirname(path))
  chmodSync(dirname(path), 0o555)
  chmodSync(root, 0o755)
  expect(() => {
    withoutRights(write)
  }).toThrow('EACCES')
  expect(inFolder()).toEqual([])
})

test('a folder of the company in which the agent may make none is told so', () => {
  chmodSync(root, 0o555)
  expect(() => {
    withoutRights(write)
  }).toThrow(/EACCES.*mkdir/)
})

test('a file that another program holds open is left to it', async () => {
  mkdirSync(dirname(path))
  await heldOpen(`${path}.writing`)
  expect(write).toThrow('ETXTBSY')
  expect(existsSync(path)).toBe(false)
})

test('a folder under the name of the file stays, and the file keeps its temporary name', () => {
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'kept'), '')
  expect(write).toThrow('EISDIR')
  expect(readdirSync(path)).toEqual(['kept'])
  expect(readFileSync(`${path}.writing`)).toEqual(content)
})

/** Root may write anywhere: for a moment somebody else does the work. */
function withoutRights(work: () => void): void {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

/** A program that runs from a file keeps it from being written. */
async function heldOpen(file: string): Promise<void> {
  copyFileSync('/bin/sleep', file)
  const program: ChildProcess = spawn(file, ['60'])
  onTestFinished(() => void program.kill())
  await new Promise((resolve) => program.once('spawn', resolve))
}
