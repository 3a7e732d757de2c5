import type { Clock } from '@conductor/machine'
import type { ProcessLog, ProcessManager } from '@conductor/process-manager'
import { z } from '@hono/zod-openapi'
import { ServerError } from '../server-error.ts'
import type { Connections } from '../ws/connections.ts'
import { problem } from './api-schemas.ts'
import type { AppContext } from './app-env.ts'
import { type App, documented } from './documented.ts'
import { nameOf } from './process-routes.ts'

/** A sign of life, below the write time-out of HTTP, in milliseconds. */
const BEAT_MS = 10_000
const PIECE_BYTES = 64 * 1024

export interface ProcessLogRoutesOptions {
  readonly manager: ProcessManager
  readonly connections: Connections
  readonly clock: Clock
}

/** `/api/processes/{name}/logs`: what a daemon wrote, byte for byte, once or as it comes. */
export function addProcessLogRoutes(app: App, options: ProcessLogRoutesOptions): void {
  const { manager, connections, clock } = options

  documented(
    app,
    {
      method: 'get',
      path: '/api/processes/{name}/logs',
      summary: 'What a process wrote, from an offset or from some lines before the end',
      request: {
        params: z.object({ name: z.string() }),
        query: z.object({
          from: z.string().optional(),
          tail: z.string().optional(),
          follow: z.enum(['true', 'false']).optional(),
        }),
      },
      responses: {
        200: {
          description:
            'The bytes. X-Conductor-Offset is the offset of the first one: above `from`, rotation has dropped what lay between. X-Conductor-End is the end. With `follow=true`: server-sent events `output` with {offset, data}, data in base64; the id of each is the offset of what comes next, and Last-Event-ID goes on there.',
          content: {
            'application/octet-stream': { schema: z.string() },
            'text/event-stream': { schema: z.string() },
          },
        },
        400: problem,
        401: problem,
        404: problem,
        429: problem,
      },
    },
    async (c) => {
      const log = manager.log(nameOf(c))
      const from = await beginOf(c, log)
      if (c.req.query('follow') !== 'true') return bytesResponse(c, log, from)
      if (connections.full) return c.json({ error: 'too many connections', code: 'TOO_MANY' }, 429)
      return followResponse(c, log, from, connections, clock)
    },
  )
}

/** Where to begin: after what the reader has, at an offset, or some lines before the end. */
async function beginOf(c: AppContext, log: ProcessLog): Promise<number> {
  const seen = c.req.header('last-event-id')
  if (seen !== undefined) {
    const offset = wholeNumber('Last-Event-ID', seen)
    const { startOffset, endOffset } = log.size()
    // Beyond the end: another process has the name by now, and its log was begun anew.
    return offset > endOffset ? startOffset : offset
  }
  const tail = c.req.query('tail')
  if (tail !== undefined) return offsetOfLines(log, wholeNumber('tail', tail))
  return wholeNumber('from', c.req.query('from') ?? '0')
}

function wholeNumber(field: string, text: string): number {
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new ServerError('BAD_FIELD', `${field}: write a whole number, as in 0`, { field })
  return Number(text)
}

/** The daemon may write meanwhile, so only a follower's first piece tells where its lines begin. */
async function offsetOfLines(log: ProcessLog, lines: number): Promise<number> {
  const { startOffset, endOffset } = log.size()
  if (lines === 0 || startOffset === endOffset) return endOffset
  for await (const { offset } of log.follow({ from: { lines } })) return offset
  return endOffset
}

/** From `from` to where the log ends now, read as fast as it is taken. */
function bytesResponse(c: AppContext, log: ProcessLog, from: number): Response {
  const end = log.size().endOffset
  const begin = Math.min(log.read({ from, maxBytes: 1 }).offset, end)
  let at = begin

  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= end) return controller.close()
      const { offset, bytes } = log.read({ from: at, maxBytes: Math.min(PIECE_BYTES, end - at) })
      // Rotation has overtaken the download: better cut short than with a silent hole.
      if (offset !== at || bytes.length === 0)
        return controller.error(new Error('the log was rotated away while it was read'))
      at += bytes.length
      controller.enqueue(bytes)
    },
  })
  return c.body(body, 200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(end - begin),
    'Content-Disposition': 'attachment; filename="daemon.log"',
    'X-Conductor-Offset': String(begin),
    'X-Conductor-End': String(end),
  })
}

/** What is there and what will be, as events. Nothing is kept for a reader: it is a cursor on the log. */
function followResponse(
  c: AppContext,
  log: ProcessLog,
  from: number,
  connections: Connections,
  clock: Clock,
): Response {
  const ended = new AbortController()
  const begin = log.read({ from, maxBytes: 1 }).offset
  const pieces = log.follow({ from: begin, signal: ended.signal })[Symbol.asyncIterator]()
  const leave = connections.add({ loginId: c.get('login').id, end: finish })
  const encoder = new TextEncoder()
  let next: Promise<string | undefined> | undefined

  function finish(): void {
    leave()
    ended.abort()
  }

  /** The next piece as an event; `undefined` at the end. */
  async function piece(): Promise<string | undefined> {
    const { done, value } = await pieces.next()
    if (done) return undefined
    const { offset, bytes } = value
    const data = JSON.stringify({ offset, data: Buffer.from(bytes).toString('base64') })
    return `id: ${offset + bytes.length}\nevent: output\ndata: ${data}\n\n`
  }

  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode('retry: 1000\n\n')),
    async pull(controller) {
      next ??= piece()
      const beat = waitFor(clock, BEAT_MS, ': still here\n\n')
      const text = await Promise.race([next, beat.over])
      beat.forget()
      if (text === undefined) {
        leave()
        return controller.close()
      }
      if (!text.startsWith(':')) next = undefined
      controller.enqueue(encoder.encode(text))
    },
    cancel: finish,
  })
  return c.body(body, 200, {
    'Content-Type': 'text/event-stream',
    'X-Accel-Buffering': 'no',
    'X-Conductor-Offset': String(begin),
  })
}

function waitFor(
  clock: Clock,
  delayMs: number,
  text: string,
): { readonly over: Promise<string>; forget(): void } {
  let timer: unknown
  const over = new Promise<string>((resolve) => {
    timer = clock.setTimeout(() => resolve(text), delayMs)
  })
  return { over, forget: () => clock.clearTimeout(timer) }
}
