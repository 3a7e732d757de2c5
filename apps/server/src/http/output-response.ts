import type { LogReader } from '@conductor/pty-session'
import type { AppContext } from './app-env.ts'
import { offsetParam } from './offset-param.ts'

/** The bytes of a log from `?from=` to `?to=`, or to where it ends now, read as fast as they are taken. */
export function outputResponse(c: AppContext, log: LogReader): Response {
  const end = Math.min(offsetParam(c, 'to') ?? log.end, log.end)
  const from = Math.min(Math.max(offsetParam(c, 'from') ?? 0, log.start), end)
  let offset = from

  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const read = offset < end ? log.read(offset) : undefined
      switch (read?.kind) {
        case 'bytes': {
          const length = Math.min(read.end - read.start, end - offset)
          offset += length
          // A copy: the block's buffer is shared, and a stream may hand its memory on.
          return controller.enqueue(
            Uint8Array.prototype.slice.call(read.buffer, read.start, read.start + length),
          )
        }
        case 'gap':
          // The cap has overtaken the download: better cut short than with a silent hole.
          return controller.error(new Error('the history was dropped while it was read'))
        default:
          return controller.close()
      }
    },
  })
  return c.body(body, 200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(end - from),
    'Content-Disposition': 'attachment; filename="output.log"',
    'X-Conductor-Offset': String(from),
    'X-Conductor-End': String(end),
  })
}
