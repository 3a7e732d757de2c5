import { createWriter } from './bytes.ts'
import { open, pick, unknown } from './decoding.ts'
import { ANSWERERS, MODES, OWNERS } from './fields.ts'
import { FrameCode } from './frame-codes.ts'
import type { ServerFrame } from './server-frames.ts'

/** The frame's bytes. For output in bulk see {@link placeOutputHeader}, which copies nothing. */
export function encodeServerFrame(frame: Exclude<ServerFrame, { type: 'unknown' }>): Uint8Array {
  const w = createWriter('bytes' in frame ? frame.bytes.length + 40 : 64).u8(FrameCode[frame.type])
  switch (frame.type) {
    case 'welcome':
      return w
        .varint(frame.version)
        .text(frame.serverId)
        .varint(frame.silenceMs)
        .varint(frame.windowBytes)
        .finish()
    case 'attached':
      w.varint(frame.channel)
        .text(frame.epoch)
        .varint(frame.from)
        .varint(frame.end)
        .varint(frame.inputSeq)
        .varint(frame.cols)
        .varint(frame.rows)
        .u8(MODES.indexOf(frame.mode))
        .text(frame.name)
      if (frame.answers === 'session') w.u8(ANSWERERS.indexOf(frame.answers))
      return w.finish()
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
 * Reads one server frame. Payloads are views on `bytes`, not copies.
 *
 * @throws ProtocolError and nothing else, whatever the bytes are.
 */
export function decodeServerFrame(bytes: Uint8Array): ServerFrame {
  const { code, r } = open(bytes)
  switch (code) {
    case FrameCode.welcome:
      return {
        type: 'welcome',
        version: r.varint(),
        serverId: r.text(),
        silenceMs: r.varint(),
        windowBytes: r.varint(),
      }
    case FrameCode.attached:
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
        ...(r.hasMore() && { answers: pick(ANSWERERS, r.u8(), 'answers') }),
      }
    case FrameCode.output:
      return { type: 'output', channel: r.varint(), offset: r.varint(), bytes: r.rest() }
    case FrameCode.gap:
      return { type: 'gap', channel: r.varint(), from: r.varint(), to: r.varint() }
    case FrameCode.snapshot:
      return {
        type: 'snapshot',
        channel: r.varint(),
        offset: r.varint(),
        cols: r.varint(),
        rows: r.varint(),
        bytes: r.rest(),
      }
    case FrameCode.accepted:
      return { type: 'accepted', channel: r.varint(), seq: r.varint() }
    case FrameCode.size:
      return {
        type: 'size',
        channel: r.varint(),
        cols: r.varint(),
        rows: r.varint(),
        owner: pick(OWNERS, r.u8(), 'owner'),
      }
    case FrameCode.exit: {
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
    case FrameCode.refused:
      return { type: 'refused', channel: r.varint(), code: r.varint(), reason: r.text() }
    case FrameCode.notice:
      return { type: 'notice', channel: r.varint(), code: r.text(), text: r.text() }
    case FrameCode.ping:
      return { type: 'ping', time: r.varint() }
    case FrameCode.pong:
      return { type: 'pong', time: r.varint() }
    default:
      return unknown(code)
  }
}
