import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'

/** A module's own schema: from `const X = z.` or `const X = Y.extend(` to the line before the next statement. */
const schemaAtTop =
  /^((?:export )?const \w+(?:: [^=\n]+)? = )((?:z\b|[A-Z]\w*\.(?:extend|omit|pick)\().*(?:\n[ \t)\]}].*)*)$/gm

/**
 * `const X = z.string()` becomes `const X = late(() => z.string())`. A function reads and writes a tenth of the rows
 * that the store knows; the others' schemas are then never made, or not even bundled when nothing names them.
 */
export function withLateSchemas(source: string): string {
  const changed = source.replaceAll(schemaAtTop, '$1/* @__PURE__ */ late(() => $2)')
  // At the end, so that lines keep their numbers in the source map.
  return changed === source ? source : `${changed}\nimport { late } from 'late'\n`
}

/** For our own modules: their schemas are made when first used, not when a function loads (ADR 0010). */
export const lateSchemas: Plugin = {
  name: 'late-schemas',
  setup(build) {
    build.onResolve({ filter: /^late$/ }, () => ({ path: join(import.meta.dirname, 'late.ts') }))
    build.onLoad({ filter: /\/(functions|shared)\/.*\.ts$/ }, ({ path }) => ({
      contents: withLateSchemas(readFileSync(path, 'utf8')),
      loader: 'ts',
    }))
  },
}
