import type { Clock } from '@conductor/machine'
import { effect, type ReadonlySignal } from '@preact/signals'
import type { EventStream } from '../api/server-events.ts'

/** A stream that was lost while its server is said to be there is tried again after this, in milliseconds. */
const AGAIN_MS = 5_000

const CLOSED = 2

export interface GatedStreamOptions {
  readonly open: () => EventStream
  readonly clock: Clock
  /** Whether there is somebody to listen to: while there is not, nothing is asked. */
  readonly isOpen: ReadonlySignal<boolean>
  /** The stream has ended for good: the server may be away. */
  readonly onLost: () => void
}

/**
 * The events of a server that comes and goes. A browser's own stream would ask for ever, and write an error on
 * its console for each time that nobody answers.
 */
export function createGatedStream(options: GatedStreamOptions): EventStream {
  const { open, clock, isOpen, onLost } = options
  const listeners: Parameters<EventStream['addEventListener']>[] = []
  let stream: EventStream | undefined
  let timer: unknown

  function start(): void {
    if (stream) return
    const source = open()
    stream = source
    for (const each of listeners) source.addEventListener(...each)
    source.addEventListener('error', () => {
      if (source !== stream || source.readyState !== CLOSED) return
      stream = undefined
      timer = clock.setTimeout(() => {
        if (isOpen.peek()) start()
      }, AGAIN_MS)
      onLost()
    })
  }

  function end(): void {
    clock.clearTimeout(timer)
    stream?.close()
    stream = undefined
  }

  const stop = effect(() => {
    if (isOpen.value) start()
    else end()
  })

  return {
    // Whoever reads it only wants to know whether this one has given up: it never does.
    readyState: 1,
    addEventListener(...listener) {
      // Its errors are dealt with here.
      if (listener[0] === 'error') return
      listeners.push(listener)
      stream?.addEventListener(...listener)
    },
    close() {
      stop()
      end()
    },
  }
}
