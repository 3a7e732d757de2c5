import type { Writable } from 'node:stream'
import type { Output } from './context.ts'

/**
 * Text for a stream. A write is done when the stream has taken it, so that nothing piles up behind a slow
 * reader and nothing is lost at an exit.
 *
 * @param onGone Nobody reads any more.
 */
export function createOutput(stream: Writable, onGone: () => void): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') onGone()
    else throw error
  })
  return {
    write: (data) =>
      new Promise((resolve) => {
        stream.write(data, () => resolve())
      }),
  }
}
