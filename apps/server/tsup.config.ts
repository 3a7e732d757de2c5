import { defineConfig } from 'tsup'

/** One program. Dependencies stay outside: workspace packages come from their own builds. */
export default defineConfig({
  entry: ['src/main.ts'],
  format: ['esm'],
  target: 'node20',
  sourcemap: true,
  clean: true,
})
