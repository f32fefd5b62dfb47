/** A file or folder could not be read or written; the message says so in words and what to do. */
export class FileFault extends Error {
  override readonly name = 'FileFault'
}

const notThere = (where: string): string =>
  `The folder of ${where} is not there: it was renamed, or its share is not connected.`
const noRight = (where: string): string =>
  `The agent may not write ${where}: give its account the right to write, rename and delete there.`
const noRoom = (where: string): string =>
  `There is no room for ${where}: the disk is full, or a quota is used up.`
const held = (where: string): string => `Another program holds ${where} open.`

const words: Readonly<Record<string, (where: string) => string>> = {
  ENOENT: notThere,
  ENOTDIR: notThere,
  EACCES: noRight,
  // Windows says so too of a file that is held open.
  EPERM: (where) => `${noRight(where)} Or another program holds it open.`,
  EROFS: (where) => `${where} is on a disk that can only be read.`,
  ENOSPC: noRoom,
  EDQUOT: noRoom,
  EFBIG: noRoom,
  EBUSY: held,
  ETXTBSY: held,
}

/** What the system said of a file, in words; `where` is the file, since the system does not always name it. */
export function fileFault(error: unknown, where: string): FileFault {
  if (error instanceof FileFault) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const said = error instanceof Error ? error.message : String(error)
  return new FileFault(`${words[code]?.(where) ?? `${where} could not be written.`} (${said})`, {
    cause: error,
  })
}
