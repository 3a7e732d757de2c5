import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin, type Rolldown } from 'vite'
import { filesOf } from './weigh-pages.ts'

export interface BuildWorkerOptions {
  /** Absolute. */
  readonly source: string
  readonly conditions: string[]
}

/**
 * Builds the service worker: one file without imports, because not every browser knows modules there, and
 * beside the pages, because its folder is its scope.
 *
 * It is another one for every build: its version is made from everything that was built.
 */
export function buildWorker({ source, conditions }: BuildWorkerOptions): Plugin {
  return {
    name: 'build-worker',
    apply: 'build',
    enforce: 'post',
    async writeBundle({ dir = '' }, bundle) {
      const page = bundle['offline.html']
      if (page?.type !== 'asset') throw new Error('there is no page for when the server is away')
      const offline = filesOf(String(page.source), bundle).join(' ')
      const worker = (await codeOf(source, conditions))
        .replace('%OFFLINE%', offline)
        .replace('%VERSION%', versionOf(bundle))
      writeFileSync(join(dir, 'sw.js'), worker)
    },
  }
}

async function codeOf(source: string, conditions: string[]): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions },
    build: {
      write: false,
      target: 'es2022',
      copyPublicDir: false,
      rolldownOptions: { input: source, output: { format: 'iife' } },
    },
  })
  // Without `watch` it is one output, or one for each of several formats.
  const [output] = [built].flat() as readonly Rolldown.RolldownOutput[]
  const [chunk] = output?.output ?? []
  if (!chunk) throw new Error('the service worker came to nothing')
  return chunk.code
}

function versionOf(bundle: Rolldown.OutputBundle): string {
  const hash = createHash('sha256')
  // The names of all others change with what is in them.
  for (const [name, item] of Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name).update(name.endsWith('.html') && item.type === 'asset' ? item.source : '')
  return hash.digest('hex').slice(0, 12)
}
