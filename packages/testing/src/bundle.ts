import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './temporary-folder.ts'

interface Esbuild {
  buildSync(options: Readonly<Record<string, unknown>>): unknown
}

/**
 * Makes one file of JavaScript of a program in TypeScript, the sources of the workspace included: Node 20
 * reads no TypeScript.
 *
 * @example
 * const program = bundle(new URL('./testing/manager-program.ts', import.meta.url), afterAll)
 * @param atTheEnd Is handed the function that removes the file.
 * @returns The absolute path of an ES module that every Node runs.
 */
export function bundle(program: URL, atTheEnd: (remove: () => void) => void): string {
  const require = createRequire(import.meta.url)
  // The bundler that builds the packages brings the one that is quick enough for this.
  const esbuild = createRequire(require.resolve('tsup'))('esbuild') as Esbuild
  const outfile = join(temporaryFolder(atTheEnd), 'program.mjs')
  esbuild.buildSync({
    entryPoints: [fileURLToPath(program)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@conductor/source'],
    // For packages that are CommonJS and ask for parts of Node.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
  return outfile
}
