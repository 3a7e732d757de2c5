import { createRequire } from 'node:module'
import { identifyProcess, identifySelf } from '@conductor/process-identity'
import { PtySessionError } from '../pty-session-error.ts'
import { findProgram } from './find-program.ts'
import type { Pty, PtyOptions } from './options.ts'

/** What is used of node-pty's public API. */
interface NodePty {
  spawn(
    file: string,
    args: readonly string[],
    options: { cols: number; rows: number; cwd: string; env: object; encoding: null },
  ): {
    readonly pid: number
    onData(listener: (data: Buffer | string) => void): unknown
    onExit(listener: (exit: { exitCode: number }) => void): unknown
    write(data: Buffer): void
    pause(): void
    resume(): void
    resize(cols: number, rows: number): void
    kill(): void
  }
}

/**
 * ConPTY through node-pty. **Untested**, and weaker than on Unix: `write` resolves when node-pty has
 * the bytes, output is what ConPTY makes of it, and there are no signals and no grace but the end.
 */
export function openWindowsPty(options: PtyOptions): Pty {
  const { args, cwd, env, cols, rows, onData, onExit } = options
  const file = findProgram(options)
  const terminal = load().spawn(file, args, { cols, rows, cwd, env, encoding: null })
  const { pid } = terminal
  let over = false
  let tellExited = () => {}
  const exited = new Promise<void>((resolve) => {
    tellExited = resolve
  })

  terminal.onData((data) => {
    if (!over) onData(typeof data === 'string' ? Buffer.from(data) : data)
  })
  terminal.onExit(({ exitCode }) => {
    if (!over) onExit({ code: exitCode, signal: undefined })
    over = true
    tellExited()
  })

  return {
    pid,
    identity: identifyProcess(pid) ?? { ...identifySelf(), pid, startTime: '0' },
    backlogBytes: 0,
    async write(bytes) {
      if (over) throw new PtySessionError('ENDED', 'the program has ended')
      terminal.write(Buffer.from(bytes))
    },
    pause: () => terminal.pause(),
    resume: () => terminal.resume(),
    resize(size) {
      if (!over) terminal.resize(size.cols, size.rows)
    },
    signal(signal) {
      if (!over && (signal === 'SIGTERM' || signal === 'SIGKILL')) terminal.kill()
    },
    async end() {
      if (over) return
      terminal.kill()
      await exited
    },
    close() {
      if (!over) terminal.kill()
      over = true
    },
  }
}

function load(): NodePty {
  try {
    return createRequire(import.meta.url)('node-pty')
  } catch (cause) {
    throw new PtySessionError('NATIVE_MISSING', 'node-pty cannot be loaded: install it again', {
      cause,
    })
  }
}
