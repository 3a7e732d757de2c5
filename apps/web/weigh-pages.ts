import { gzipSync } from 'node:zlib'
import type { Plugin, Rolldown } from 'vite'

/**
 * Prints what each page loads at first, gzipped, and fails the build when that is more than its budget.
 *
 * Counted are the page itself, its scripts with all they import statically, and its style sheets.
 */
export function weighPages({ budgetBytes }: { readonly budgetBytes: number }): Plugin {
  return {
    name: 'weigh-pages',
    apply: 'build',
    enforce: 'post',
    writeBundle(_, bundle) {
      for (const [page, asset] of Object.entries(bundle)) {
        if (!page.endsWith('.html') || asset.type !== 'asset') continue
        const files = filesOf(String(asset.source), bundle)
        const bytes = [page, ...files].reduce((sum, file) => sum + gzippedBytes(bundle[file]), 0)
        this.info(`${page} loads ${bytes} of ${budgetBytes} bytes gzipped (${files.length} files)`)
        if (bytes > budgetBytes) this.error(`${page} is over its budget of ${budgetBytes} bytes`)
      }
    },
  }
}

/** What a page loads at first, besides itself. */
export function filesOf(html: string, bundle: Rolldown.OutputBundle): readonly string[] {
  const found = new Set<string>()
  const add = (file: string): void => {
    const item = bundle[file]
    if (!item || found.has(file)) return
    found.add(file)
    if (item.type === 'chunk') for (const each of item.imports) add(each)
  }
  for (const [, path = ''] of html.matchAll(/(?:src|href)="\.?\/([^"]+)"/g)) add(path)
  return [...found]
}

function gzippedBytes(item: Rolldown.OutputBundle[string] | undefined): number {
  if (!item) return 0
  return gzipSync(item.type === 'chunk' ? item.code : item.source).length
}
