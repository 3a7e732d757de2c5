import { fileURLToPath } from 'node:url'
import { preact } from '@preact/preset-vite'
import { defaultClientConditions, type UserConfig } from 'vite'
import { buildWorker } from './build-worker.ts'
import { weighPages } from './weigh-pages.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const conditions = ['@conductor/source', ...defaultClientConditions]

/** Pages, served by the server: what needs no login stays out of the way of what does. */
const config: UserConfig = {
  // Pages find their files wherever a proxy has put them.
  base: './',
  plugins: [
    preact(),
    weighPages({ budgetBytes: 220_000 }),
    buildWorker({ source: here('src/worker/sw.ts'), conditions }),
  ],
  resolve: { conditions },
  build: {
    target: 'es2022',
    // The Content-Security-Policy allows neither inline scripts nor `data:`.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      input: ['index', 'terminal', 'share', 'offline'].map((page) => here(`${page}.html`)),
    },
  },
  server: {
    proxy: {
      '/api': { target: 'http://127.0.0.1:8080' },
      '/ws': { target: 'ws://127.0.0.1:8080', ws: true },
    },
  },
}

export default config
