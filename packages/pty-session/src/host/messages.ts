import type { ProcessIdentity } from '@conductor/process-identity'
import { createReader, createWriter } from '@conductor/protocol'
import type { TerminalColors, TerminalSnapshot } from '@conductor/terminal-state'
import { PtySessionError } from '../pty-session-error.ts'
import type {
  QueryAnswerer,
  SessionOptions,
  SessionState,
  TerminalEvent,
  TerminalSize,
} from '../types.ts'

/**
 * What a server and a session host say to each other, over a unix socket, each message after its
 * length (see framing.ts). The server speaks first: `hello`; the host answers `welcome` or `failed`.
 *
 * Hosts outlive the server that started them, also over an upgrade. So this protocol only grows:
 * unknown messages and unknown JSON fields are passed over, and nothing changes its meaning. A
 * change that cannot be made so raises the version, and both ends speak the highest they share.
 */
export const HOST_PROTOCOL: { readonly min: number; readonly max: number } = { min: 1, max: 1 }

/** One session as its host describes it to a server that has just connected. */
export interface HostedSession {
  /** Short for the id in the messages that come often. */
  readonly index: number
  readonly id: string
  readonly pid: number
  readonly identity: ProcessIdentity
  readonly logDir: string
  readonly epoch: string
  readonly start: number
  readonly end: number
  readonly size: TerminalSize
  readonly state: SessionState
  /** Not told by hosts of the first version, whose sessions left it to the viewers. */
  readonly answers?: QueryAnswerer | undefined
}

/** Questions with an answer. */
export type HostRequest =
  | { readonly op: 'create'; readonly options: SessionOptions }
  | { readonly op: 'inputSeq'; readonly index: number; readonly clientId: string }
  | { readonly op: 'snapshot'; readonly index: number; readonly scrollbackLines: number }
  | { readonly op: 'end'; readonly index: number; readonly graceMs?: number | undefined }

export type ToHost =
  | { readonly type: 'hello'; readonly min: number; readonly max: number }
  | { readonly type: 'request'; readonly id: number; readonly request: HostRequest }
  | {
      readonly type: 'input'
      readonly index: number
      readonly clientId: string
      readonly seq: number
      readonly bytes: Uint8Array
    }
  | ({ readonly type: 'resize'; readonly index: number } & TerminalSize)
  | { readonly type: 'signal'; readonly index: number; readonly signal: string }
  | { readonly type: 'colors'; readonly index: number; readonly colors: TerminalColors }
  | { readonly type: 'unknown' }

export type FromHost =
  /** The answer to `snapshot`, where there is one. */
  | ({ readonly type: 'snapshot'; readonly id: number } & TerminalSnapshot)
  | { readonly type: 'terminal'; readonly index: number; readonly event: TerminalEvent }
  | {
      readonly type: 'welcome'
      readonly version: number
      readonly identity: ProcessIdentity
      readonly sessions: readonly HostedSession[]
    }
  | { readonly type: 'failed'; readonly code: string; readonly text: string }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly code: string; readonly text: string }
  | {
      readonly type: 'grew'
      readonly index: number
      readonly start: number
      readonly end: number
    }
  | {
      readonly type: 'typed'
      readonly index: number
      readonly clientId: string
      readonly seq: number
    }
  | {
      readonly type: 'untyped'
      readonly index: number
      readonly clientId: string
      readonly seq: number
      readonly code: string
      readonly expected: number
    }
  | ({ readonly type: 'resized'; readonly index: number } & TerminalSize)
  | { readonly type: 'state'; readonly index: number; readonly state: SessionState }
  | {
      readonly type: 'notice'
      readonly index: number
      readonly code: string
      readonly text: string
    }
  | { readonly type: 'unknown' }

/** Messages that come with every block or key, or hold much, are binary; all others are JSON under code 0. */
const Code = { json: 0, input: 1, grew: 2, typed: 3, snapshot: 4 } as const
const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function encodeToHost(message: Exclude<ToHost, { type: 'unknown' }>): Uint8Array {
  if (message.type !== 'input') return json(message)
  return createWriter(message.bytes.length + 64)
    .u8(Code.input)
    .varint(message.index)
    .text(message.clientId)
    .varint(message.seq)
    .bytes(message.bytes)
    .finish()
}

export function encodeFromHost(message: Exclude<FromHost, { type: 'unknown' }>): Uint8Array {
  switch (message.type) {
    case 'grew':
      return createWriter(32)
        .u8(Code.grew)
        .varint(message.index)
        .varint(message.start)
        .varint(message.end)
        .finish()
    case 'typed':
      return createWriter(64)
        .u8(Code.typed)
        .varint(message.index)
        .text(message.clientId)
        .varint(message.seq)
        .finish()
    case 'snapshot':
      return createWriter(message.bytes.length + 64)
        .u8(Code.snapshot)
        .varint(message.id)
        .varint(message.offset)
        .varint(message.cols)
        .varint(message.rows)
        .u8(message.exact ? 1 : 0)
        .bytes(message.bytes)
        .finish()
    default:
      return json(message)
  }
}

/** @throws PtySessionError `BAD_PROTOCOL`, or ProtocolError from the fields. */
export function decodeToHost(bytes: Uint8Array): ToHost {
  const r = createReader(bytes)
  switch (r.u8()) {
    case Code.json:
      return parse<ToHost>(r.rest(), ['hello', 'request', 'resize', 'signal', 'colors'])
    case Code.input:
      return {
        type: 'input',
        index: r.varint(),
        clientId: r.text(),
        seq: r.varint(),
        bytes: r.rest(),
      }
    default:
      return { type: 'unknown' }
  }
}

/** @throws PtySessionError `BAD_PROTOCOL`, or ProtocolError from the fields. */
export function decodeFromHost(bytes: Uint8Array): FromHost {
  const r = createReader(bytes)
  switch (r.u8()) {
    case Code.json:
      return parse<FromHost>(r.rest(), [
        'welcome',
        'failed',
        'answer',
        'refusal',
        'untyped',
        'resized',
        'state',
        'notice',
        'terminal',
      ])
    case Code.grew:
      return { type: 'grew', index: r.varint(), start: r.varint(), end: r.varint() }
    case Code.typed:
      return { type: 'typed', index: r.varint(), clientId: r.text(), seq: r.varint() }
    case Code.snapshot:
      return {
        type: 'snapshot',
        id: r.varint(),
        offset: r.varint(),
        cols: r.varint(),
        rows: r.varint(),
        exact: r.u8() !== 0,
        bytes: r.rest(),
      }
    default:
      return { type: 'unknown' }
  }
}

function json(message: object): Uint8Array {
  const text = encoder.encode(JSON.stringify(message))
  return createWriter(text.length + 1)
    .u8(Code.json)
    .bytes(text)
    .finish()
}

function parse<T extends { readonly type: string }>(
  bytes: Uint8Array,
  types: readonly string[],
): T | { readonly type: 'unknown' } {
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(bytes))
  } catch (cause) {
    throw new PtySessionError('BAD_PROTOCOL', 'a message is not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || !('type' in value))
    throw new PtySessionError('BAD_PROTOCOL', 'a message has no type')
  // Both ends are ours and the socket is 0600: the shape behind a known type is trusted.
  return types.includes(String(value.type)) ? (value as T) : { type: 'unknown' }
}
