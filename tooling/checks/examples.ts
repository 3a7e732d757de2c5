import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The TypeScript blocks under `## Use` of a README. */
export function examplesIn(dir: string): string[] {
  const readme = join(dir, 'README.md')
  if (!existsSync(readme)) return []
  const use =
    /^## Use\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(readFileSync(readme, 'utf8'))?.[1] ?? ''
  return [...use.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code ?? '')
}
