/** One program in a pty, as little of it as a client can tell from the real thing. */
export interface ModelHost {
  readonly epoch: string
  /** The oldest offset kept. */
  readonly start: number
  readonly end: number
  readonly exited: boolean
  /** What was typed into this program, in order. */
  readonly typed: readonly Uint8Array[]
  lastInput(clientId: string): number
  produce(length: number): void
  read(from: number, to: number): Uint8Array
  /** Drops up to `length` of the oldest bytes. */
  evict(length: number): void
  /** Types what is new. `false`: a number was left out. */
  input(clientId: string, seq: number, bytes: Uint8Array): boolean
  /** The client's numbers are forgotten, as when too many others typed since. */
  forget(): void
  exit(): void
}

/** The byte that stands at `offset` of an epoch: a test need not keep the log to know it. */
export function byteAt(epoch: string, offset: number): number {
  const mixed = Math.imul(offset + 1, 0x9e3779b1) ^ Math.imul(epoch.charCodeAt(1), 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) & 0xff
}

export function modelHost(epoch: string): ModelHost {
  const typed: Uint8Array[] = []
  let book = new Map<string, number>()
  let start = 0
  let end = 0
  let exited = false

  return {
    epoch,
    get start() {
      return start
    },
    get end() {
      return end
    },
    get exited() {
      return exited
    },
    typed,
    lastInput: (clientId) => book.get(clientId) ?? 0,
    produce(length) {
      if (!exited) end += length
    },
    read(from, to) {
      const bytes = new Uint8Array(to - from)
      for (let i = 0; i < bytes.length; i++) bytes[i] = byteAt(epoch, from + i)
      return bytes
    },
    evict(length) {
      start = Math.min(start + length, end)
    },
    input(clientId, seq, bytes) {
      const last = book.get(clientId) ?? 0
      if (seq > last + 1) return false
      if (seq <= last) return true
      book.set(clientId, seq)
      typed.push(bytes.slice())
      return true
    },
    forget() {
      book = new Map()
    },
    exit() {
      exited = true
    },
  }
}
