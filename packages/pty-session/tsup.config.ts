import { defineConfig } from 'tsup'
import base from '../../tsup.config.ts'

export default defineConfig([
  // The package's entry. `shims` gives the CommonJS build its `import.meta.url`.
  { ...base, shims: true },
  // The program that holds ptys: one file, so that a host loads quickly and stays small.
  {
    entry: { host: 'src/host/main.ts' },
    format: ['esm'],
    target: 'node20',
    sourcemap: true,
    clean: false,
    noExternal: [/^@conductor\//],
    external: ['node-pty'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  },
])
