import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { constants as os } from 'node:os'
import { systemClock } from '@conductor/machine'
import { PtySessionError } from '../pty-session-error.ts'
import { findProgram } from './find-program.ts'
import { createInputQueue } from './input-queue.ts'
import { launchWithoutMasters } from './launcher.ts'
import { createLineWatch, isCanonicalTerminal, LONGEST_LINE_BYTES } from './line-watch.ts'
import { heldMasters, holdMaster, releaseMaster } from './masters.ts'
import { loadNative } from './native.ts'
import type { Pty, PtyExit, PtyOptions } from './options.ts'
import { createProgramEnd, identifyLeader } from './program-end.ts'
import { createPtyReader } from './pty-reader.ts'
import { ticksNow } from './session-processes.ts'

const WHOLE_BURST_BYTES = 64 * 1024
const FAIR_BURST_BYTES = 8 * 1024

/** The kernel keeps a size in 16 bits, and programs allocate by it. */
const LARGEST_SIZE = 10_000

let leakWasTold = false

/** See `openPty`. */
export function openUnixPty(options: PtyOptions): Pty {
  const { args, cwd, env, burstBytes, clock = systemClock, onData, onExit } = options
  const { onNotice = () => {} } = options
  const { native, helperPath } = loadNative()
  const launch = launchWithoutMasters({
    file: findProgram(options),
    args,
    env,
    onLeak: () => {
      if (leakWasTold) return
      leakWasTold = true
      onNotice(
        'PTY_LEAK',
        'neither perl nor bash was found, so programs started here can reach the terminals of earlier sessions: install perl, or use one host per session',
      )
    },
  })
  const { master, slave, pid, path } = fork()
  holdMaster(master)
  const identity = identifyLeader(pid)
  const terminal = fstatSync(slave).rdev
  let life: 'running' | 'draining' | 'over' = 'running'
  let endedAt: number | undefined
  let tellExited = () => {}
  const exited = new Promise<void>((resolve) => {
    tellExited = resolve
  })

  const reader = createPtyReader({
    master,
    slave,
    clock,
    burstBytes: () => burstBytes ?? (heldMasters().size > 1 ? FAIR_BURST_BYTES : WHOLE_BURST_BYTES),
    onData(chunk) {
      onData(chunk)
      input.poke()
    },
    onLost() {
      input.end()
      releaseMaster(master)
      onNotice('HUNG_UP', 'the terminal was hung up (vhangup): nothing more can be read or typed')
    },
  })

  const input = createInputQueue({
    clock,
    write(bytes, offset, length) {
      if (!reader.open) throw endedError()
      return writeSync(master, bytes, offset, length)
    },
    ended: endedError,
  })

  const lines = createLineWatch({
    isCanonical: () => isCanonicalTerminal(path),
    onLong(bytes) {
      if (life === 'over') return
      onNotice(
        'LINE_TOO_LONG',
        `a line of ${bytes} bytes was typed to a program that reads whole lines: the system keeps the first ${LONGEST_LINE_BYTES} bytes and drops the rest`,
      )
    },
  })

  const program = createProgramEnd({
    leader: identity,
    clock,
    terminal: () => (life === 'over' ? undefined : terminal),
    terminalPath: path,
    endedAt: () => endedAt,
    // While reading is paused, nobody has to wait for the last bytes.
    lastBytes: () => (life !== 'over' && !reader.held ? exited : undefined),
    onNotice,
  })

  function fork(): { master: number; slave: number; pid: number; path: string } {
    let master: number | undefined
    try {
      const { cols, rows } = options
      const forked = native.fork(
        launch.file,
        launch.args,
        launch.env,
        cwd,
        clampSize(cols),
        clampSize(rows),
        -1,
        -1,
        true,
        helperPath,
        leaderEnded,
      )
      master = forked.fd
      // While somebody has this side open, the end of the program is no end of the stream.
      const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK
      const slave = openSync(forked.pty, flags)
      return { master, slave, pid: forked.pid, path: forked.pty }
    } catch (cause) {
      // The kernel ends the program when its terminal goes.
      if (master !== undefined) closeSync(master)
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new PtySessionError(
        'SPAWN_FAILED',
        `no pty for ${options.command}: ${reason}. Out of processes (ulimit -u), descriptors (ulimit -n), ptys (kernel.pty.max) or memory?`,
        { cause },
      )
    }
  }

  function leaderEnded(code: number, signalNumber: number): void {
    if (life !== 'running') return
    life = 'draining'
    endedAt = ticksNow()
    input.end()
    const exit: PtyExit =
      signalNumber === 0
        ? { code, signal: undefined }
        : { code: undefined, signal: signalName(signalNumber) }
    reader.drain(() => {
      letGo()
      onExit(exit)
      tellExited()
    })
  }

  function letGo(): void {
    life = 'over'
    input.end()
    reader.close()
    releaseMaster(master)
    closeSync(slave)
  }

  return {
    pid,
    identity,
    get backlogBytes() {
      return input.backlogBytes
    },
    write(bytes) {
      if (life === 'running') lines.typed(bytes)
      return input.push(bytes)
    },
    pause: reader.pause,
    resume: reader.resume,
    resize({ cols, rows }) {
      if (life !== 'running' || !reader.open) return
      try {
        native.resize(master, clampSize(cols), clampSize(rows))
      } catch {
        // The program is just ending: nobody is left to see the size.
      }
    },
    signal: program.signal,
    end: program.end,
    close() {
      if (life !== 'over') letGo()
      tellExited()
    },
  }
}

function endedError(cause?: unknown): PtySessionError {
  return new PtySessionError(
    'ENDED',
    'the program has ended, what waited to be typed is dropped',
    cause === undefined ? {} : { cause },
  )
}

function signalName(number: number): string {
  const names = Object.entries(os.signals)
  return names.find(([, each]) => each === number)?.[0] ?? `signal ${number}`
}

function clampSize(cells: number): number {
  return Math.min(Math.max(Math.trunc(cells) || 1, 1), LARGEST_SIZE)
}
