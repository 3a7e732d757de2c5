import type { VtParser, VtSink, WantedFinals } from './vt-sink.ts'
import {
  CSI_ENTRY,
  CSI_IGNORE,
  DCS_DATA,
  DCS_ENTRY,
  DCS_IGNORE,
  ESCAPE,
  ESCAPE_INTERMEDIATE,
  GROUND,
  nextHeadState,
  nextIn,
  OSC_STRING,
  OTHER_STRING,
} from './vt-states.ts'

/** Parameters and intermediates of a control sequence that are kept; longer ones are passed over. */
const MOST_PARAMETER_BYTES = 256
/** Bytes of an OSC or DCS string that are kept, so that a hostile one costs no more than this. */
const MOST_STRING_BYTES = 8 * 1024
/** Bytes looked at one by one before it pays to have the next control found by memchr. */
const NEAR_BYTES = 48

const BEL = 0x07
const CAN = 0x18
const SUB = 0x1a
const ESC = 0x1b
const DEL = 0x7f
/** The first byte of U+0080 to U+00BF in UTF-8, and of nothing else: C1 controls begin with it. */
const C1_LEAD = 0xc2
const STRING_TERMINATOR = 0x9c

/**
 * The state machine of https://vt100.net/emu/dec_ansi_parser over UTF-8, as xterm.js has it: C1 controls
 * count when they are characters (U+009B), not bytes; a character that is none is not there.
 *
 * Ordinary output is text, and control sequences that are whole and of no interest. Both are passed
 * over in the two loops of `ground`; only what is left goes through the machine, byte by byte.
 */
