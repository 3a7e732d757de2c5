import { PLAIN, type Style } from './ansi.ts'
import { type LogLine, readLine } from './log-line.ts'

/** A line that goes on for longer is cut into several, in characters. */
const LONGEST_LINE = 16_384

/** What was written, as lines, the newest `most`. */
export interface LogBuffer {
  readonly lines: readonly LogLine[]
  /** How many went at the front because there were too many. */
  readonly dropped: number
  /** Where the next byte is to come from; `undefined` before the first. */
  readonly endOffset: number | undefined
  /**
   * Takes what was written at `offset`. What is missing, because it was rotated away, is told in a line of
   * its own; so is a log that begins anew, because another process has the name now.
   */
  append(offset: number, bytes: Uint8Array): void
}

export interface LogBufferOptions {
  /** In lines (default: 100,000). */
  readonly most?: number | undefined
  /** Whether JSON is made readable (default: yes). */
  readonly pretty?: boolean | undefined
}

export function createLogBuffer(options: LogBufferOptions = {}): LogBuffer {
  const { most = 100_000, pretty = true } = options
  let lines: LogLine[] = []
  let dropped = 0
  let nextId = 0
  let endOffset: number | undefined
  let decoder = new TextDecoder()
  let style: Style = PLAIN
  /** The line that has not ended yet: it is shown already, as the last one. */
  let open = ''
  let styleBefore: Style = PLAIN

  function push(raw: string): void {
    const read = readLine(nextId++, raw, style, pretty)
    styleBefore = style
    style = read.after
    lines.push(read.line)
  }

  function takeText(text: string): void {
    // Who has the lines as they were keeps them.
    lines = lines.slice()
    if (open) {
      // It comes again, longer.
      lines.pop()
      nextId--
      style = styleBefore
    }
    const parts = (open + text).split('\n')
    open = parts.pop() ?? ''
    for (const part of parts) for (const piece of cut(overwritten(part))) push(piece)
    while (open.length > LONGEST_LINE) {
      push(open.slice(0, LONGEST_LINE))
      open = open.slice(LONGEST_LINE)
    }
    if (open) push(overwritten(open))
    // In large steps: each one moves all that stay.
    if (lines.length > most * 1.05) {
      dropped += lines.length - most
      lines = lines.slice(-most)
    }
  }

  return {
    get lines() {
      return lines
    },
    get dropped() {
      return dropped
    },
    get endOffset() {
      return endOffset
    },
    append(offset, bytes) {
      const expected = endOffset ?? offset
      if (offset !== expected) {
        const note =
          offset > expected ? `${offset - expected} bytes were rotated away` : 'a new log begins'
        decoder = new TextDecoder()
        takeText(`${open ? '\n' : ''}[${note}]\n`)
      }
      endOffset = offset + bytes.length
      takeText(decoder.decode(bytes, { stream: true }))
    },
  }
}

/** What a carriage return has left of a line, as of a progress bar. */
function overwritten(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line
  return text.slice(text.lastIndexOf('\r') + 1)
}

function cut(line: string): readonly string[] {
  if (line.length <= LONGEST_LINE) return [line]
  return line.match(new RegExp(`.{1,${LONGEST_LINE}}`, 'gs')) ?? [line]
}
