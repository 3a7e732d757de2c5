import { until } from '@conductor/testing'
import { type IPty, spawn } from 'node-pty'
import type { AtTheEnd } from './fake-server.ts'
import { MAIN } from './program.ts'

/** A shell in a terminal of its own, in which the command line runs. */
export interface Terminal {
  readonly pty: IPty
  /** Everything that was written to the terminal. */
  readonly text: string
  /** The same without what the status line draws over it. */
  readonly plain: string
  type(keys: string): void
  /** Resolves once the terminal shows it, after the first `from` characters. */
  shows(what: string | RegExp, from?: number): Promise<void>
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const STATUS_LINE = /\x1b7.*?\x1b8/gs

/** A shell without a prompt, in which `conductor` is the built command line. */
export function terminal(atTheEnd: AtTheEnd, cwd: string): Terminal {
  const pty = spawn(
    'sh',
    ['-c', `conductor() { "$NODE" "$MAIN" "$@"; }; while IFS= read -r line; do eval "$line"; done`],
    {
      ...{ cols: 100, rows: 30, cwd, encoding: null },
      env: {
        ...{ PATH: process.env['PATH'] ?? '', HOME: cwd, TERM: 'xterm-256color' },
        ...{ AI_CONDUCTOR_ADDR: '127.0.0.1:0', NODE: process.execPath, MAIN },
      },
    },
  )
  const pieces: Buffer[] = []
  // Without an encoding it gives bytes, whatever its types say.
  pty.onData((data) => void pieces.push(Buffer.from(data)))
  atTheEnd(() => {
    try {
      pty.kill('SIGKILL')
    } catch {
      // It has ended.
    }
  })
  const read = () => Buffer.concat(pieces).toString()
  return {
    pty,
    get text() {
      return read()
    },
    get plain() {
      return read().replace(STATUS_LINE, '')
    },
    type: (keys) => pty.write(keys),
    async shows(what, from = 0) {
      const isThere = () => {
        const text = read().slice(from)
        return typeof what === 'string' ? text.includes(what) : what.test(text)
      }
      await until(isThere, { timeoutMs: 20_000 }).catch(() => {
        throw new Error(`the terminal does not show ${what}, but: ${JSON.stringify(read())}`)
      })
    },
  }
}
