/** What a socket can send. */
export type SocketData = string | ArrayBuffer | ArrayBufferView | Blob

/** Messages that wait for a connection, bounded by their bytes. */
export interface SendQueue {
  readonly bytes: number
  /** `false`, and nothing has changed, when there is no room. */
  add(data: SocketData): boolean
  /** Empties the queue. @returns What was in it, oldest first. */
  takeAll(): readonly SocketData[]
}

export function createSendQueue(maxBytes: number): SendQueue {
  const waiting: SocketData[] = []
  let bytes = 0

  return {
    get bytes() {
      return bytes
    },
    add(data) {
      // Counts what goes over the wire, a string in UTF-8, and is a copy: a socket too takes the
      // bytes as they are at the time of `send`. Sent as a binary message, as its parts would be.
      const blob = new Blob([data as string])
      if (bytes + blob.size > maxBytes) return false
      bytes += blob.size
      waiting.push(typeof data === 'string' ? data : blob)
      return true
    },
    takeAll() {
      bytes = 0
      return waiting.splice(0)
    },
  }
}
