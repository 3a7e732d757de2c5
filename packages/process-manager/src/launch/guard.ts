import { type ChildProcess, spawn } from 'node:child_process'
import { type Clock, systemClock } from '@conductor/machine'
import type { ProcessIdentity } from '@conductor/process-identity'
import { GUARD } from './guard-script.ts'
import { plainLaunch, SHELL } from './launcher-script.ts'

/** A guard that was killed comes back so soon, and twice as late each time it fails again, in milliseconds. */
const RESTART_FIRST_MS = 10
const RESTART_LONGEST_MS = 10_000

/** What is to become of a process when this one dies. */
export interface GuardOrder {
  /** Sent to its whole group. */
  readonly signal: NodeJS.Signals
  /** Then `SIGKILL` to what is left, in milliseconds; the guard looks every 50. */
  readonly graceMs: number
  /** Of `makeCookie`: who bears it is ended, too, wherever it has gone (Linux; default: only the group is). */
  readonly cookie?: string | undefined
}

export interface GuardOptions {
  /** Told when the guard could not start or was killed; it is started again by itself. */
  readonly onTrouble: (trouble: Error) => void
  readonly clock?: Clock
}

export interface Guard {
  /** The guard's own pid while it runs. */
  readonly pid: number | undefined
  /** To be called before `go()`. A second call for the same process replaces the order. */
  watch(identity: ProcessIdentity, order: GuardOrder): void
  /** It has ended, or may outlive us. */
  forget(identity: ProcessIdentity): void
  /** Lets all go, and ends the guard without harm to anybody. Idempotent. */
  close(): Promise<void>
}

/**
 * Ends the children of this process should it die without doing so itself, by `SIGKILL` for instance.
 *
 * It is one small shell in a session of its own that reads from a pipe. At the end of the input it
 * ends every process it was told of that is still the same: all at once, politely first. It starts
 * with the first `watch` and keeps this process neither alive nor its output open.
 *
 * On Windows there is none: `watch` does nothing.
 */
export function createGuard(options: GuardOptions): Guard {
  const { onTrouble, clock = systemClock } = options
  /** By pid, as in the script: whoever has it now has taken it from one that is gone. */
  const orders = new Map<number, { readonly startTime: string; readonly line: string }>()
  let child: ChildProcess | undefined
  let restart: unknown
  let restartMs = RESTART_FIRST_MS
  let closed: Promise<void> | undefined

  function start(): void {
    restart = undefined
    const started = spawn(SHELL, plainLaunch(GUARD), {
      cwd: '/',
      // `ps` writes dates: in one language and one zone they compare as text.
      env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    child = started
    const startedMs = clock.now()
    started.unref()
    // A socket, whatever its type says: it must not keep this process alive either.
    ;(started.stdin as unknown as { unref?: () => void } | null)?.unref?.()
    started.stdin?.on('error', () => {})
    started.once('error', (cause) => ended(started, startedMs, cause))
    started.once('exit', (code, signal) =>
      ended(started, startedMs, new Error(`the guard ended with ${signal ?? code}`)),
    )
    started.stdin?.write([...orders.values()].map(({ line }) => line).join(''))
  }

  function ended(which: ChildProcess, startedMs: number, trouble: Error): void {
    if (which !== child) return
    child = undefined
    if (closed) return
    onTrouble(trouble)
    if (clock.now() - startedMs > RESTART_LONGEST_MS) restartMs = RESTART_FIRST_MS
    restart = clock.setTimeout(start, restartMs)
    restartMs = Math.min(restartMs * 2, RESTART_LONGEST_MS)
  }

  function tell(line: string): void {
    // Written at once: the system has it when this returns, even if we die next.
    if (child) child.stdin?.write(line)
    // While one is on its way back, it will be told all.
    else if (restart === undefined) start()
  }

  return {
    get pid() {
      return child?.pid
    },
    watch(identity, { signal, graceMs, cookie = '-' }) {
      if (closed || process.platform === 'win32') return
      const { pid, startTime } = identity
      // Without a start time nobody could tell later who it is.
      if (startTime === '') return
      const line = `+ ${pid} ${signal.replace(/^SIG/, '')} ${Math.ceil(graceMs)} ${cookie} ${startTime}\n`
      orders.set(pid, { startTime, line })
      tell(line)
    },
    forget({ pid, startTime }) {
      if (orders.get(pid)?.startTime !== startTime) return
      orders.delete(pid)
      if (child) tell(`- ${pid}\n`)
    },
    close() {
      closed ??= close()
      return closed
    },
  }

  async function close(): Promise<void> {
    clock.clearTimeout(restart)
    orders.clear()
    const last = child
    if (!last || last.exitCode !== null || last.signalCode !== null) return
    // Referenced again: whoever waits for the end of the guard sees it.
    last.ref()
    const gone = new Promise((resolve) => last.once('exit', resolve))
    last.stdin?.end('.\n')
    await gone
  }
}
