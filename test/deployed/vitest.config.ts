import { defineConfig } from 'vitest/config'

// By `npm run test:deployed` alone: `npm test` has the same checks among those of the shared stack.
export default defineConfig({
  test: {
    include: ['test/deployed/*.test.ts'],
    globalSetup: [
      'test/run-folder.ts',
      ...(process.env['API_URL'] === undefined ? ['test/synthesized.ts'] : []),
    ],
    reporters: ['verbose'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A step without the one before it says nothing.
    bail: 1,
  },
})
