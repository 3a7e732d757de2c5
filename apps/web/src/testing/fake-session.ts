import type { AttachOptions, Session, SessionEvent, SessionStatus } from '@conductor/session-client'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A session that says what a test tells it to, and keeps what it was told. */
export interface FakeSession extends Session {
  readonly options: AttachOptions
  /** Everything typed so far, as text. */
  readonly typed: string
  readonly typedBytes: readonly number[]
  /** What was asked of it, in order, as in `resize 80x24`. */
  readonly calls: readonly string[]
  /** How many pieces of output were acknowledged. */
  readonly acknowledged: number
  emit(event: SessionEvent): void
  become(status: SessionStatus): void
  output(text: string, options?: { readonly replay?: boolean }): void
  /** Instead of the output up to `to`. */
  snapshot(text: string, to: number, size?: { readonly cols: number; readonly rows: number }): void
  /** So much is pending now. */
  pend(sizeBytes: number, heldBytes?: number): void
}

export function createFakeSession(options: AttachOptions): FakeSession {
  const listeners = new Set<(event: SessionEvent) => void>()
  const typedBytes: number[] = []
  const calls: string[] = []
  let status: SessionStatus = { name: 'connecting' }
  let offset = options.resume?.offset ?? 0
  let pending = { sizeBytes: 0, heldBytes: 0 }
  let acknowledged = 0

  function emit(event: SessionEvent): void {
    for (const listener of [...listeners]) listener(event)
  }

  function become(next: SessionStatus): void {
    status = next
    emit({ type: 'status', status })
  }

  const close = async (): Promise<void> => {
    calls.push('close')
    become({ name: 'closed' })
  }

  return {
    options,
    epoch: 'an epoch',
    get status() {
      return status
    },
    get offset() {
      return offset
    },
    get pending() {
      return pending
    },
    get typed() {
      return decoder.decode(Uint8Array.from(typedBytes))
    },
    typedBytes,
    calls,
    get acknowledged() {
      return acknowledged
    },
    readPending: (limitBytes = 4_096) =>
      Uint8Array.from(typedBytes.slice(-pending.sizeBytes || typedBytes.length, limitBytes)),
    type(data) {
      typedBytes.push(...(typeof data === 'string' ? encoder.encode(data) : data))
      return true
    },
    sendHeld: () => void calls.push('sendHeld'),
    discardHeld: () => void calls.push('discardHeld'),
    resize: (cols, rows, { claim = false } = {}) =>
      void calls.push(`resize ${cols}x${rows}${claim ? ' claim' : ''}`),
    setColors: ({ background }) => void calls.push(`colors ${background}`),
    reconnect: () => void calls.push('reconnect'),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close,
    [Symbol.asyncDispose]: close,
    emit,
    become,
    output(text, { replay = false } = {}) {
      const bytes = encoder.encode(text)
      const at = offset
      offset += bytes.length
      options.onOutput({ bytes, offset: at, replay, done: () => acknowledged++ })
    },
    snapshot(text, to, size = { cols: 80, rows: 24 }) {
      offset = to
      const bytes = encoder.encode(text)
      options.onSnapshot?.({ bytes, offset, ...size, done: () => acknowledged++ })
    },
    pend(sizeBytes, heldBytes = 0) {
      pending = { sizeBytes, heldBytes }
      emit({ type: 'pending', pending })
    },
  }
}
