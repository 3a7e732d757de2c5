import { OUTPUT_HEADROOM } from '@conductor/protocol'
import {
  type LogRead,
  type PtySession,
  PtySessionError,
  type SessionEvent,
  type SessionState,
  type TerminalColors,
  type TerminalEvent,
  type TerminalSize,
} from '@conductor/pty-session'

const BLOCK_BYTES = 64 * 1024

/** A `PtySession` whose program is the test. Keeps its whole output in memory. */
export interface FakeSession extends PtySession {
  /** The program writes. */
  prints(output: string | Uint8Array): void
  /** The program tells its terminal something. */
  signals(event: TerminalEvent): void
  exits(code: number | undefined, signal?: string): void
  becomes(state: SessionState): void
  /** The cap drops everything before `offset`. */
  drops(offset: number): void
  /** Whether typed bytes are taken at once (default), or stay where they are. */
  takesInput: boolean
  /** The program takes what has waited. */
  takes(): void
  /** Everything that was typed, in order. */
  readonly typed: Buffer
  readonly sizes: readonly TerminalSize[]
  /** `end` calls, with their grace. */
  readonly ends: readonly (number | undefined)[]
  readonly closed: boolean
  /** What it was told of colours, in order. */
  readonly looks: readonly TerminalColors[]
  /** What a snapshot shows, from now on (default: there are none). */
  shows: string | undefined
}

export function fakeSession(id: string, epoch = `epoch-${id}`): FakeSession {
  const listeners = new Set<(event: SessionEvent) => void>()
  const last = new Map<string, number>()
  const typed: Buffer[] = []
  const sizes: TerminalSize[] = []
  const ends: (number | undefined)[] = []
  const looks: TerminalColors[] = []
  const waiting: (() => void)[] = []
  const blocks = new Map<string, LogRead>()
  let output = Buffer.alloc(0)
  let start = 0
  let size: TerminalSize = { cols: 80, rows: 24 }
  let state: SessionState = { name: 'running' }
  let backlog = 0
  let closed = false

  function tell(event: SessionEvent): void {
    for (const listener of [...listeners]) listener(event)
  }

  function becomes(next: SessionState): void {
    state = next
    tell({ type: 'state', state })
  }

  function read(offset: number): LogRead {
    if (closed) throw new PtySessionError('LOG_CLOSED', `${id} is closed`)
    if (offset < start) return { kind: 'gap', from: offset, to: start }
    if (offset >= output.length) return { kind: 'end' }
    const end = Math.min(output.length, (Math.floor(offset / BLOCK_BYTES) + 1) * BLOCK_BYTES)
    const key = `${offset}-${end}`
    const known = blocks.get(key)
    if (known) return known
    const buffer = Buffer.alloc(OUTPUT_HEADROOM + end - offset)
    output.copy(buffer, OUTPUT_HEADROOM, offset, end)
    const block: LogRead = {
      kind: 'bytes',
      offset,
      buffer,
      start: OUTPUT_HEADROOM,
      end: buffer.length,
      release() {},
    }
    blocks.set(key, block)
    return block
  }

  const session: FakeSession = {
    id,
    pid: 4_000_000,
    identity: { pid: 4_000_000, startTime: '1', bootId: 'test', host: 'test' },
    answers: 'session',
    log: {
      epoch,
      get start() {
        return start
      },
      get end() {
        return output.length
      },
      read,
      close: () => {},
    },
    get size() {
      return size
    },
    get state() {
      return state
    },
    get inputBacklogBytes() {
      return backlog
    },
    input({ clientId, seq, bytes }) {
      if (state.name === 'exited') return Promise.reject(new PtySessionError('ENDED', 'gone'))
      const known = last.get(clientId) ?? 0
      if (seq <= known) return Promise.resolve()
      if (seq !== known + 1)
        return Promise.reject(new PtySessionError('INPUT_GAP', 'a gap', { expected: known + 1 }))
      last.set(clientId, seq)
      typed.push(Buffer.from(bytes))
      if (session.takesInput) return Promise.resolve()
      backlog += bytes.length
      return new Promise((resolve) => {
        waiting.push(() => {
          backlog -= bytes.length
          resolve()
        })
      })
    },
    inputSeq: async (clientId) => last.get(clientId) ?? 0,
    async snapshot() {
      const bytes = session.shows === undefined ? undefined : Buffer.from(session.shows)
      return bytes && { ...size, offset: output.length, exact: true, bytes }
    },
    setColors: (colors) => void looks.push(colors),
    resize(next) {
      size = next
      sizes.push(next)
      tell({ type: 'resized', size })
    },
    signal: () => {},
    async end(options) {
      ends.push(options?.graceMs)
      if (state.name === 'running') session.exits(undefined, 'SIGHUP')
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      closed = true
      listeners.clear()
    },
    prints(text) {
      output = Buffer.concat([output, Buffer.from(text)])
      tell({ type: 'grew' })
    },
    signals: (event) => tell({ type: 'terminal', event }),
    exits(code, signal) {
      becomes({ name: 'exited', exit: { code, signal, offset: output.length } })
    },
    becomes,
    drops(offset) {
      start = offset
      blocks.clear()
    },
    takesInput: true,
    shows: undefined,
    takes() {
      for (const take of waiting.splice(0)) take()
    },
    get typed() {
      return Buffer.concat(typed)
    },
    sizes,
    looks,
    ends,
    get closed() {
      return closed
    },
  }
  return session
}
