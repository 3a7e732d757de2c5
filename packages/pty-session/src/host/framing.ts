import { PtySessionError } from '../pty-session-error.ts'

/** No message between a server and a host is longer, in bytes. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024

/** `bytes` with its length before it (4 bytes, little endian), ready to be sent. */
export function frame(bytes: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(4 + bytes.length)
  framed.writeUInt32LE(bytes.length, 0)
  framed.set(bytes, 4)
  return framed
}

/**
 * Cuts a stream into messages. `onMessage` gets a view on the chunk, not a copy.
 *
 * @throws PtySessionError `BAD_PROTOCOL` from `push` when a message claims to be over 2 MiB.
 */
export function createDeframer(onMessage: (message: Buffer) => void): {
  push(chunk: Buffer): void
} {
  let kept: Buffer | undefined

  return {
    push(chunk) {
      let data = kept ? Buffer.concat([kept, chunk]) : chunk
      kept = undefined
      while (data.length >= 4) {
        const length = data.readUInt32LE(0)
        if (length > MAX_MESSAGE_BYTES)
          throw new PtySessionError('BAD_PROTOCOL', `a message of ${length} bytes is too long`)
        if (data.length < 4 + length) break
        onMessage(data.subarray(4, 4 + length))
        data = data.subarray(4 + length)
      }
      if (data.length > 0) kept = Buffer.from(data)
    },
  }
}
