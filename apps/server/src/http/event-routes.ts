import type { Clock } from '@conductor/machine'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import type { EventLog, NumberedEvent } from '../sessions/session-events.ts'
import type { Connections } from '../ws/connections.ts'
import { problem } from './api-schemas.ts'
import type { AppContext } from './app-env.ts'
import { type App, documented } from './documented.ts'

/** A sign of life, below the write time-out of HTTP, in milliseconds. */
const BEAT_MS = 10_000

/** A reader that is further behind is sent away: it comes back with `Last-Event-ID`. In events. */
const MOST_WAITING = 1_000

const encoder = new TextEncoder()

export interface EventRoutesOptions {
  readonly events: EventLog
  readonly directory: SessionDirectory
  readonly connections: Connections
  readonly clock: Clock
}

/**
 * `/api/events`: what happens to the list of sessions, as server-sent events.
 *
 * A stream begins with `sessions`, the whole list, unless the reader was here before and everything
 * since can still be told.
 */
export function addEventRoutes(app: App, options: EventRoutesOptions): void {
  const { events, directory, connections, clock } = options

  function stream(c: AppContext): Response {
    if (connections.full) return c.json({ error: 'too many connections', code: 'TOO_MANY' }, 429)
    const lastId = c.req.header('last-event-id')
    let stop = (): void => {}

    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          let beat: unknown
          let done = false
          const unsubscribe = events.subscribe(tell)
          const leave = connections.add({ loginId: c.get('login').id, end: finish })
          stop = () => {
            done = true
            clock.clearTimeout(beat)
            unsubscribe()
            leave()
          }

          function finish(): void {
            if (done) return
            stop()
            controller.close()
          }

          function write(text: string): void {
            if (done) return
            if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(text))
            else finish()
          }

          function tell({ id, event }: NumberedEvent): void {
            const { type, ...data } = event
            write(sse(id, `session.${type}`, data))
          }

          function live(): void {
            if (done) return
            write(': still here\n\n')
            beat = clock.setTimeout(live, BEAT_MS)
          }

          write('retry: 2000\n\n')
          const missed = lastId === undefined ? undefined : events.since(lastId)
          if (missed) for (const each of missed) tell(each)
          else write(sse(events.lastId, 'sessions', directory.list()))
          beat = clock.setTimeout(live, BEAT_MS)
        },
        cancel: () => stop(),
      },
      { highWaterMark: MOST_WAITING + 2 },
    )
    return c.body(body, 200, {
      'Content-Type': 'text/event-stream',
      'X-Accel-Buffering': 'no',
    })
  }

  documented(
    app,
    {
      method: 'get',
      path: '/api/events',
      summary: 'Server-sent events about sessions, resumable by Last-Event-ID',
      responses: {
        200: {
          description:
            'sessions, session.created, session.renamed, session.state, session.exited, session.removed',
        },
        401: problem,
      },
    },
    stream,
  )
}

function sse(id: string, event: string, data: unknown): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
