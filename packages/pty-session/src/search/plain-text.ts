import { isContinuation } from './utf8.ts'

/** What a piece of output says, without its escape sequences, and where each byte of it came from. */
export interface PlainText {
  /** Only `0` to `length` counts. Serves the next call of `strip`. */
  readonly bytes: Buffer
  readonly length: number
  /** Where in the raw bytes the byte at `index` lies. */
  placeOf(index: number): number
}

export interface PlainTexts {
  /**
   * Lines end with LF; a carriage return between two states of one line stays as CR. What moves the
   * cursor to another line counts as LF, a move to the right as a space, and what is wiped out by a
   * move to the left is left out. Other sequences and control characters are left out.
   *
   * A sequence never goes beyond its line: one that nobody ended hides no more than that.
   */
  strip(raw: Uint8Array, start: number, end: number): PlainText
}

const BACKSPACE = 0x08
const TAB = 0x09
const LF = 0x0a
const VERTICAL_TAB = 0x0b
const FORM_FEED = 0x0c
const CR = 0x0d
const CANCEL = 0x18
const SUBSTITUTE = 0x1a
const ESC = 0x1b
const SPACE = 0x20
const DELETE = 0x7f
const BELL = 0x07

/** Final bytes, as they stand in xterm's list. @see https://invisible-island.net/xterm/ctlseqs/ctlseqs.html */
const OTHER_LINE_CSI = finals('ABEFHLMSTdfru')
const OTHER_LINE_ESC = finals('8DEMc')
const STRING_OPENERS = finals(']PX^_')
const CSI = 0x5b
const RIGHT = 0x43
const LEFT = 0x44
const COLUMN = 0x47
const COLUMN_TOO = 0x60

/** @param mostBytes No piece is longer. Twice as much is held, and room for where it came from. */
export function createPlainTexts(mostBytes: number): PlainTexts {
  const bytes = Buffer.allocUnsafeSlow(mostBytes)
  // From `marks[i]` on, raw place = index + `shifts[i]`. There is at most one for each byte.
  const marks = new Int32Array(mostBytes + 1)
  const shifts = new Int32Array(mostBytes + 1)
  let raw: Uint8Array = bytes
  let end = 0
  let length = 0
  let markCount = 0
  let shift = Number.NaN

  function put(byte: number, place: number): void {
    if (place - length !== shift) {
      shift = place - length
      marks[markCount] = length
      shifts[markCount++] = shift
    }
    bytes[length++] = byte
  }

  /**
   * Takes all there is from `at` on that is text, and returns the place behind it. Nearly every byte
   * comes by here: what it works with are variables of its own.
   */
  function putText(from: Uint8Array, at: number, to: number): number {
    let place = at
    while (place < to) {
      const byte = from[place] as number
      if (byte < SPACE || byte === DELETE) break
      place++
    }
    if (place === at) return at
    put(from[at] as number, at)
    const target = bytes
    let index = length
    for (let each = at + 1; each < place; each++) target[index++] = from[each] as number
    length = index
    return place
  }

  /** Takes the last character of the line back. */
  function back(): boolean {
    const last = bytes[length - 1]
    if (length === 0 || last === LF || last === CR) return false
    do length--
    while (length > 0 && isContinuation(bytes[length] ?? 0))
    while (markCount > 0 && (marks[markCount - 1] ?? 0) >= length) markCount--
    shift = Number.NaN
    return true
  }

  /** Returns the place behind the sequence that begins with ESC at `at`. */
  function sequence(at: number): number {
    const next = at + 1 < end ? (raw[at + 1] ?? 0) : LF
    if (next === CSI) return controlSequence(at)
    if (STRING_OPENERS[next]) return string(at + 2)
    let place = at + 1
    // Designations of character sets and the like have bytes between.
    while (place < end && isBetween(raw[place] ?? 0)) place++
    const final = place < end ? (raw[place] ?? 0) : LF
    if (final < 0x30 || final > 0x7e) return place
    if (OTHER_LINE_ESC[final]) put(LF, at)
    return place + 1
  }

  function controlSequence(at: number): number {
    let number = 0
    let isFirst = true
    for (let place = at + 2; place < end; place++) {
      const byte = raw[place] ?? 0
      if (byte >= 0x30 && byte <= 0x39) {
        if (isFirst) number = Math.min(number * 10 + byte - 0x30, 10_000)
      } else if (byte >= 0x40 && byte <= 0x7e) {
        move(byte, Math.max(number, 1), at)
        return place + 1
      } else if (byte === CANCEL || byte === SUBSTITUTE) return place + 1
      else if (byte === LF || byte === ESC || byte > 0x7e) return place
      else if (byte >= SPACE) isFirst = false
    }
    return end
  }

  function move(final: number, count: number, at: number): void {
    if (OTHER_LINE_CSI[final]) put(LF, at)
    else if (final === RIGHT) put(SPACE, at)
    else if (final === COLUMN || final === COLUMN_TOO) put(count === 1 ? CR : SPACE, at)
    else if (final === LEFT) for (let i = 0; i < count && back(); i++);
  }

  function string(from: number): number {
    for (let place = from; place < end; place++) {
      const byte = raw[place] ?? 0
      if (byte === BELL || byte === CANCEL || byte === SUBSTITUTE) return place + 1
      // The ESC of its end, or of the next sequence, which ends it as well.
      if (byte === LF || byte === ESC) return place
    }
    return end
  }

  /** Returns the place behind what is at `at`. */
  function control(byte: number, at: number): number {
    switch (byte) {
      case ESC:
        return sequence(at)
      case TAB:
        put(TAB, at)
        break
      case LF:
      case VERTICAL_TAB:
      case FORM_FEED:
        put(LF, at)
        break
      case CR: {
        let next = at + 1
        while (next < end && raw[next] === CR) next++
        // At the end of a line it wipes nothing out.
        if (next < end && raw[next] !== LF) put(CR, at)
        return next
      }
      case BACKSPACE:
        back()
        break
    }
    return at + 1
  }

  function placeOf(index: number): number {
    let low = 0
    for (let high = markCount - 1; low < high; ) {
      const middle = (low + high + 1) >> 1
      if ((marks[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return index + (shifts[low] ?? 0)
  }

  return {
    strip(from, start, to) {
      raw = from
      end = to
      length = 0
      markCount = 0
      shift = Number.NaN
      for (let at = start; at < end; ) {
        at = putText(from, at, to)
        if (at < end) at = control(from[at] ?? 0, at)
      }
      return { bytes, length, placeOf }
    },
  }
}

function isBetween(byte: number): boolean {
  return byte >= SPACE && byte < 0x30
}

function finals(characters: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}
