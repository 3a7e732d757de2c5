import { defineConfig } from 'vitest/config'

const conditions = ['@conductor/source']

/** The one test set-up, for the whole repo or one package (`pnpm --filter @conductor/X test`). */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['**/*.test.ts'],
    restoreMocks: true,
    // The longest promise a unit test makes is about real processes on a busy two-core machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
