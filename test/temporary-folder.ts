import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder, gone when the test run has ended. */
export const temporaryFolder = (name: string): string => mkdtempSync(join(tmpdir(), `${name}-`))
