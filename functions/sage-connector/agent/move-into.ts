import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { makeFolderWithin } from './drop-folder.ts'
import { fileFault } from './file-fault.ts'

/** The text beside a file that was moved. */
export const whyName = (path: string): string => `${path}.why.txt`

/**
 * Moves a file into a folder, with a text beside it; nothing there is replaced. Answers its new path. The folder is
 * made, the one around it has to be there. Throws FileFault.
 */
export function moveInto(folder: string, path: string, why?: string): string {
  try {
    makeFolderWithin(folder)
    const to = freeName(folder, parse(path))
    if (why !== undefined) writeFileSync(whyName(to), why)
    renameSync(path, to)
    return to
  } catch (error) {
    throw fileFault(error, path)
  }
}

function freeName(folder: string, { name, ext }: { readonly name: string; readonly ext: string }): string {
  for (let number = 1; ; number += 1) {
    const path = join(folder, number === 1 ? `${name}${ext}` : `${name} (${String(number)})${ext}`)
    if (!existsSync(path)) return path
  }
}
