import type {
  LogBlock,
  LogRead,
  PtySession,
  SessionEvent,
  SessionState,
  TerminalSize,
  ViewerSink,
} from '../types.ts'

const BLOCK_BYTES = 64 * 1024

/** For tests: the byte at `offset` of any fake session's output. */
export const byteAt = (offset: number): number => (offset * 31 + (offset >> 8)) & 0xff

/** For tests: a session without a pty, whose log is made up as it is read. */
export interface FakeSession extends PtySession {
  /** Sizes that were asked for, in order. */
  readonly resizes: readonly TerminalSize[]
  readonly listeners: number
  /** Reads fail with this while it is set. */
  readError: Error | undefined
  grow(byBytes: number): void
  /** The cap drops everything below `start`. */
  evict(start: number): void
  become(state: SessionState): void
  tell(event: SessionEvent): void
  /** As an exit of the program: the final offset is the log's end. */
  exitNow(code: number): void
}

/** @param options.hosted A host takes its time to resize: it is done by `resized` events of the test. */
export function fakeSession(options: { readonly hosted?: boolean } = {}): FakeSession {
  const listeners = new Set<(event: SessionEvent) => void>()
  const resizes: TerminalSize[] = []
  let start = 0
  let end = 0
  let size: TerminalSize = { cols: 80, rows: 24 }
  let state: SessionState = { name: 'running' }
  const never = () => {
    throw new Error('not part of this fake')
  }

  function read(offset: number): LogRead {
    if (session.readError) throw session.readError
    if (offset < start) return { kind: 'gap', from: offset, to: start }
    if (offset >= end) return { kind: 'end' }
    const length = Math.min(end, (Math.floor(offset / BLOCK_BYTES) + 1) * BLOCK_BYTES) - offset
    const buffer = Buffer.alloc(length + 17)
    for (let i = 0; i < length; i++) buffer[i + 17] = byteAt(offset + i)
    return { kind: 'bytes', offset, buffer, start: 17, end: 17 + length, release() {} }
  }

  function tell(event: SessionEvent): void {
    if (event.type === 'resized') size = event.size
    for (const listener of listeners) listener(event)
  }

  function become(next: SessionState): void {
    state = next
    tell({ type: 'state', state })
  }

  const session: FakeSession = {
    id: 's1',
    pid: 1,
    get identity() {
      return never()
    },
    answers: 'viewer',
    snapshot: async () => undefined,
    setColors: never,
    log: {
      epoch: 'e1',
      get start() {
        return start
      },
      get end() {
        return end
      },
      read,
      close() {},
    },
    get size() {
      return size
    },
    get state() {
      return state
    },
    inputBacklogBytes: 0,
    input: never,
    inputSeq: never,
    signal: never,
    end: never,
    resize(next) {
      resizes.push(next)
      if (!options.hosted) tell({ type: 'resized', size: next })
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {},
    resizes,
    get listeners() {
      return listeners.size
    },
    readError: undefined,
    grow(byBytes) {
      end += byBytes
      tell({ type: 'grew' })
    },
    evict(to) {
      start = Math.min(Math.max(start, to), end)
    },
    become,
    tell,
    exitNow(code) {
      become({ name: 'exited', exit: { code, signal: undefined, offset: end } })
    },
  }
  return session
}

/** For tests: a sink that checks every block and remembers the rest as words. */
export interface FakeSink extends ViewerSink {
  /** Everything but output, in order, as in `gap 0 100` or `exit 0`. */
  readonly said: readonly string[]
  /** The first offset that was neither given nor reported as dropped. */
  readonly next: number
  /** Bytes given, in all. */
  readonly bytes: number
  readonly blocks: number
  /** What `output` answers (default: `true`). */
  takes: (block: LogBlock) => boolean
}

export function fakeSink(from = 0): FakeSink {
  const said: string[] = []
  let next = from
  let bytes = 0
  let blocks = 0

  const sink: FakeSink = {
    said,
    get next() {
      return next
    },
    get bytes() {
      return bytes
    },
    get blocks() {
      return blocks
    },
    takes: () => true,
    output(block) {
      if (said.some((each) => /^(?:exit|lost)/.test(each))) throw new Error('output after the end')
      if (block.offset !== next) throw new Error(`output of ${block.offset}, not of ${next}`)
      for (let at = block.start; at < block.end; at++)
        if (block.buffer[at] !== byteAt(next++)) throw new Error(`wrong byte at ${next - 1}`)
      bytes += block.end - block.start
      blocks++
      return sink.takes(block)
    },
    gap(gapFrom, to) {
      if (gapFrom !== next || to <= gapFrom) throw new Error(`gap ${gapFrom} ${to} at ${next}`)
      next = to
      said.push(`gap ${gapFrom} ${to}`)
    },
    size: (size, owner) => void said.push(`size ${size.cols}x${size.rows} ${owner}`),
    state: (state) => void said.push(`state ${state.name}`),
    notice: (code) => void said.push(`notice ${code}`),
    exit: (exit) => void said.push(`exit ${exit.code}`),
    lost: (reason) => void said.push(`lost ${reason}`),
  }
  return sink
}

/** For tests: turns of the event loop that come when the test says so. */
export interface FakeTurns {
  readonly nextTurn: (callback: () => void) => void
  /** Lets one turn pass. `false` when nobody was waiting for it. */
  pass(): boolean
  /** Lets turns pass until nobody waits. */
  settle(): void
}

export function fakeTurns(): FakeTurns {
  let waiting: (() => void)[] = []

  function pass(): boolean {
    const now = waiting
    waiting = []
    for (const callback of now) callback()
    return now.length > 0
  }

  return {
    nextTurn: (callback) => void waiting.push(callback),
    pass,
    settle() {
      while (pass());
    },
  }
}
