import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'
import * as z from 'zod'

// What a bundler cannot see to be unused in the AWS SDK: a fifth of what the API's bundle would hold.

/**
 * Schemas of all operations name their members by constants (`{ [_hH]: _ct }`). A computed key may run code, so none is
 * ever dropped; with the constant's value in its place, those that nothing uses are.
 */
function plainKeys(source: string): string {
  const constants = new Map(
    [...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, value]) => [name, value]),
  )
  return source.replaceAll(/\[(_\w+)\]: /g, (whole, name: string) => {
    const value = constants.get(name)
    return value === undefined ? whole : `${value}: `
  })
}

const Package = z.object({ version: z.string() })

/**
 * Stands in for event streams, which no call of the product has. The SDK asks for them by `import()`, and for that
 * esbuild would wrap all that they import, which is most of `@smithy/core`, in functions called at load.
 */
const noEventStreams = `
  export class EventStreamSerde { constructor() { throw new Error('Event streams are not bundled') } }
  export const eventStreamSerdeProvider = () => undefined
  export const resolveEventStreamSerdeConfig = (config) => config`

/** Leaves out of the SDK's clients what the product does not use. */
export const smallerSdk: Plugin = {
  name: 'smaller-sdk',
  setup(build) {
    build.onLoad({ filter: /@aws-sdk\/.*\/schemas\/schemas_0\.js$/ }, ({ path }) => ({
      contents: plainKeys(readFileSync(path, 'utf8')),
    }))
    // Read for the version in the user agent only.
    build.onLoad({ filter: /@aws-sdk\/[^/]+\/package\.json$/ }, ({ path }) => ({
      contents: JSON.stringify(Package.parse(JSON.parse(readFileSync(path, 'utf8')))),
      loader: 'json',
    }))
    build.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, () => ({
      path: 'event-streams',
      namespace: 'stand-in',
    }))
    build.onLoad({ filter: /./, namespace: 'stand-in' }, () => ({ contents: noEventStreams }))
  },
}

/** What stands in for the bucket's client; a name that is used and not listed fails the build. */
const standIns = [
  'S3Client',
  'S3ServiceException',
  'GetObjectCommand',
  'HeadObjectCommand',
  'PutObjectCommand',
].map(
  (name) =>
    `export class ${name} { constructor() { throw new Error('This function is not given the bucket') } }`,
)

/** For functions without a grant on the bucket: its client would be a third of what they load, and never made. */
export const withoutBucket: Plugin = {
  name: 'without-bucket',
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/client-s3$/ }, () => ({
      path: 'client-s3',
      namespace: 'without-bucket',
    }))
    build.onLoad({ filter: /./, namespace: 'without-bucket' }, () => ({ contents: standIns.join('\n') }))
  },
}
