import { onTestFinished } from 'vitest'
import { content, fileName, serveApi, type StubApi } from './stub-api.ts'

export { content, fileName, message, sha256 } from './stub-api.ts'
export type ApiServer = StubApi

/** A small API, gone after the test; `file` is what a claim hands out. */
export async function startApi(file: Uint8Array = content, { name = fileName } = {}): Promise<ApiServer> {
  const api = await serveApi({ file, name: () => name })
  onTestFinished(() => {
    api.close()
  })
  return api
}
