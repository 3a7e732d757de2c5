import { createWriter } from './bytes.ts'
import type { ClientFrame } from './client-frames.ts'
import { open, pick, unknown } from './decoding.ts'
import { MODES } from './fields.ts'
import { FrameCode } from './frame-codes.ts'

/** The frame's bytes. Throws `ProtocolError` when a number is not a whole one from 0 to 2^53 - 1. */
export function encodeClientFrame(frame: Exclude<ClientFrame, { type: 'unknown' }>): Uint8Array {
  const w = createWriter(frame.type === 'input' ? frame.bytes.length + 24 : 64).u8(
    FrameCode[frame.type],
  )
  switch (frame.type) {
    case 'hello':
      return w.varint(frame.version).text(frame.clientId).finish()
    case 'attach':
      w.varint(frame.channel)
        .text(frame.session)
        .text(frame.epoch)
        .varint(frame.have)
        .varint(frame.cols)
        .varint(frame.rows)
        .u8(MODES.indexOf(frame.mode))
      if (frame.catchUpBytes) w.varint(frame.catchUpBytes)
      return w.finish()
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
    case 'colors':
      return w
        .varint(frame.channel)
        .text(frame.foreground)
        .text(frame.background)
        .text(frame.cursor)
        .finish()
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
    case FrameCode.hello:
      return { type: 'hello', version: r.varint(), clientId: r.text() }
    case FrameCode.attach:
      return {
        type: 'attach',
        channel: r.varint(),
        session: r.text(),
        epoch: r.text(),
        have: r.varint(),
        cols: r.varint(),
        rows: r.varint(),
        mode: pick(MODES, r.u8(), 'mode'),
        ...(r.hasMore() && { catchUpBytes: r.varint() }),
      }
    case FrameCode.detach:
      return { type: 'detach', channel: r.varint() }
    case FrameCode.input:
      return { type: 'input', channel: r.varint(), seq: r.varint(), bytes: r.rest() }
    case FrameCode.resize:
      return {
        type: 'resize',
        channel: r.varint(),
        cols: r.varint(),
        rows: r.varint(),
        claim: r.u8() !== 0,
      }
    case FrameCode.ack:
      return { type: 'ack', channel: r.varint(), offset: r.varint() }
    case FrameCode.repeat:
      return { type: 'repeat', channel: r.varint(), have: r.varint() }
    case FrameCode.colors:
      return {
        type: 'colors',
        channel: r.varint(),
        foreground: r.text(),
        background: r.text(),
        cursor: r.text(),
      }
    case FrameCode.ping:
      return { type: 'ping', time: r.varint() }
    case FrameCode.pong:
      return { type: 'pong', time: r.varint() }
    default:
      return unknown(code)
  }
}
