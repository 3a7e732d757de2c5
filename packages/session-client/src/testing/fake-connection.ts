import type { Connect, Connection, ConnectionEvents, ConnectionState } from '../connection.ts'

/** A connection whose other end, and whose luck, is the test. */
export interface FakeConnection {
  readonly connect: Connect
  readonly state: ConnectionState
  /** What the client sent since the last look. */
  takeSent(): Uint8Array[]
  /** Close codes of the sockets that the client gave up. */
  readonly abandoned: readonly { readonly code: number; readonly reason: string }[]
  readonly establishedMs: number | undefined
  becomes(state: ConnectionState): void
  opens(): void
  /** The connection is lost, and dialled again later. */
  drops(retryAtMs?: number): void
  says(data: unknown): void
}

export function fakeConnection(): FakeConnection {
  let events: ConnectionEvents | undefined
  let state: ConnectionState = { name: 'idle' }
  let sent: Uint8Array[] = []
  let attempt = 0
  let establishedMs: number | undefined
  const abandoned: { code: number; reason: string }[] = []

  function becomes(next: ConnectionState): void {
    state = next
    events?.onState(next)
  }

  function drops(retryAtMs = 0): void {
    attempt++
    becomes({ name: 'waiting', attempt, attempts: 20, retryAtMs })
  }

  const connection: Connection = {
    get state() {
      return state
    },
    send(bytes) {
      if (state.name !== 'open') return false
      sent.push(bytes)
      return true
    },
    established(silenceMs) {
      establishedMs = silenceMs
    },
    confirm() {
      attempt = 0
    },
    start() {
      if (state.name === 'open' || state.name === 'connecting') return
      becomes({ name: 'connecting', attempt, attempts: 20 })
    },
    abandon(code, reason) {
      abandoned.push({ code, reason })
      drops()
    },
    stop: () => becomes({ name: 'idle' }),
  }

  return {
    connect(given) {
      events = given
      return connection
    },
    get state() {
      return state
    },
    takeSent() {
      const taken = sent
      sent = []
      return taken
    },
    abandoned,
    get establishedMs() {
      return establishedMs
    },
    becomes,
    opens: () => becomes({ name: 'open' }),
    drops,
    says: (data) => events?.onMessage(data),
  }
}
