import type { Clock } from '@conductor/machine'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Api } from '../../../api/api.ts'
import type { EventStream } from '../../../api/server-events.ts'
import { createLogBuffer } from './log-buffer.ts'
import type { LogLine } from './log-line.ts'

/** Lines that come together are drawn together, in milliseconds. */
const DRAW_MS = 100
/** When the browser has given the stream up, in milliseconds. */
const AGAIN_MS = 3_000
const CLOSED = 2

export interface FollowLogOptions {
  readonly api: Pick<Api, 'url'>
  readonly name: string
  /** So many lines before the end to begin with; `undefined`: all that are kept. */
  readonly tail: number | undefined
  readonly pretty: boolean
  readonly clock: Clock
  /** For tests (default: the browser's `EventSource`). */
  readonly open?: ((url: string) => EventStream) | undefined
}

/** A log as it is and as it grows. */
export interface FollowedLog {
  readonly lines: ReadonlySignal<readonly LogLine[]>
  /** How many lines went at the front. */
  readonly dropped: ReadonlySignal<number>
  readonly connection: ReadonlySignal<'connecting' | 'live' | 'waiting'>
  close(): void
}

export function followLog(options: FollowLogOptions): FollowedLog {
  const { api, name, tail, pretty, clock, open = (url) => new EventSource(url) } = options
  const buffer = createLogBuffer({ pretty })
  const lines = signal<readonly LogLine[]>([])
  const dropped = signal(0)
  const connection = signal<'connecting' | 'live' | 'waiting'>('connecting')
  let closed = false
  let drawing: unknown
  let again: unknown
  let stream = start()

  function start(): EventStream {
    const place = buffer.endOffset === undefined ? { tail } : { from: buffer.endOffset }
    const path = `api/processes/${encodeURIComponent(name)}/logs`
    const source = open(api.url(path, { follow: true, ...place }).href)
    source.addEventListener('open', () => {
      connection.value = 'live'
    })
    source.addEventListener('output', (event) => take(String((event as MessageEvent).data)))
    source.addEventListener('error', () => {
      if (closed || source !== stream) return
      connection.value = 'waiting'
      if (source.readyState !== CLOSED) return
      again = clock.setTimeout(() => {
        stream = start()
      }, AGAIN_MS)
    })
    return source
  }

  function take(text: string): void {
    const { offset, data } = JSON.parse(text) as { readonly offset: number; readonly data: string }
    buffer.append(
      offset,
      Uint8Array.from(atob(data), (char) => char.charCodeAt(0)),
    )
    drawing ??= clock.setTimeout(() => {
      drawing = undefined
      dropped.value = buffer.dropped
      lines.value = buffer.lines
    }, DRAW_MS)
  }

  return {
    lines,
    dropped,
    connection,
    close() {
      closed = true
      clock.clearTimeout(drawing)
      clock.clearTimeout(again)
      stream.close()
    },
  }
}
