import { varintLength, writeVarint } from './bytes.ts'
import { FrameCode } from './frame-codes.ts'
import { ProtocolError } from './protocol-error.ts'

/** Room that must stand free before a payload for {@link placeOutputHeader}, in bytes. */
export const OUTPUT_HEADROOM = 17

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
  buffer[start] = FrameCode.output
  writeVarint(buffer, writeVarint(buffer, start + 1, channel), offset)
  return start
}
