import { ProtocolError } from './protocol-error.ts'

/** The longest text of any frame, in bytes of UTF-8. No reader allocates more for one. */
export const MAX_TEXT_BYTES = 1024

/** 2^53 - 1 in groups of seven bits. */
const MAX_VARINT_BYTES = 8

const encoder = new TextEncoder()
// Not fatal: a text is for people, and a wrong byte in it must not end a connection.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Reads fields one after the other, and throws `TRUNCATED` or `MALFORMED`, never anything else. */
export interface ByteReader {
  u8(): number
  /** An unsigned LEB128 number of at most 2^53 - 1. */
  varint(): number
  /** A varint length, then that many bytes of UTF-8. */
  text(): string
  /** Everything that is left: a view on the frame, not a copy. */
  rest(): Uint8Array
  /** Whether a field follows, for those that were appended later. */
  hasMore(): boolean
}

export function createReader(bytes: Uint8Array, start = 0): ByteReader {
  let at = start

  function u8(): number {
    const value = bytes[at]
    if (value === undefined) throw new ProtocolError('TRUNCATED', `the frame ends at byte ${at}`)
    at++
    return value
  }

  function varint(): number {
    let value = 0
    let scale = 1
    for (let read = 0; read < MAX_VARINT_BYTES; read++) {
      const byte = u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
      scale *= 0x80
    }
    throw new ProtocolError('MALFORMED', `the number at byte ${at} is over 2^53 - 1`)
  }

  function text(): string {
    const length = varint()
    if (length > MAX_TEXT_BYTES)
      throw new ProtocolError('MALFORMED', `a text of ${length} bytes is over ${MAX_TEXT_BYTES}`)
    if (at + length > bytes.length)
      throw new ProtocolError('TRUNCATED', `a text of ${length} bytes runs over the frame's end`)
    at += length
    return decoder.decode(bytes.subarray(at - length, at))
  }

  function rest(): Uint8Array {
    const left = bytes.subarray(at)
    at = bytes.length
    return left
  }

  function hasMore(): boolean {
    return at < bytes.length
  }

  return { u8, varint, text, rest, hasMore }
}

/** Appends fields one after the other. `finish` returns the bytes; the writer is then spent. */
export interface ByteWriter {
  u8(value: number): ByteWriter
  varint(value: number): ByteWriter
  /** Cut at a character's end when longer than {@link MAX_TEXT_BYTES}. */
  text(value: string): ByteWriter
  bytes(value: Uint8Array): ByteWriter
  finish(): Uint8Array
}

export function createWriter(sizeHintBytes = 64): ByteWriter {
  let buffer = new Uint8Array(sizeHintBytes)
  let used = 0

  function reserve(extra: number): void {
    if (used + extra <= buffer.length) return
    const larger = new Uint8Array(Math.max(buffer.length * 2, used + extra))
    larger.set(buffer.subarray(0, used))
    buffer = larger
  }

  const writer: ByteWriter = {
    u8(value) {
      reserve(1)
      buffer[used++] = value
      return writer
    },
    varint(value) {
      reserve(MAX_VARINT_BYTES)
      used = writeVarint(buffer, used, value)
      return writer
    },
    text(value) {
      const utf8 = encoder.encode(value)
      let end = Math.min(utf8.length, MAX_TEXT_BYTES)
      while (end < utf8.length && ((utf8[end] ?? 0) & 0xc0) === 0x80) end--
      return writer.varint(end).bytes(utf8.subarray(0, end))
    },
    bytes(value) {
      reserve(value.length)
      buffer.set(value, used)
      used += value.length
      return writer
    },
    finish: () => buffer.subarray(0, used),
  }
  return writer
}

/** How many bytes `value` takes as a varint. */
export function varintLength(value: number): number {
  let length = 1
  for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) length++
  return length
}

/** Writes `value` at `at` and returns the place behind it. Multiplies, because shifts end at 32 bits. */
export function writeVarint(buffer: Uint8Array, at: number, value: number): number {
  if (!(Number.isSafeInteger(value) && value >= 0))
    throw new ProtocolError('MALFORMED', `${value} is not a whole number from 0 to 2^53 - 1`)
  let left = value
  let end = at
  while (left >= 0x80) {
    buffer[end++] = (left % 0x80) | 0x80
    left = Math.floor(left / 0x80)
  }
  buffer[end++] = left
  return end
}
