import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProcessSpec } from '@conductor/process-manager'
import { until } from '@conductor/testing'
import { ENVIRONMENT, PATIENCE_MS, type Place } from './world.ts'

interface Esbuild {
  buildSync(options: Readonly<Record<string, unknown>>): unknown
}

/**
 * A manager in a program of its own that has brought these processes up and does nothing more: to be
 * killed. Bundled first, because Node 20 reads no TypeScript.
 *
 * @returns Its process, once all are ready.
 */
export async function startFirstManager(
  { folder, root }: Place,
  specs: readonly ProcessSpec[],
  atTheEnd: (end: () => void) => void,
): Promise<ChildProcess> {
  const require = createRequire(import.meta.url)
  // The bundler that builds the packages brings the one that is quick enough for this.
  const esbuild = createRequire(require.resolve('tsup'))('esbuild') as Esbuild
  const scratch = join(folder, 'first')
  mkdirSync(scratch)
  const program = join(scratch, 'manager.mjs')
  esbuild.buildSync({
    entryPoints: [fileURLToPath(new URL('./fixtures/manager.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@conductor/source'],
  })
  const file = join(scratch, 'specs.json')
  writeFileSync(file, JSON.stringify(specs))
  let said = ''
  const child = spawn(process.execPath, [program, root, file], {
    env: ENVIRONMENT,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  atTheEnd(() => void child.kill('SIGKILL'))
  const hear = (chunk: Buffer): void => {
    said += chunk.toString()
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`)
      return said.includes('all up')
    },
    { what: 'the first manager to have all up', timeoutMs: PATIENCE_MS },
  )
  rmSync(scratch, { recursive: true })
  return child
}

/** Without a chance to do anything. */
export async function killManager(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}
