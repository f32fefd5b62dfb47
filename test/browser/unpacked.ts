import { unpack } from './chromium.ts'

/** Set-up of the browser tests: one unpacking, since two files that unpack at once would start half a browser. */
export default async function setup(): Promise<void> {
  await unpack()
}
