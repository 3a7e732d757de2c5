import { decodeServerFrame, OUTPUT_HEADROOM } from '@conductor/protocol'
import type { LogBlock } from '@conductor/pty-session'
import { describe, expect, it } from 'vitest'
import { outputFrame } from './output-frame.ts'

function block(text: string, offset: number): LogBlock {
  const buffer = Buffer.alloc(OUTPUT_HEADROOM + text.length)
  buffer.write(text, OUTPUT_HEADROOM)
  return { kind: 'bytes', offset, buffer, start: OUTPUT_HEADROOM, end: buffer.length, release() {} }
}

describe('an output frame', () => {
  it('is the block itself, without a copy, for everybody on the same channel', () => {
    const shared = block('hello', 70_000)
    const [first, second] = [outputFrame(shared, 1), outputFrame(shared, 1)]
    expect(first.buffer).toBe(shared.buffer.buffer)
    expect(second.byteOffset).toBe(first.byteOffset)
    expect(decodeServerFrame(first)).toMatchObject({ channel: 1, offset: 70_000 })
  })

  it('of another channel leaves those that are on their way as they are', () => {
    const shared = block('hello', 70_000)
    const first = outputFrame(shared, 1)
    const other = outputFrame(shared, 300)
    for (const [frame, channel] of [
      [first, 1],
      [other, 300],
    ] as const) {
      const decoded = decodeServerFrame(frame)
      expect(decoded).toMatchObject({ type: 'output', channel, offset: 70_000 })
      expect('bytes' in decoded && Buffer.from(decoded.bytes).toString()).toBe('hello')
    }
  })
})
