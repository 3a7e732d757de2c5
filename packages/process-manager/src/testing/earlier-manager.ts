import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { bundle, temporaryFolder } from '@conductor/testing'
// biome-ignore lint/correctness/noUndeclaredDependencies: only tests import this file.
import { beforeAll, onTestFinished } from 'vitest'
import { type ProcessRecord, readRecord, writeRecord } from '../records/process-record.ts'
import type { ProcessSpec } from '../spec/process-spec.ts'
import { killUnder, type ManagerProcess, startManager } from './manager-process.ts'

/** For a file of tests with managers in processes of their own. @returns what starts one. */
export function earlierManagers(): (root: string) => ManagerProcess {
  let program = ''
  beforeAll(() => {
    const ends: (() => void)[] = []
    program = bundle(new URL('./manager-program.ts', import.meta.url), (end) => ends.push(end))
    return () => {
      for (const end of ends) end()
    }
  })
  return (root) => startManager(program, root, { atTheEnd: onTestFinished })
}

/** Adds processes and waits until they run. */
export async function withRunning(
  manager: ManagerProcess,
  ...specs: readonly ProcessSpec[]
): Promise<ManagerProcess> {
  for (const spec of specs) await manager.call('add', spec)
  await manager.call('up')
  return manager
}

/** A folder where nobody is left after the test. */
export function newRoot(): string {
  const root = temporaryFolder(onTestFinished)
  onTestFinished(() => killUnder(root))
  return root
}

/** The pid of a process of another manager; 0 if it has none. */
export async function pidOf(manager: ManagerProcess, name: string): Promise<number> {
  return (await manager.call('getPid', name)) ?? 0
}

/** Falsifies what an earlier manager has written. */
export function changeRecord(
  root: string,
  name: string,
  change: (record: ProcessRecord) => object,
): void {
  const record = readRecord(join(root, name))
  if (!record || record === 'damaged') throw new Error(`${name} has no record`)
  writeRecord(join(root, name), { ...record, ...change(record) })
}

/** Somebody whom no manager has started. */
export function stranger(): { readonly pid: number; readonly child: ChildProcess } {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.pid === undefined) throw new Error('no process')
  return { pid: child.pid, child }
}

/** A start of a script: it has the lock of its folder while somebody of it lives, and notes its pid, or that another has it. */
export const ALONE = 'exec 9>lock; flock -n 9 || { echo $$ >>conflicts; exit 9; }; echo $$ >>pids;'
