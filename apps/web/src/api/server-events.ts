import type { Clock } from '@conductor/machine'

/** When the browser has ended the stream for good (it does that for an answer it does not like), in milliseconds. */
const LISTEN_AGAIN_MS = 5_000

/** The part of the browser's `EventSource` that is used. */
export interface EventStream extends Pick<EventTarget, 'addEventListener'> {
  readonly readyState: number
  close(): void
}

const CLOSED = 2

export interface ServerEventsOptions {
  readonly url: URL
  readonly clock: Clock
  /** For tests (default: the browser's `EventSource`). */
  readonly open?: ((url: string) => EventStream) | undefined
}

/** What happens on one server, as `GET api/events` tells it: one stream, however many listen. */
export interface ServerEvents {
  /**
   * @param name Of the event, as `session.created`, `process.state`.
   * @param listener Gets the data, as JSON says it.
   * @returns The function that ends it.
   */
  on(name: string, listener: (data: unknown) => void): () => void
  /** The stream is a new one: something may have been missed. */
  onReopened(listener: () => void): () => void
  close(): void
}

export function createServerEvents(options: ServerEventsOptions): ServerEvents {
  const { url, clock, open = (address) => new EventSource(address) } = options
  const listeners = new Map<string, Set<(data: unknown) => void>>()
  const reopened = new Set<() => void>()
  let stream = start()
  let timer: unknown

  function start(): EventStream {
    const source = open(url.href)
    for (const name of listeners.keys()) follow(source, name)
    source.addEventListener('error', () => {
      if (source !== stream || source.readyState !== CLOSED) return
      timer = clock.setTimeout(() => {
        stream = start()
        for (const listener of [...reopened]) listener()
      }, LISTEN_AGAIN_MS)
    })
    return source
  }

  function follow(source: EventStream, name: string): void {
    source.addEventListener(name, (event) => {
      const { data } = event as MessageEvent
      const value = parse(String(data))
      for (const listener of [...(listeners.get(name) ?? [])]) listener(value)
    })
  }

  return {
    on(name, listener) {
      const known = listeners.get(name)
      if (!known) {
        listeners.set(name, new Set([listener]))
        follow(stream, name)
      } else known.add(listener)
      return () => void listeners.get(name)?.delete(listener)
    },
    onReopened(listener) {
      reopened.add(listener)
      return () => void reopened.delete(listener)
    },
    close() {
      clock.clearTimeout(timer)
      stream.close()
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
