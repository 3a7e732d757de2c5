import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository, absolute. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly packageManager?: string
  readonly files?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly scripts?: Readonly<Record<string, string>>
}

export interface WorkspacePackage {
  /** Without `@conductor/`. */
  readonly name: string
  readonly group: 'packages' | 'apps' | 'tooling'
  readonly dir: string
  readonly manifest: Manifest
}

export const workspace: readonly WorkspacePackage[] = (['packages', 'apps', 'tooling'] as const)
  .flatMap((group) => readdirSync(join(root, group)).map((folder) => ({ group, folder })))
  .map(({ group, folder }) => ({ group, dir: join(root, group, folder) }))
  .filter(({ dir }) => existsSync(join(dir, 'package.json')))
  .map(({ group, dir }) => {
    const manifest: Manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))
    return { group, dir, manifest, name: manifest.name.replace('@conductor/', '') }
  })

/** What users get, each as `[name, package]`, for `describe.each`. */
export const published: readonly (readonly [string, WorkspacePackage])[] = workspace
  .filter(({ manifest }) => !manifest.private)
  .map((each) => [each.name, each])

export interface SourceFile {
  /** Relative to the root. */
  readonly path: string
  readonly text: string
  readonly isTest: boolean
}

const SOURCE = /\.(ts|tsx|mjs|css)$/
/** Helpers that only tests import stand in a folder of this name. */
const TEST = /\.test\.tsx?$|-testing\.tsx?$|\/testing\//

/** Every hand-written source below `dir`, absolute. */
export function sourcesIn(dir: string): SourceFile[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const full = join(dir, entry.name)
    if (entry.isDirectory())
      return ['node_modules', 'dist', '.turbo'].includes(entry.name) ? [] : sourcesIn(full)
    if (!SOURCE.test(entry.name)) return []
    const path = relative(root, full)
    return [{ path, text: readFileSync(full, 'utf8'), isTest: TEST.test(path) }]
  })
}

/** What a source imports, by name, in any of the forms that TypeScript has. */
export function importsOf({ text }: SourceFile): string[] {
  const code = text.replace(/^\s*(\*|\/\/).*$/gm, '')
  return [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\n]+)['"]/g)].flatMap(
    ([, name]) => name ?? [],
  )
}
