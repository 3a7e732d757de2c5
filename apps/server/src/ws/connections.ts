/** Something that stays open on behalf of a login: a WebSocket, or a stream of events. */
export interface Connection {
  /** Whose it is; `undefined` while nobody has logged in on it. */
  readonly loginId: string | undefined
  /** Ends it. `code` is a close code of WebSocket; a stream of events just ends. */
  readonly end: (code: number, reason: string) => void
}

/** Everything that is open, so that it can be ended: at a logout, and when the server goes. */
export interface Connections {
  readonly count: number
  readonly full: boolean
  /** Returns how to take it out again. */
  add(connection: Connection): () => void
  endLogin(loginId: string, code: number, reason: string): void
  endAll(code: number, reason: string): void
}

export function createConnections(most: number): Connections {
  const open = new Set<Connection>()

  return {
    get count() {
      return open.size
    },
    get full() {
      return open.size >= most
    },
    add(connection) {
      open.add(connection)
      return () => void open.delete(connection)
    },
    endLogin(loginId, code, reason) {
      for (const each of [...open]) if (each.loginId === loginId) each.end(code, reason)
    },
    endAll(code, reason) {
      for (const each of [...open]) each.end(code, reason)
    },
  }
}
