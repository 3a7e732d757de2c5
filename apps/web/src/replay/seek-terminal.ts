import type { TerminalSize } from '@conductor/session-client'
import { createTerminalState, type TerminalState } from '@conductor/terminal-state'
import type { ReplayEvent } from './recording.ts'

/** Lines above the screen, in keyframes and in what is shown. */
export const SCROLLBACK_LINES = 1_000

/** A terminal that reads a recording, whose offsets are the recording's. */
export interface SeekTerminal {
  /** Where the next character begins. */
  readonly offset: number
  readonly timeMs: number
  read(event: ReplayEvent): void
  /** Reads the part of an output event before `offset`. */
  readUntil(event: ReplayEvent & { readonly type: 'output' }, offset: number): void
  /** The next event stands at `offset`: so what was read ends before it. */
  settle(offset: number): void
  snapshot(): TerminalSize & { readonly bytes: Uint8Array }
  close(): void
}

export interface SeekTerminalOptions {
  readonly size: TerminalSize
  readonly offset: number
  readonly timeMs: number
  /** What it begins with. */
  readonly bytes?: Uint8Array | undefined
}

/** What no UTF-8 became: how long that was is not known. */
const REPLACED = '\ufffd'

/** Of a character that an event has cut, the next one has the whole: it begins up to so many bytes earlier. */
const MOST_CUT_BYTES = 3

const NOTHING = new Uint8Array(0)
const encoder = new TextEncoder()

export async function createSeekTerminal(options: SeekTerminalOptions): Promise<SeekTerminal> {
  const { size, bytes: prelude = NOTHING } = options
  let { offset, timeMs } = options
  const place = { offset, prelude, pending: NOTHING }
  const scrollback = SCROLLBACK_LINES
  const terminal: TerminalState = await createTerminalState({ ...size, scrollback, place })

  let isUnsure = false

  function take(event: ReplayEvent & { readonly type: 'output' }, end: number): void {
    const cutBytes = event.offset - offset
    const from = !isUnsure && cutBytes > 0 && cutBytes <= MOST_CUT_BYTES ? offset : event.offset
    const bytes = encoder.encode(event.text).subarray(0, Math.max(end - from, 0))
    feed(bytes)
    offset = from + bytes.length
    isUnsure = event.text.includes(REPLACED)
    timeMs = Math.max(event.timeMs, timeMs)
  }

  function feed(bytes: Uint8Array): void {
    let rest = bytes
    while (rest.length > 0) rest = rest.subarray(terminal.feed(rest))
  }

  return {
    get offset() {
      return offset
    },
    get timeMs() {
      return timeMs
    },
    read(event) {
      if (event.type === 'output') take(event, Number.POSITIVE_INFINITY)
      if (event.type === 'resize') terminal.resize(terminal.offset, event)
      timeMs = Math.max(event.timeMs, timeMs)
    },
    readUntil: take,
    settle(next) {
      if (isUnsure) offset = next
    },
    snapshot: () => ({
      ...terminal.size,
      bytes: terminal.snapshot({ scrollbackLines: SCROLLBACK_LINES }).bytes,
    }),
    close: () => terminal.close(),
  }
}
