import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { identifyProcess, type ProcessIdentity } from '@conductor/process-identity'
import { codeOf } from '../system-error.ts'
import { READY_FD } from './child-environment.ts'
import { launchFailure } from './launch-failure.ts'
import { aroundShell, gatedLaunch, SHELL } from './launcher-script.ts'

export interface LaunchOptions {
  /** Absolute, of `resolveCommand`. */
  readonly command: string
  readonly args: readonly string[]
  /** Absolute; it must exist. The program finds it in `PWD`, too. */
  readonly cwd: string
  /** All of it, of `childEnvironment`. */
  readonly env: Readonly<Record<string, string>>
  /** Open descriptors of this process for its output; they stay the caller's to close. */
  readonly stdoutFd: number
  readonly stderrFd: number
  /** Whether it gets descriptor 3 to say that it is ready (default: false). */
  readonly readyFd?: boolean | undefined
  /** The folder of a cgroup that it moves to before it starts (default: it stays in ours). */
  readonly cgroup?: string | undefined
  /** Whether this process stays alive for as long as the child does (default: true). */
  readonly keepAlive?: boolean | undefined
}

/** How it ended: exactly one is not null. 125: it was abandoned, or could not move to its cgroup. */
export interface LaunchExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Launched {
  /** Of the leader of a new session and process group. Exec does not change it. */
  readonly identity: ProcessIdentity
  /** Lets the program begin. */
  go(): void
  /** Ends the launch before the program began. After `go()` it does nothing. */
  abandon(): void
  /** Called once, soon after if it has ended already. @returns the unsubscribe */
  onExit(listener: (exit: LaunchExit) => void): () => void
  /** Called once, at the first line on the ready descriptor. @returns the unsubscribe */
  onReady(listener: () => void): () => void
}

/**
 * Starts a program behind a gate: until `go()` it is a shell that waits, and not one instruction of
 * the program runs. So its identity, which is known when this returns, can be on disk before. If this
 * process dies instead, the shell reads the end of its input and ends, too.
 *
 * The program leads a session of its own, reads from `/dev/null`, and has no descriptor but its
 * three (and the ready one). That it cannot be executed after all (a script whose interpreter is
 * missing) shows as exit 126 or 127, with the shell's words on `stderrFd`.
 *
 * On Windows there is no gate, and nothing of this was tested.
 *
 * @throws LaunchFailure when nothing was started.
 */
export function launch(options: LaunchOptions): Launched {
  checkFolder(options.cwd)
  const child = spawnOrThrow(options)
  // What could not be told at once comes as an event as well; it was thrown already.
  child.on('error', () => {})
  const { pid, stdin } = child
  // Broken when the launcher has died: then its exit says so.
  stdin?.on('error', () => {})
  const identity = pid === undefined ? undefined : identifyProcess(pid)
  if (!identity) {
    stdin?.destroy()
    throw launchFailure(
      'EAGAIN',
      `${options.command} cannot be started: no process, descriptor or memory is left, or /proc is hidden`,
    )
  }

  const exited = once<LaunchExit>()
  const ready = once<void>()
  child.once('exit', (code, signal) => exited.happen({ code, signal }))
  if (options.readyFd) whenLine(child.stdio[READY_FD] as Readable, ready.happen)
  if (options.keepAlive === false) unref(child)

  return {
    identity,
    go: () => void stdin?.end('\n'),
    abandon: () => void stdin?.destroy(),
    onExit: exited.subscribe,
    onReady: ready.subscribe,
  }
}

function spawnOrThrow(options: LaunchOptions): ChildProcess {
  const { command, args, cwd, env, stdoutFd, stderrFd, readyFd = false, cgroup } = options
  const gated = process.platform !== 'win32'
  const stdio: StdioOptions = [gated ? 'pipe' : 'ignore', stdoutFd, stderrFd]
  if (readyFd) stdio[READY_FD] = 'pipe'
  try {
    if (!gated) return spawn(command, args, { cwd, env, stdio, detached: true, windowsHide: true })
    const around = aroundShell({ ...env, PWD: cwd })
    const words = [...around.words, command, ...args]
    const keepFd = readyFd ? READY_FD : undefined
    return spawn(SHELL, gatedLaunch({ keepFd, cgroup, words }), {
      cwd,
      env: around.env,
      stdio,
      detached: true,
    })
  } catch (cause) {
    // Node throws only what is wrong with the strings: all else is an event.
    if (codeOf(cause) === 'E2BIG')
      throw launchFailure('E2BIG', `${command}: arguments and environment are too long`, { cause })
    throw launchFailure('EINVAL', `${command}: its arguments or its environment are refused`, {
      cause,
    })
  }
}

function checkFolder(cwd: string): void {
  let isFolder: boolean
  try {
    isFolder = statSync(cwd).isDirectory()
  } catch (cause) {
    throw launchFailure('ENOENT', `cwd ${cwd} does not exist or may not be seen: make the folder`, {
      path: cwd,
      cause,
    })
  }
  if (!isFolder) throw launchFailure('ENOTDIR', `cwd ${cwd} is not a folder`, { path: cwd })
}

/** As s6: a line end is the whole message, and what stands before it does not matter. */
function whenLine(stream: Readable, happen: () => void): void {
  stream.on('error', () => {})
  stream.on('data', (chunk: Uint8Array) => {
    if (!chunk.includes(0x0a)) return
    happen()
    stream.destroy()
  })
}

function unref(child: ChildProcess): void {
  child.unref()
  // Both are sockets, whatever their types say; the kind of stream is all that Node declares.
  for (const stream of child.stdio) (stream as { unref?: () => void } | null)?.unref?.()
}

/** Something that happens at most once, and that latecomers hear of, too. */
function once<T>(): {
  happen(value: T): void
  subscribe(listener: (value: T) => void): () => void
} {
  const listeners = new Set<(value: T) => void>()
  let happened: { readonly value: T } | undefined
  return {
    happen(value) {
      if (happened) return
      happened = { value }
      for (const listener of [...listeners]) listener(value)
      listeners.clear()
    },
    subscribe(listener) {
      const each = (value: T) => listener(value)
      if (happened) {
        const { value } = happened
        listeners.add(each)
        queueMicrotask(() => {
          if (listeners.delete(each)) each(value)
        })
      } else listeners.add(each)
      return () => void listeners.delete(each)
    },
  }
}
