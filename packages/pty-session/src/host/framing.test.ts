import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDeframer, frame } from './framing.ts'
import { decodeFromHost, decodeToHost, encodeFromHost, encodeToHost } from './messages.ts'

describe('host framing', () => {
  it('gives back every message, however the stream is cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 })
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 50 })), (sent, cuts) => {
        const got: Buffer[] = []
        const deframer = createDeframer((message) => got.push(Buffer.from(message)))
        let stream = Buffer.concat(sent.map(frame))
        for (let i = 0; stream.length > 0; i++) {
          const cut = cuts[i] ?? stream.length
          deframer.push(stream.subarray(0, cut))
          stream = stream.subarray(cut)
        }
        expect(got.map((each) => [...each])).toEqual(sent.map((each) => [...each]))
      }),
    )
  })

  it('refuses a message that claims to be huge before waiting for it', () => {
    const deframer = createDeframer(() => {})
    expect(() => deframer.push(Buffer.from([0xff, 0xff, 0xff, 0xff]))).toThrow('BAD_PROTOCOL')
  })
})

describe('host messages', () => {
  it('survive the way', () => {
    const input = { type: 'input', index: 3, clientId: 'c', seq: 9, bytes: Uint8Array.of(0, 255) }
    expect(decodeToHost(encodeToHost(input as never))).toEqual(input)
    const grew = { type: 'grew', index: 1, start: 0, end: 2 ** 40 } as const
    expect(decodeFromHost(encodeFromHost(grew))).toEqual(grew)
    const typed = { type: 'typed', index: 1, clientId: 'c', seq: 2 } as const
    expect(decodeFromHost(encodeFromHost(typed))).toEqual(typed)
  })

  it('of a later version are passed over, not refused', () => {
    expect(decodeFromHost(Uint8Array.of(99, 1, 2))).toEqual({ type: 'unknown' })
    const later = new TextEncoder().encode('\0{"type":"somethingNew"}')
    expect(decodeToHost(later)).toEqual({ type: 'unknown' })
  })

  it('that are garbage throw an error that names the protocol', () => {
    expect(() => decodeToHost(Uint8Array.of(0, 123))).toThrow('BAD_PROTOCOL')
  })
})
