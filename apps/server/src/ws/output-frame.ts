import { OUTPUT_HEADROOM, placeOutputHeader } from '@conductor/protocol'
import type { LogBlock } from '@conductor/pty-session'

interface Header {
  readonly channel: number
  readonly offset: number
  readonly payloadStart: number
  readonly frameStart: number
}

/**
 * The header that stands in the headroom of a block. It is written once and never changed: the block
 * is shared by all viewers, and the kernel may not have taken an earlier frame yet.
 */
const headers = new WeakMap<LogBlock, Header>()

/**
 * The `output` frame of a block on a channel.
 *
 * Nearly everybody uses the same channel, so the first viewer's header is right for all of them and
 * nothing is copied. A viewer on another channel gets a copy of its own.
 */
export function outputFrame(block: LogBlock, channel: number): Buffer {
  const { buffer, start, end, offset } = block
  const known = headers.get(block)
  if (known) {
    const fits =
      known.channel === channel && known.offset === offset && known.payloadStart === start
    return fits ? buffer.subarray(known.frameStart, end) : copied(block, channel)
  }
  if (start < OUTPUT_HEADROOM) return copied(block, channel)
  const frameStart = placeOutputHeader(buffer, start, channel, offset)
  headers.set(block, { channel, offset, payloadStart: start, frameStart })
  return buffer.subarray(frameStart, end)
}

function copied({ buffer, start, end, offset }: LogBlock, channel: number): Buffer {
  const own = Buffer.allocUnsafe(OUTPUT_HEADROOM + end - start)
  buffer.copy(own, OUTPUT_HEADROOM, start, end)
  return own.subarray(placeOutputHeader(own, OUTPUT_HEADROOM, channel, offset))
}
