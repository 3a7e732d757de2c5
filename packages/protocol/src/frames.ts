import { createReader, createWriter, varintLength, writeVarint } from './bytes.ts'
import { ProtocolError } from './protocol-error.ts'

/** The WebSocket subprotocol that these frames belong to. */
export const SUBPROTOCOL = 'conductor.v1'

/** The version that `hello` and `welcome` name. */
export const PROTOCOL_VERSION = 1

/** The largest frame either side accepts, in bytes. */
export const MAX_FRAME_BYTES: number = 1024 * 1024

/** The largest payload of one `input` frame, in bytes: larger pastes are sent as several. */
export const MAX_INPUT_BYTES: number = 64 * 1024

/** Room that must stand free before a payload for {@link placeOutputHeader}, in bytes. */
export const OUTPUT_HEADROOM = 17

/** `driver` may type and resize; `viewer` only looks. */
export type AttachMode = 'driver' | 'viewer'

/** Who decides the terminal's size: this viewer, another one, or nobody yet. */
export type SizeOwner = 'you' | 'other' | 'none'

/** What a client says. Offsets count bytes since the session's pty was born. */
export type ClientFrame =
  | { readonly type: 'hello'; readonly version: number; readonly clientId: string }
  | {
      readonly type: 'attach'
      readonly channel: number
      /** Empty on a socket whose address already names the session. */
      readonly session: string
      /** The epoch that `have` belongs to; empty for a first attach. */
      readonly epoch: string
      /** The next offset wanted: everything before it has been applied. */
      readonly have: number
      readonly cols: number
      readonly rows: number
      readonly mode: AttachMode
    }
  | { readonly type: 'detach'; readonly channel: number }
  | {
      readonly type: 'input'
      readonly channel: number
      /** 1, 2, 3 … for each client and epoch. */
      readonly seq: number
      readonly bytes: Uint8Array
    }
  | {
      readonly type: 'resize'
      readonly channel: number
      readonly cols: number
      readonly rows: number
      /** Take the size over, whoever owns it now. */
      readonly claim: boolean
    }
  | { readonly type: 'ack'; readonly channel: number; readonly offset: number }
  | { readonly type: 'repeat'; readonly channel: number; readonly have: number }
  | { readonly type: 'ping'; readonly time: number }
  | { readonly type: 'pong'; readonly time: number }
  | { readonly type: 'unknown'; readonly code: number }

/** What a server says. */
export type ServerFrame =
  | {
      readonly type: 'welcome'
      readonly version: number
      /** Random per server process: another one means that the server was restarted. */
      readonly serverId: string
      /** Silence longer than this many milliseconds means that the connection is dead. */
      readonly silenceMs: number
      /** How many output bytes may be on their way before they are acknowledged. */
      readonly windowBytes: number
    }
  | {
      readonly type: 'attached'
      readonly channel: number
      readonly epoch: string
      /** The offset of the first byte that will be sent. */
      readonly from: number
      /** The end of the log at this moment: output below it is a replay. */
      readonly end: number
      /** The number of this client's last accepted input. */
      readonly inputSeq: number
      readonly cols: number
      readonly rows: number
      readonly mode: AttachMode
      /** The session's name, for a title. */
      readonly name: string
    }
  | {
      readonly type: 'output'
      readonly channel: number
      /** The offset of the first byte of `bytes`. */
      readonly offset: number
      readonly bytes: Uint8Array
    }
  | { readonly type: 'gap'; readonly channel: number; readonly from: number; readonly to: number }
  | {
      readonly type: 'snapshot'
      readonly channel: number
      readonly offset: number
      readonly cols: number
      readonly rows: number
      readonly bytes: Uint8Array
    }
  | { readonly type: 'accepted'; readonly channel: number; readonly seq: number }
  | {
      readonly type: 'size'
      readonly channel: number
      readonly cols: number
      readonly rows: number
      readonly owner: SizeOwner
    }
  | {
      readonly type: 'exit'
      readonly channel: number
      /** The log's final length: whoever has applied up to here has everything. */
      readonly offset: number
      /** `undefined` when the program was ended by a signal, or its host was lost. */
      readonly code: number | undefined
      /** The signal's name, or empty. */
      readonly signal: string
    }
  | {
      readonly type: 'refused'
      readonly channel: number
      /** One of the close codes, for this channel only. */
      readonly code: number
      readonly reason: string
    }
  | {
      readonly type: 'notice'
      readonly channel: number
      /** UPPER_SNAKE, for programs. */
      readonly code: string
      /** One sentence, for people. */
      readonly text: string
    }
  | { readonly type: 'ping'; readonly time: number }
  | { readonly type: 'pong'; readonly time: number }
  | { readonly type: 'unknown'; readonly code: number }

