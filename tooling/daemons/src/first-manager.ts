import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessSpec } from '@conductor/process-manager'
import { bundle, temporaryFolder, until } from '@conductor/testing'
import { ENVIRONMENT, PATIENCE_MS, type Place } from './world.ts'

/**
 * A manager in a program of its own that has brought these processes up and does nothing more: to be
 * killed. Bundled first, because Node 20 reads no TypeScript.
 *
 * @returns Its process, once all are ready.
 */
export async function startFirstManager(
  { root }: Place,
  specs: readonly ProcessSpec[],
  atTheEnd: (end: () => void) => void,
): Promise<ChildProcess> {
  const program = bundle(new URL('./fixtures/manager.ts', import.meta.url), atTheEnd)
  const file = join(temporaryFolder(atTheEnd), 'specs.json')
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
  return child
}

/** Without a chance to do anything. */
export async function killManager(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}
