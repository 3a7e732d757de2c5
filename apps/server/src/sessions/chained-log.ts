import { OUTPUT_HEADROOM } from '@conductor/protocol'
import type { LogBlock, LogRead, LogReader, PtySession } from '@conductor/pty-session'

/**
 * Stands between two programs. The first may have left the terminal in any state: no attributes, no
 * margins, the normal screen, no mouse, no pastes, a visible cursor; then a line of its own below all
 * that is there (`?1047l` and not `?1049l`, which would move the cursor to where it once was).
 *
 * @see https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
export const RESTART_MARK: Buffer = Buffer.from(
  '\u001b[!p\u001b[?1047l\u001b[?1000;1002;1003;1006;2004l\u001b[?25h\u001b[0m\u001b[999;1H\r\n' +
    '\u001b[2m[started again]\u001b[0m\r\n',
)

/**
 * The history of a session over all its programs: the logs of those that are gone, a mark after each,
 * and the log of the one that runs. It has the epoch of that one, so whoever saw only an
 * earlier one begins again.
 *
 * Once the cap has dropped bytes of the present log, nothing older counts any more.
 */
export function chainLogs(earlier: readonly LogReader[], current: LogReader): LogReader {
  let base = 0
  const parts = earlier.map((log) => {
    const part = { log, base, end: base + log.end }
    base = part.end + RESTART_MARK.length
    return part
  })
  const moved = new WeakMap<LogBlock, LogBlock>()

  /** Always the same object for the same block: viewers share it. */
  function move(read: LogRead, by: number): LogRead {
    if (by === 0 || read.kind === 'end') return read
    if (read.kind === 'gap') return { kind: 'gap', from: read.from + by, to: read.to + by }
    const known = moved.get(read)
    if (known) return known
    const block: LogBlock = { ...read, offset: read.offset + by, release: () => read.release() }
    moved.set(read, block)
    return block
  }

  function start(): number {
    if (current.start > 0) return base + current.start
    const first = parts[0]
    return first ? first.base + first.log.start : base
  }

  return {
    epoch: current.epoch,
    get start() {
      return start()
    },
    get end() {
      return base + current.end
    },
    read(offset) {
      if (offset >= base) return move(current.read(offset - base), base)
      const from = start()
      if (offset < from) return { kind: 'gap', from: offset, to: from }
      for (const part of parts) {
        if (offset < part.end) return move(part.log.read(offset - part.base), part.base)
        if (offset < part.end + RESTART_MARK.length) return markBlock(part.end, offset)
      }
      return { kind: 'end' }
    },
    close() {
      for (const { log } of parts) log.close()
      current.close()
    },
  }
}

function markBlock(at: number, offset: number): LogBlock {
  const buffer = Buffer.alloc(OUTPUT_HEADROOM + RESTART_MARK.length)
  RESTART_MARK.copy(buffer, OUTPUT_HEADROOM)
  const start = OUTPUT_HEADROOM + offset - at
  return { kind: 'bytes', offset, buffer, start, end: buffer.length, release() {} }
}

/** The same session, with the history of the programs before it. */
export function withHistory(session: PtySession, earlier: readonly LogReader[]): PtySession {
  if (earlier.length === 0) return session
  const log = chainLogs(earlier, session.log)
  const base = log.end - session.log.end

  function shifted(state: PtySession['state']): PtySession['state'] {
    if (state.name !== 'exited') return state
    return { name: 'exited', exit: { ...state.exit, offset: state.exit.offset + base } }
  }

  return {
    id: session.id,
    pid: session.pid,
    identity: session.identity,
    answers: session.answers,
    log,
    get size() {
      return session.size
    },
    get state() {
      return shifted(session.state)
    },
    get inputBacklogBytes() {
      return session.inputBacklogBytes
    },
    input: (input) => session.input(input),
    inputSeq: (clientId) => session.inputSeq(clientId),
    async snapshot(options) {
      const snapshot = await session.snapshot(options)
      return snapshot && { ...snapshot, offset: snapshot.offset + base }
    },
    setColors: (colors) => session.setColors(colors),
    resize: (size) => session.resize(size),
    signal: (signal) => session.signal(signal),
    end: (options) => session.end(options),
    subscribe: (listener) =>
      session.subscribe((event) =>
        listener(event.type === 'state' ? { type: 'state', state: shifted(event.state) } : event),
      ),
    close() {
      log.close()
      session.close()
    },
  }
}