/**
 * The first byte of each frame. Codes below 0x80 must be understood; codes from 0x80 may be
 * ignored, which is how a later minor version adds frames without breaking anybody.
 */
const Code = {
  hello: 0x01,
  attach: 0x02,
  detach: 0x03,
  input: 0x04,
  resize: 0x05,
  ack: 0x06,
  repeat: 0x07,
  ping: 0x08,
  pong: 0x09,
  welcome: 0x21,
  attached: 0x22,
  output: 0x23,
  gap: 0x24,
  snapshot: 0x25,
  accepted: 0x26,
  size: 0x27,
  exit: 0x28,
  refused: 0x29,
  notice: 0x2a,
} as const

const FIRST_OPTIONAL_CODE = 0x80
const MODES = ['driver', 'viewer'] as const
const OWNERS = ['none', 'you', 'other'] as const

/** The frame's bytes. Throws `ProtocolError` when a number is not a whole one from 0 to 2^53 - 1. */
export function encodeClientFrame(frame: Exclude<ClientFrame, { type: 'unknown' }>): Uint8Array {
  const w = createWriter(frame.type === 'input' ? frame.bytes.length + 24 : 64).u8(Code[frame.type])
  switch (frame.type) {
    case 'hello':
      return w.varint(frame.version).text(frame.clientId).finish()
    case 'attach':
      return w
        .varint(frame.channel)
        .text(frame.session)
        .text(frame.epoch)
        .varint(frame.have)
        .varint(frame.cols)
        .varint(frame.rows)
        .u8(MODES.indexOf(frame.mode))
        .finish()
    case 'detach':
      return w.varint(frame.channel).finish()
    case 'input':
      return w.varint(frame.channel).varint(frame.seq).bytes(frame.bytes).finish()
    case 'resize':
      return w
        .varint(frame.channel)
        .varint(frame.cols)
        .varint(frame.rows)
        .u8(frame.claim ? 1 : 0)
        .finish()
    case 'ack':
      return w.varint(frame.channel).varint(frame.offset).finish()
    case 'repeat':
      return w.varint(frame.channel).varint(frame.have).finish()
    case 'ping':
    case 'pong':
      return w.varint(frame.time).finish()
  }
}

/** The frame's bytes. For output in bulk see {@link placeOutputHeader}, which copies nothing. */
export function encodeServerFrame(frame: Exclude<ServerFrame, { type: 'unknown' }>): Uint8Array {
  const w = createWriter('bytes' in frame ? frame.bytes.length + 40 : 64).u8(Code[frame.type])
  switch (frame.type) {
    case 'welcome':
      return w
        .varint(frame.version)
        .text(frame.serverId)
        .varint(frame.silenceMs)
        .varint(frame.windowBytes)
        .finish()
    case 'attached':
      return w
        .varint(frame.channel)
        .text(frame.epoch)
        .varint(frame.from)
        .varint(frame.end)
        .varint(frame.inputSeq)
        .varint(frame.cols)
        .varint(frame.rows)
        .u8(MODES.indexOf(frame.mode))
        .text(frame.name)
        .finish()
    case 'output':
      return w.varint(frame.channel).varint(frame.offset).bytes(frame.bytes).finish()
    case 'gap':
      return w.varint(frame.channel).varint(frame.from).varint(frame.to).finish()
    case 'snapshot':
      return w
        .varint(frame.channel)
        .varint(frame.offset)
        .varint(frame.cols)
        .varint(frame.rows)
        .bytes(frame.bytes)
        .finish()
    case 'accepted':
      return w.varint(frame.channel).varint(frame.seq).finish()
    case 'size':
      return w
        .varint(frame.channel)
        .varint(frame.cols)
        .varint(frame.rows)
        .u8(OWNERS.indexOf(frame.owner))
        .finish()
    case 'exit':
      return w
        .varint(frame.channel)
        .varint(frame.offset)
        .varint(frame.code === undefined ? 0 : frame.code + 1)
        .text(frame.signal)
        .finish()
    case 'refused':
      return w.varint(frame.channel).varint(frame.code).text(frame.reason).finish()
    case 'notice':
      return w.varint(frame.channel).text(frame.code).text(frame.text).finish()
    case 'ping':
    case 'pong':
      return w.varint(frame.time).finish()
  }
}

