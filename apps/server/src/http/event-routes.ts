import type { Clock } from '@conductor/machine'
import type { ProcessManager } from '@conductor/process-manager'
import { scopedEvent, scopedInfo, scopeSees } from '../auth/scope.ts'
import type { EventLog, NumberedEvent } from '../event-log.ts'
import { describeProcess } from '../processes/process-json.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
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
  readonly manager: ProcessManager
  readonly connections: Connections
  readonly clock: Clock
}

/**
 * `/api/events`: what happens to sessions and managed processes, as server-sent events.
 *
 * A stream begins with `processes` and `sessions`, the whole lists, unless the reader was here before
 * and everything since can still be told.
 */
export function addEventRoutes(app: App, options: EventRoutesOptions): void {
  const { events, directory, manager, connections, clock } = options

  function stream(c: AppContext): Response {
    if (connections.full) return c.json({ error: 'too many connections', code: 'TOO_MANY' }, 429)
    const lastId = c.req.header('last-event-id')
    const { id: loginId, scope } = c.get('login')
    let stop = (): void => {}

    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          let beat: unknown
          let done = false
          const unsubscribe = events.subscribe(tell)
          // Measured anyway, kept nowhere: the next one is soon, and old ones would push out real news.
          const unsubscribeUsage = manager.subscribe((event) => {
            if (event.type !== 'usage' || scope) return
            const { name, usage } = event
            write(sse('process.usage', { name, usage }))
          })
          const leave = connections.add({ loginId, end: finish })
          stop = () => {
            done = true
            clock.clearTimeout(beat)
            unsubscribe()
            unsubscribeUsage()
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
            const told = scopedEvent(scope, event)
            if (!told) return
            const { type, ...data } = told
            write(sse(type, data, id))
          }

          function live(): void {
            if (done) return
            write(': still here\n\n')
            beat = clock.setTimeout(live, BEAT_MS)
          }

          write('retry: 2000\n\n')
          const missed = lastId === undefined ? undefined : events.since(lastId)
          if (missed) for (const each of missed) tell(each)
          else {
            // The id comes with the last of the lists: who has lost one of them gets both again.
            if (!scope) write(sse('processes', manager.list().map(describeProcess)))
            const sessions = directory.list().filter(({ id }) => scopeSees(scope, id))
            const shown = sessions.map((session) => scopedInfo(scope, session))
            write(sse('sessions', shown, events.lastId))
          }
          beat = clock.setTimeout(live, BEAT_MS)
        },
        cancel: () => stop(),
      },
      { highWaterMark: MOST_WAITING + 3 },
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
      summary: 'Server-sent events about sessions and processes, resumable by Last-Event-ID',
      responses: {
        200: {
          description:
            'sessions, session.created, session.renamed, session.state, session.exited, session.removed, session.viewers, session.attention; servers; processes, process.added, process.changed, process.death, process.adopted, process.removed; process.usage, about every 15 s, which is not resumed',
        },
        401: problem,
      },
    },
    stream,
  )
}

function sse(event: string, data: unknown, id?: string): string {
  const place = id === undefined ? '' : `id: ${id}\n`
  return `${place}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
