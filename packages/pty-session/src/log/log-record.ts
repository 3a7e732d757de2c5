import { crc32 } from 'node:zlib'
import type { TerminalSize } from '../types.ts'

/**
 * One entry of a log's index. `offset` is the length of the output when it happened (for `output`:
 * before it), `timeMs` the date, in milliseconds since 1970.
 */
export type LogRecord =
  | {
      readonly type: 'output'
      readonly offset: number
      readonly timeMs: number
      readonly length: number
      /** Of the bytes that this record vouches for. */
      readonly crc32: number
    }
  | {
      readonly type: 'resize'
      readonly offset: number
      readonly timeMs: number
      readonly size: TerminalSize
    }
  | {
      readonly type: 'input'
      readonly offset: number
      readonly timeMs: number
      /** The CRC-32 of the client's id: enough to tell clients apart. What was typed is not kept. */
      readonly clientCrc32: number
      readonly seq: number
      readonly length: number
    }
  | {
      readonly type: 'exit'
      readonly offset: number
      readonly timeMs: number
      readonly code: number | undefined
      readonly signal: string | undefined
    }

/**
 * All records are 32 bytes, little-endian, so that a torn one is told by its place and its checksum:
 *
 *     0  u8   type           2  u48  offset        14  14 bytes that the type decides
 *     1  u8   exit's kind    8  u48  timeMs        28  u32  CRC-32 of the 28 bytes before
 *
 *     output   14 u32 length   18 u32 CRC-32 of the payload
 *     resize   14 u16 cols     16 u16 rows
 *     input    14 u32 length   18 u32 CRC-32 of the client's id   22 u48 seq
 *     exit     14 f64 code (kind 1), or 14 characters of the signal's name (kind 2)
 */
export const RECORD_BYTES = 32

export const RecordCode = { output: 1, resize: 2, input: 3, exit: 4 } as const
const ExitKind = { unknown: 0, code: 1, signal: 2 } as const

const BODY = 14
const BODY_BYTES = 14
const CHECK = BODY + BODY_BYTES

// Every record is encoded in the same 32 bytes, which are written before the next one is.
const record: Buffer = Buffer.alloc(RECORD_BYTES)
const checked = record.subarray(0, CHECK)

/** Each returns the same buffer: write it before encoding the next. */
export function encodeOutput(
  offset: number,
  timeMs: number,
  length: number,
  payloadCrc32: number,
): Buffer {
  begin(RecordCode.output, offset, timeMs)
  record.writeUInt32LE(length, BODY)
  record.writeUInt32LE(payloadCrc32, BODY + 4)
  return seal()
}

export function encodeResize(offset: number, timeMs: number, size: TerminalSize): Buffer {
  begin(RecordCode.resize, offset, timeMs)
  record.writeUInt16LE(size.cols, BODY)
  record.writeUInt16LE(size.rows, BODY + 2)
  return seal()
}

export function encodeInput(
  offset: number,
  timeMs: number,
  input: { readonly clientId: string; readonly seq: number; readonly length: number },
): Buffer {
  begin(RecordCode.input, offset, timeMs)
  record.writeUInt32LE(input.length, BODY)
  record.writeUInt32LE(crc32(input.clientId), BODY + 4)
  record.writeUIntLE(input.seq, BODY + 8, 6)
  return seal()
}

export function encodeExit(
  offset: number,
  timeMs: number,
  exit: { readonly code: number | undefined; readonly signal: string | undefined },
): Buffer {
  begin(RecordCode.exit, offset, timeMs)
  if (exit.signal !== undefined) {
    record[1] = ExitKind.signal
    record.write(exit.signal, BODY, BODY_BYTES, 'latin1')
  } else if (exit.code !== undefined) {
    record[1] = ExitKind.code
    record.writeDoubleLE(exit.code, BODY)
  }
  return seal()
}

/** The record at `at`, or `undefined` when there is no whole and good one. */
export function decodeRecord(bytes: Buffer, at: number): LogRecord | undefined {
  if (at + RECORD_BYTES > bytes.length) return undefined
  if (crc32(bytes.subarray(at, at + CHECK)) !== bytes.readUInt32LE(at + CHECK)) return undefined
  const offset = bytes.readUIntLE(at + 2, 6)
  const timeMs = bytes.readUIntLE(at + 8, 6)
  const body = at + BODY
  switch (bytes[at]) {
    case RecordCode.output: {
      const length = bytes.readUInt32LE(body)
      return { type: 'output', offset, timeMs, length, crc32: bytes.readUInt32LE(body + 4) }
    }
    case RecordCode.resize: {
      const size = { cols: bytes.readUInt16LE(body), rows: bytes.readUInt16LE(body + 2) }
      return { type: 'resize', offset, timeMs, size }
    }
    case RecordCode.input:
      return {
        type: 'input',
        offset,
        timeMs,
        clientCrc32: bytes.readUInt32LE(body + 4),
        seq: bytes.readUIntLE(body + 8, 6),
        length: bytes.readUInt32LE(body),
      }
    case RecordCode.exit: {
      const kind = bytes[at + 1]
      const code = kind === ExitKind.code ? bytes.readDoubleLE(body) : undefined
      const signal =
        kind === ExitKind.signal
          ? bytes.toString('latin1', body, body + BODY_BYTES).replace(/\0+$/, '')
          : undefined
      return { type: 'exit', offset, timeMs, code, signal }
    }
    default:
      return undefined
  }
}

function begin(code: number, offset: number, timeMs: number): void {
  record.fill(0)
  record[0] = code
  record.writeUIntLE(offset, 2, 6)
  record.writeUIntLE(timeMs, 8, 6)
}

function seal(): Buffer {
  record.writeUInt32LE(crc32(checked), CHECK)
  return record
}
