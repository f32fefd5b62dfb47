import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Plugin } from 'esbuild'
import * as z from 'zod'

// Three things in the AWS SDK that a bundler cannot see to be unused: together a fifth of the API's bundle.

/**
 * Schemas of all operations name their members by constants (`{ [_hH]: _ct }`). A computed key may run code, so none is
 * ever dropped; with the constant's value in its place, those that nothing uses are.
 */
const plainKeys = (source: string): string => {
  const constants = new Map(
    [...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, value]) => [name, value]),
  )
  return source.replaceAll(/\[(_\w+)\]: /g, (whole, name: string) => {
    const value = constants.get(name)
    return value === undefined ? whole : `${value}: `
  })
}

/** What the product uses of the bucket's client; another name fails the build until it is listed here. */
const usedOfS3 = {
  S3Client: './S3Client.js',
  S3ServiceException: './models/S3ServiceException.js',
  GetObjectCommand: './commands/GetObjectCommand.js',
  HeadObjectCommand: './commands/HeadObjectCommand.js',
  PutObjectCommand: './commands/PutObjectCommand.js',
}

const Package = z.object({ version: z.string() })

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
    // Loaded on first use, the whole index would come along: a module that is run later keeps all that it exports.
    const inside = 'client-s3'
    build.onResolve(
      { filter: /^@aws-sdk\/client-s3$/ },
      async ({ importer, kind, resolveDir, namespace }) => {
        if (namespace === inside) return undefined
        const { path, external, errors } = await build.resolve('@aws-sdk/client-s3', {
          importer,
          kind,
          resolveDir,
          namespace: inside,
        })
        return external || errors.length > 0 ? { path, external, errors } : { path, namespace: inside }
      },
    )
    build.onLoad({ filter: /./, namespace: inside }, ({ path }) => ({
      contents: Object.entries(usedOfS3)
        .map(([name, file]) => `export { ${name} } from '${file}'`)
        .join('\n'),
      resolveDir: dirname(path),
    }))
  },
}
