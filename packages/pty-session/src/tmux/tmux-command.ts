import { spawn, spawnSync } from 'node:child_process'
import { type Clock, systemClock } from '@conductor/machine'
import { PtySessionError } from '../pty-session-error.ts'

/** tmux answers in a few milliseconds; one that is stopped does not, and that proves nothing. In milliseconds. */
const ANSWER_WITHIN_MS = 5_000

/** The kernel takes more, but tmux's messages hold 16 KiB: no command of ours comes near. In bytes. */
const LONGEST_COMMAND_BYTES = 12 * 1024

export interface TmuxOptions {
  /** Absolute path of the server's socket; its folder must exist. */
  readonly socket: string
  /** Default: `tmux`, looked up in the PATH. */
  readonly program?: string | undefined
  readonly env: Readonly<Record<string, string>>
  /** How long a command may take, in milliseconds (default: 5,000). Longer means that it cannot be told. */
  readonly answerWithinMs?: number | undefined
  readonly clock?: Clock | undefined
}

/** Commands to one tmux server: ours, on its own socket, which has read nobody's configuration. */
export interface Tmux {
  readonly socket: string
  /** Runs one command, or several with `;` between them. @throws PtySessionError `UNREACHABLE` */
  run(args: readonly string[], input?: Uint8Array): Promise<string>
  /** The same at once. Starts the server where there is none. @throws PtySessionError `SPAWN_FAILED`, `TMUX_MISSING` */
  runNow(args: readonly string[]): string
}

export function createTmux(options: TmuxOptions): Tmux {
  const { socket, program = 'tmux', env, clock = systemClock } = options
  const { answerWithinMs = ANSWER_WITHIN_MS } = options
  // -f: neither ~/.tmux.conf nor /etc/tmux.conf. -u: our own words are UTF-8.
  const before = ['-u', '-f', '/dev/null', '-S', socket]

  return {
    socket,
    run(args, input) {
      return new Promise((resolve, reject) => {
        const child = spawn(program, [...before, ...short(args)], { env, cwd: '/' })
        const out: Buffer[] = []
        const err: Buffer[] = []
        child.stdout.on('data', (chunk) => out.push(chunk))
        child.stderr.on('data', (chunk) => err.push(chunk))
        // It may end before it has read all: its exit tells why.
        child.stdin.on('error', () => {})
        child.stdin.end(input)
        const fail = (why: string, cause?: unknown) => {
          clock.clearTimeout(timer)
          reject(new PtySessionError('UNREACHABLE', `tmux ${args[0]}: ${why}`, { cause }))
        }
        const timer = clock.setTimeout(() => {
          // Its streams were handed on to the server, so that they may stay open without it.
          child.kill('SIGKILL')
          for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
          fail(`no answer within ${answerWithinMs} ms`)
        }, answerWithinMs)
        child.once('error', (cause) => fail(cause.message, cause))
        child.once('close', (code, signal) => {
          clock.clearTimeout(timer)
          if (code === 0) resolve(String(Buffer.concat(out)))
          else if (signal) fail(`it was ended by ${signal}`)
          else fail(String(Buffer.concat(err)).trim())
        })
      })
    },
    runNow(args) {
      const done = spawnSync(program, [...before, ...short(args)], {
        env,
        cwd: '/',
        timeout: answerWithinMs,
        killSignal: 'SIGKILL',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      if (done.error || done.status !== 0) {
        if (done.error && 'code' in done.error && done.error.code === 'ENOENT')
          throw new PtySessionError(
            'TMUX_MISSING',
            `sessions in tmux need tmux, and there is no ${program} in ${env['PATH']}: install it (3.2 or later), or choose another runtime`,
            { cause: done.error },
          )
        const why =
          done.error?.message || String(done.stderr).trim() || `it ended with ${done.signal}`
        throw new PtySessionError('SPAWN_FAILED', `tmux at ${socket}: ${why}`, {
          cause: done.error,
        })
      }
      return String(done.stdout)
    },
  }
}

function short(args: readonly string[]): readonly string[] {
  const bytes = args.reduce((sum, arg) => sum + Buffer.byteLength(arg) + 1, 0)
  if (bytes <= LONGEST_COMMAND_BYTES) return args
  throw new PtySessionError(
    'SPAWN_FAILED',
    `a command of ${bytes} bytes is too long for tmux: use a shorter folder`,
  )
}
