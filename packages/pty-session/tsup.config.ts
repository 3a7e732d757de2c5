import { defineConfig } from 'tsup'
import base from '../../tsup.config.ts'

// Both are written at the same time: neither may clean the folder under the other.
export default defineConfig([
  // The package's entry. `shims` gives the CommonJS build its `import.meta.url`.
  { ...base, shims: true, clean: false },
  // The program that holds ptys, and the one of a search's thread: one file each, so that a host loads
  // quickly and stays small. Bundled from sources, so that this package's tests need no other package built.
  {
    entry: { host: 'src/host/main.ts', 'search-worker': 'src/search/worker.ts' },
    // CommonJS: one or two MB less in every host than as a module.
    format: ['cjs'],
    shims: true,
    target: 'node20',
    sourcemap: true,
    clean: false,
    noExternal: [/^@conductor\//],
    external: ['node-pty'],
    esbuildOptions(options) {
      options.conditions = ['@conductor/source']
    },
  },
])
