import { type ByteReader, createReader } from './bytes.ts'
import { FIRST_OPTIONAL_CODE } from './frame-codes.ts'
import { MAX_FRAME_BYTES } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

/** The code of a frame, and a reader that stands behind it. */
export function open(bytes: Uint8Array): { readonly code: number; readonly r: ByteReader } {
  if (bytes.length > MAX_FRAME_BYTES)
    throw new ProtocolError('TOO_LARGE', `${bytes.length} bytes are over ${MAX_FRAME_BYTES}`)
  const r = createReader(bytes)
  return { code: r.u8(), r }
}

/** The value that has this number on the wire. */
export function pick<T>(from: readonly T[], index: number, field: string): T {
  const value = from[index]
  if (value === undefined) throw new ProtocolError('MALFORMED', `${field} has no value ${index}`)
  return value
}

/** What becomes of a code that this version does not know. */
export function unknown(code: number): { readonly type: 'unknown'; readonly code: number } {
  if (code < FIRST_OPTIONAL_CODE)
    throw new ProtocolError('UNKNOWN_TYPE', `no frame has the type 0x${code.toString(16)}`)
  return { type: 'unknown', code }
}
