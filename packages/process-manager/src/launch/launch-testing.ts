import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ProcessIdentity, processState, signalProcess } from '@conductor/process-identity'
import { bundle, temporaryFolder, until } from '@conductor/testing'
import { childEnvironment, makeCookie } from './child-environment.ts'
import { type LaunchExit, type Launched, type LaunchOptions, launch } from './launch.ts'

/** A launch of a test, with the file that its output goes to. */
export interface TestLaunch extends Launched {
  readonly cookie: string
  readonly output: () => string
  readonly exit: Promise<LaunchExit>
}

/** Launches `sh -c script` (or another program) in a folder of its own; killed after the test if need be. */
export function launcherFor(atTheEnd: (end: () => void) => void): {
  folder: string
  start(script: string, options?: Partial<LaunchOptions>): TestLaunch
} {
  const folder = temporaryFolder(atTheEnd)
  let count = 0
  return {
    folder,
    start(script, options = {}) {
      const cookie = makeCookie()
      const path = join(folder, `out-${++count}`)
      const fd = openSync(path, 'a')
      const env = childEnvironment({ PATH: process.env['PATH'] }, { name: 'test', cookie })
      try {
        const launched = launch({
          command: '/bin/sh',
          args: ['-c', script],
          cwd: folder,
          env,
          stdoutFd: fd,
          stderrFd: fd,
          ...options,
        })
        atTheEnd(() => killGroup(launched.identity))
        const exit = new Promise<LaunchExit>((resolve) => void launched.onExit(resolve))
        return { ...launched, cookie, exit, output: () => readFileSync(path, 'utf8') }
      } finally {
        closeSync(fd)
      }
    },
  }
}

/** Kills the group of a leader that is still itself. */
export function killGroup(leader: ProcessIdentity): void {
  if (processState(leader) !== 'alive') return
  try {
    process.kill(-leader.pid, 'SIGKILL')
  } catch {
    signalProcess(leader, 'SIGKILL')
  }
}

/** The text of a file, once it has one. */
export function fileText(path: string): Promise<string> {
  return until(() => readFileSync(path, 'utf8'), { what: `${path} has a text` })
}

/**
 * A fixture in TypeScript as a program that every Node runs, sources of the workspace included.
 *
 * @param name A file in `fixtures/`, without `.ts`.
 * @returns The path of one file of JavaScript, gone after the test.
 */
export function fixture(name: string, atTheEnd: (end: () => void) => void): string {
  return bundle(new URL(`./fixtures/${name}.ts`, import.meta.url), atTheEnd)
}
