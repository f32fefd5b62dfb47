import { defineConfig } from 'vitest/config'

const slow = { testTimeout: 60_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    // One more than CI has cores: a worker waits for its database a good part of the time. A fourth gains nothing.
    maxWorkers: 3,
    // Files of one worker share the modules they import: loading them anew for each took a third of the time.
    isolate: false,
    globalSetup: ['test/run-folder.ts'],
    reporters: ['default', './test/plain-count.ts'],
    coverage: { provider: 'v8', include: ['functions/**', 'shared/**'] },
    // Two, since each starts workers of its own, which import everything anew. By name: the one that waits for browsers
    // and programs comes first, so that none of those is left to run alone at the end.
    projects: [
      {
        test: {
          name: 'stack',
          globalSetup: ['test/synthesized.ts', 'test/browser/unpacked.ts'],
          include: ['test/{infra,local,browser,game-day}/**/*.test.ts'],
          ...slow,
        },
      },
      {
        test: {
          name: 'units',
          include: [
            'test/{domain,files,sage,statemachines,model,structure,store,functions,upgrade}/**/*.test.ts',
          ],
          ...slow,
        },
      },
    ],
  },
})
