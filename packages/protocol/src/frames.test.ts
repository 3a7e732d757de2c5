import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ClientFrame,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  MAX_FRAME_BYTES,
  OUTPUT_HEADROOM,
  ProtocolError,
  placeOutputHeader,
  type ServerFrame,
} from './index.ts'

const count = fc.oneof(fc.nat(300), fc.maxSafeNat())
const small = fc.nat(0xffff)
const text = fc.string({ unit: 'grapheme', maxLength: 60 })
const bytes = fc.uint8Array({ maxLength: 300 })
const mode = fc.constantFrom('driver' as const, 'viewer' as const)
const record = <T extends object>(type: string, fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record({ type: fc.constant(type), ...fields } as never)

const clientFrame = fc.oneof(
  record('hello', { version: small, clientId: text }),
  record('attach', {
    channel: small,
    session: text,
    epoch: text,
    have: count,
    cols: small,
    rows: small,
    mode,
    catchUpBytes: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), {
      nil: undefined,
    }),
  }),
  record('detach', { channel: small }),
  record('input', { channel: small, seq: count, bytes }),
  record('resize', { channel: small, cols: small, rows: small, claim: fc.boolean() }),
  record('ack', { channel: small, offset: count }),
  record('repeat', { channel: small, have: count }),
  record('colors', { channel: small, foreground: text, background: text, cursor: text }),
  record('ping', { time: count }),
  record('pong', { time: count }),
) as fc.Arbitrary<Exclude<ClientFrame, { type: 'unknown' }>>

const serverFrame = fc.oneof(
  record('welcome', { version: small, serverId: text, silenceMs: count, windowBytes: count }),
  record('attached', {
    channel: small,
    epoch: text,
    from: count,
    end: count,
    inputSeq: count,
    cols: small,
    rows: small,
    mode,
    name: text,
    answers: fc.constantFrom('session', undefined),
  }),
  record('output', { channel: small, offset: count, bytes }),
  record('gap', { channel: small, from: count, to: count }),
  record('snapshot', { channel: small, offset: count, cols: small, rows: small, bytes }),
  record('accepted', { channel: small, seq: count }),
  record('size', {
    channel: small,
    cols: small,
    rows: small,
    owner: fc.constantFrom('you', 'other', 'none'),
  }),
  record('exit', {
    channel: small,
    offset: count,
    code: fc.option(fc.nat(255), { nil: undefined }),
    signal: text,
  }),
  record('refused', { channel: small, code: small, reason: text }),
  record('notice', { channel: small, code: text, text }),
  record('ping', { time: count }),
  record('pong', { time: count }),
) as fc.Arbitrary<Exclude<ServerFrame, { type: 'unknown' }>>

describe('frames', () => {
  it('decode to what was encoded, whatever the fields', () => {
    fc.assert(
      fc.property(clientFrame, (frame) => {
        expect(decodeClientFrame(encodeClientFrame(frame))).toEqual(frame)
      }),
      { numRuns: 2_000 },
    )
    fc.assert(
      fc.property(serverFrame, (frame) => {
        expect(decodeServerFrame(encodeServerFrame(frame))).toEqual(frame)
      }),
      { numRuns: 2_000 },
    )
  })

  it('that are cut short are refused or still whole, and never read past their end', () => {
    fc.assert(
      fc.property(serverFrame, fc.nat(), (frame, at) => {
        const whole = encodeServerFrame(frame)
        const cut = whole.subarray(0, at % whole.length)
        expectFrameOrProtocolError(() => decodeServerFrame(cut))
      }),
    )
  })

  it('of garbage throw a ProtocolError and nothing else, 100,000 times', () => {
    // A plain generator instead of fast-check, which would take minutes for so many.
    let seed = 0x2545f491
    const next = () => {
      seed ^= seed << 13
      seed ^= seed >>> 17
      seed ^= seed << 5
      return seed >>> 0
    }
    for (let run = 0; run < 100_000; run++) {
      const garbage = Uint8Array.from({ length: next() % 48 }, () => next())
      if (garbage.length > 0 && run % 2) garbage[0] = next() % 0x30
      expectFrameOrProtocolError(() => decodeClientFrame(garbage))
      expectFrameOrProtocolError(() => decodeServerFrame(garbage))
    }
  })

  it('over the limit are refused before anything is read', () => {
    const huge = new Uint8Array(MAX_FRAME_BYTES + 1)
    expect(() => decodeClientFrame(huge)).toThrow('[protocol/TOO_LARGE]')
  })

  it('with a text that claims to be huge are refused without allocating it', () => {
    const hello = Uint8Array.from([0x01, 1, 0xff, 0xff, 0xff, 0x7f])
    expect(() => decodeClientFrame(hello)).toThrow('[protocol/MALFORMED]')
  })

  it('with a number over 2^53 - 1 are refused', () => {
    const ping = Uint8Array.from([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
    expect(() => decodeClientFrame(ping)).toThrow('[protocol/MALFORMED]')
  })

  it('of an optional type are passed over, of a required type are refused', () => {
    expect(decodeServerFrame(Uint8Array.of(0x80, 1, 2))).toEqual({ type: 'unknown', code: 0x80 })
    expect(() => decodeServerFrame(Uint8Array.of(0x7f))).toThrow('[protocol/UNKNOWN_TYPE]')
  })

  it('may carry fields that a later version appends', () => {
    const ack = encodeClientFrame({ type: 'ack', channel: 3, offset: 70_000 })
    expect(decodeClientFrame(Uint8Array.of(...ack, 9, 9, 9))).toEqual({
      type: 'ack',
      channel: 3,
      offset: 70_000,
    })
  })

  it('of output can be made around a payload where it lies', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), count, bytes, (channel, offset, payload) => {
        const block = new Uint8Array(OUTPUT_HEADROOM + payload.length)
        block.set(payload, OUTPUT_HEADROOM)
        const start = placeOutputHeader(block, OUTPUT_HEADROOM, channel, offset)
        expect(decodeServerFrame(block.subarray(start))).toEqual({
          type: 'output',
          channel,
          offset,
          bytes: payload,
        })
      }),
    )
  })

  it('cut a text that is too long at the end of a character', () => {
    const frame = decodeServerFrame(
      encodeServerFrame({ type: 'notice', channel: 0, code: 'X', text: 'ä'.repeat(2_000) }),
    )
    expect(frame).toMatchObject({ text: 'ä'.repeat(512) })
  })
})

function expectFrameOrProtocolError(decode: () => unknown): void {
  try {
    decode()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
}