export function createVtParser(sink: VtSink, wanted: WantedFinals, firstOffset: number): VtParser {
  const head = Buffer.allocUnsafe(MOST_PARAMETER_BYTES)
  let headBytes = 0
  const data = Buffer.allocUnsafe(MOST_STRING_BYTES)
  let dataBytes = 0
  let state = GROUND
  let dcsFinal = 0
  /** Offset of the sequence that is open, and of the first byte of the buffer at hand. */
  let start = firstOffset
  let base = firstOffset
  /** Where the next of each is in the buffer at hand, found once: searching from every stop would be quadratic. */
  let next = -1
  let bell = -1
  let wide = -1
  /** Bytes that the character at hand still lacks, and its first one. */
  let lacking = 0
  let lead = 0

  function begin(next: number, at: number): void {
    state = next
    start = at
    headBytes = 0
    dataBytes = 0
  }

  function toHead(byte: number): void {
    if (headBytes < MOST_PARAMETER_BYTES) head[headBytes] = byte
    headBytes++
  }

  function toData(byte: number): void {
    if (dataBytes < MOST_STRING_BYTES) data[dataBytes] = byte
    dataBytes++
  }

  /** Takes the plain part of a string in one go; returns where it ends. */
  function plainString(bytes: Buffer, from: number): number {
    let at = from
    for (let byte = 0x20; at < bytes.length && byte >= 0x20 && byte < DEL; ) byte = bytes[++at] ?? 0
    if (state !== OTHER_STRING && dataBytes < MOST_STRING_BYTES)
      bytes.copy(data, dataBytes, from, at)
    dataBytes += at - from
    return at
  }

  const kept = (): Buffer => data.subarray(0, Math.min(dataBytes, MOST_STRING_BYTES))

  /** The string that is open, if any, is complete. */
  function endString(end: number): void {
    if (state === OSC_STRING) sink.osc(kept(), dataBytes, start, end)
    if (state === DCS_DATA && headBytes <= MOST_PARAMETER_BYTES)
      sink.dcs(head.subarray(0, headBytes), dcsFinal, kept(), dataBytes, start, end)
  }

  /** A byte below 0x80 in any state but ground. */
  function step(byte: number, at: number): void {
    if (byte === ESC) {
      endString(at + 1)
      begin(ESCAPE, at)
      return
    }
    if (byte === CAN || byte === SUB) {
      state = GROUND
      return
    }
    switch (state) {
      case OSC_STRING:
        if (byte === BEL) {
          endString(at + 1)
          state = GROUND
        } else if (byte >= 0x20) toData(byte)
        return
      case DCS_DATA:
        if (byte !== DEL) toData(byte)
        return
      case DCS_IGNORE:
      case OTHER_STRING:
        return
    }
    if (byte === DEL) return
    if (byte < 0x20) {
      if (byte === BEL && state < OSC_STRING) sink.bell(at, at + 1)
      return
    }
    switch (state) {
      case ESCAPE:
        afterEscape(byte)
        return
      case ESCAPE_INTERMEDIATE:
        if (byte < 0x30) toHead(byte)
        else dispatchEscape(byte)
        return
    }
    if (state <= CSI_IGNORE) {
      if (byte >= 0x40) {
        const whole = state !== CSI_IGNORE && headBytes <= MOST_PARAMETER_BYTES
        state = GROUND
        if (whole && wanted[byte]) sink.csi(head, 0, headBytes, byte, start, at + 1)
      } else {
        toHead(byte)
        if (state !== CSI_IGNORE) state = nextHeadState(state - CSI_ENTRY, byte) + CSI_ENTRY
      }
      return
    } else if (byte >= 0x40) {
      dcsFinal = byte
      state = DCS_DATA
    } else {
      toHead(byte)
      state = nextHeadState(state - DCS_ENTRY, byte) + DCS_ENTRY
    }
  }

  function afterEscape(byte: number): void {
    if (byte < 0x30) {
      toHead(byte)
      state = ESCAPE_INTERMEDIATE
    } else if (byte === 0x5b) begin(CSI_ENTRY, start)
    else if (byte === 0x5d) begin(OSC_STRING, start)
    else if (byte === 0x50) begin(DCS_ENTRY, start)
    else if (byte === 0x58 || byte === 0x5e || byte === 0x5f) begin(OTHER_STRING, start)
    else dispatchEscape(byte)
  }

  function dispatchEscape(final: number): void {
    const intermediate = headBytes === 0 ? 0 : headBytes === 1 ? (head[0] ?? 0) : -1
    state = GROUND
    if (intermediate !== -1) sink.esc(intermediate, final)
  }

  /** A C1 control, which is a character of two bytes: `at` is the first one's offset. */
  function c1(code: number, at: number): void {
    if (code === STRING_TERMINATOR) {
      endString(at + 2)
      state = GROUND
    } else if (code === 0x9b) begin(CSI_ENTRY, at)
    else if (code === 0x9d) begin(OSC_STRING, at)
    else if (code === 0x90) begin(DCS_ENTRY, at)
    else if (code === 0x98 || code === 0x9e || code === 0x9f) begin(OTHER_STRING, at)
    else state = GROUND
  }

  /** A byte of 0x80 and more in any state but ground. */
  function stepWide(byte: number, at: number): void {
    if (byte >= 0xc0) {
      lacking = byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
      lead = byte
    } else if (lacking > 0) {
      lacking--
      if (lead === C1_LEAD && byte < 0xa0) {
        if (state === OSC_STRING || state === DCS_DATA) dataBytes--
        c1(byte, at - 1)
        return
      }
      if (lacking === 0) character()
    } else return
    if (state === OSC_STRING || state === DCS_DATA) toData(byte)
  }

  /** A whole character that is not ASCII ends what has no room for one. */
  function character(): void {
    if (state !== OSC_STRING && state !== DCS_DATA && state !== DCS_IGNORE && state !== CSI_IGNORE)
      state = GROUND
  }

  /** Passes over text and whole sequences; returns where it stopped: at the end, or out of ground. */
  function ground(bytes: Buffer, from: number): number {
    const { length } = bytes
    let at = from
    for (;;) {
      const near = Math.min(at + NEAR_BYTES, length)
      let byte = 0
      while (at < near) {
        byte = bytes[at] ?? 0
        if (byte === ESC || byte === BEL || byte === C1_LEAD) break
        at++
      }
      if (at === near) {
        if (at === length) return at
        if (next < at) next = nextIn(bytes, ESC, at)
        if (bell < at) bell = nextIn(bytes, BEL, at)
        if (wide < at) wide = nextIn(bytes, C1_LEAD, at)
        at = Math.min(next, bell, wide)
        if (at === length) return at
        byte = bytes[at] ?? 0
      }
      if (byte === ESC) {
        if (bytes[at + 1] !== 0x5b) {
          begin(ESCAPE, base + at)
          return at + 1
        }
        let end = at + 2
        let code = 0
        while (end < length) {
          code = bytes[end] ?? 0
          if (code < 0x20 || code > 0x3f) break
          end++
        }
        if (end === length || code < 0x40 || code >= DEL) {
          begin(ESCAPE, base + at)
          return at + 1
        }
        if (wanted[code] && end - at - 2 <= MOST_PARAMETER_BYTES)
          sink.csi(bytes, at + 2, end, code, base + at, base + end + 1)
        at = end + 1
      } else if (byte === BEL) {
        sink.bell(base + at, base + at + 1)
        at++
      } else if (at + 1 === length) {
        lead = C1_LEAD
        lacking = 1
        return length
      } else {
        const code = bytes[at + 1] ?? 0
        if (code >= 0x80 && code < 0xa0) c1(code, base + at)
        at += code >= 0x80 && code < 0xc0 ? 2 : 1
        if (state !== GROUND) return at
      }
    }
  }

  function parse(bytes: Buffer): void {
    const { length } = bytes
    let at = 0
    next = bell = wide = -1
    if (state === GROUND && lacking > 0 && length > 0) {
      const byte = bytes[0] ?? 0
      lacking = 0
      if (byte >= 0x80 && byte < 0xa0) c1(byte, base - 1)
      if (byte >= 0x80 && byte < 0xc0) at = 1
    }
    while (at < length) {
      if (state === GROUND) {
        lacking = 0
        at = ground(bytes, at)
      } else {
        const byte = bytes[at] ?? 0
        if (byte >= 0x80) stepWide(byte, base + at++)
        else {
          lacking = 0
          const isPlain = byte >= 0x20 && byte < DEL
          if (isPlain && (state === OSC_STRING || state >= DCS_DATA)) at = plainString(bytes, at)
          else step(byte, base + at++)
        }
      }
    }
    base += length
  }

  return {
    get offset() {
      return base
    },
    get openAt() {
      return state === GROUND ? undefined : start
    },
    parse,
  }
}
