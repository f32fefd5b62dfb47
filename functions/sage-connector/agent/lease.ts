import { createHash } from 'node:crypto'
import { createServer } from 'node:net'

/** Another agent of the same queue runs on this machine. */
export class AnotherRuns extends Error {
  override readonly name = 'AnotherRuns'
}

/**
 * Takes the lease of a queue on this machine: a name that the operating system gives to one process at a time and takes
 * back when that ends, however it ends. So there is no file that a crash could leave behind. Throws AnotherRuns.
 */
export async function takeLease(queueUrl: string): Promise<void> {
  const name = `sage-agent-${createHash('sha256').update(queueUrl).digest('hex').slice(0, 32)}`
  const server = createServer((connection) => connection.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new AnotherRuns(
              `An agent of ${queueUrl} runs on this machine already. Stop it, or start this one for another queue.`,
            )
          : error,
      )
    })
    // A named pipe on Windows, a socket without a file on Linux.
    server.listen(process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `\0${name}`, resolve)
  })
  server.unref()
}