/**
 * Reads one client frame. Payloads are views on `bytes`, not copies.
 *
 * @throws ProtocolError and nothing else, whatever the bytes are.
 */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  const { code, r } = open(bytes)
  switch (code) {
    case Code.hello:
      return { type: 'hello', version: r.varint(), clientId: r.text() }
    case Code.attach:
      return {
        type: 'attach',
        channel: r.varint(),
        session: r.text(),
        epoch: r.text(),
        have: r.varint(),
        cols: r.varint(),
        rows: r.varint(),
        mode: pick(MODES, r.u8(), 'mode'),
      }
    case Code.detach:
      return { type: 'detach', channel: r.varint() }
    case Code.input:
      return { type: 'input', channel: r.varint(), seq: r.varint(), bytes: r.rest() }
    case Code.resize:
      return {
        type: 'resize',
        channel: r.varint(),
        cols: r.varint(),
        rows: r.varint(),
        claim: r.u8() !== 0,
      }
    case Code.ack:
      return { type: 'ack', channel: r.varint(), offset: r.varint() }
    case Code.repeat:
      return { type: 'repeat', channel: r.varint(), have: r.varint() }
    case Code.ping:
      return { type: 'ping', time: r.varint() }
    case Code.pong:
      return { type: 'pong', time: r.varint() }
    default:
      return unknown(code)
  }
}

/**
 * Reads one server frame. Payloads are views on `bytes`, not copies.
 *
 * @throws ProtocolError and nothing else, whatever the bytes are.
 */
export function decodeServerFrame(bytes: Uint8Array): ServerFrame {
  const { code, r } = open(bytes)
  switch (code) {
    case Code.welcome:
      return {
        type: 'welcome',
        version: r.varint(),
        serverId: r.text(),
        silenceMs: r.varint(),
        windowBytes: r.varint(),
      }
    case Code.attached:
      return {
        type: 'attached',
        channel: r.varint(),
        epoch: r.text(),
        from: r.varint(),
        end: r.varint(),
        inputSeq: r.varint(),
        cols: r.varint(),
        rows: r.varint(),
        mode: pick(MODES, r.u8(), 'mode'),
        name: r.text(),
      }
    case Code.output:
      return { type: 'output', channel: r.varint(), offset: r.varint(), bytes: r.rest() }
    case Code.gap:
      return { type: 'gap', channel: r.varint(), from: r.varint(), to: r.varint() }
    case Code.snapshot:
      return {
        type: 'snapshot',
        channel: r.varint(),
        offset: r.varint(),
        cols: r.varint(),
        rows: r.varint(),
        bytes: r.rest(),
      }
    case Code.accepted:
      return { type: 'accepted', channel: r.varint(), seq: r.varint() }
    case Code.size:
      return {
        type: 'size',
        channel: r.varint(),
        cols: r.varint(),
        rows: r.varint(),
        owner: pick(OWNERS, r.u8(), 'owner'),
      }
    case Code.exit: {
      const channel = r.varint()
      const offset = r.varint()
      const exit = r.varint()
      return {
        type: 'exit',
        channel,
        offset,
        code: exit === 0 ? undefined : exit - 1,
        signal: r.text(),
      }
    }
    case Code.refused:
      return { type: 'refused', channel: r.varint(), code: r.varint(), reason: r.text() }
    case Code.notice:
      return { type: 'notice', channel: r.varint(), code: r.text(), text: r.text() }
    case Code.ping:
      return { type: 'ping', time: r.varint() }
    case Code.pong:
      return { type: 'pong', time: r.varint() }
    default:
      return unknown(code)
  }
}

/**
 * Writes the header of an `output` frame into the room before its payload, so that a block which
 * was read from the log at `payloadStart` becomes a frame without a copy.
 *
 * @param buffer Holds the payload from `payloadStart`, with at least {@link OUTPUT_HEADROOM} before it.
 * @returns Where the frame begins: send `buffer` from there to the payload's end.
 */
export function placeOutputHeader(
  buffer: Uint8Array,
  payloadStart: number,
  channel: number,
  offset: number,
): number {
  const start = payloadStart - 1 - varintLength(channel) - varintLength(offset)
  if (start < 0)
    throw new ProtocolError('MALFORMED', `${payloadStart} bytes are no room for a header`)
  buffer[start] = Code.output
  writeVarint(buffer, writeVarint(buffer, start + 1, channel), offset)
  return start
}

function open(bytes: Uint8Array) {
  if (bytes.length > MAX_FRAME_BYTES)
    throw new ProtocolError('TOO_LARGE', `${bytes.length} bytes are over ${MAX_FRAME_BYTES}`)
  const r = createReader(bytes)
  return { code: r.u8(), r }
}

function pick<T>(from: readonly T[], index: number, field: string): T {
  const value = from[index]
  if (value === undefined) throw new ProtocolError('MALFORMED', `${field} has no value ${index}`)
  return value
}

function unknown(code: number): { readonly type: 'unknown'; readonly code: number } {
  if (code < FIRST_OPTIONAL_CODE)
    throw new ProtocolError('UNKNOWN_TYPE', `no frame has the type 0x${code.toString(16)}`)
  return { type: 'unknown', code }
}
