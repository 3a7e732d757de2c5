import type { WebSocket } from 'ws'

/** One WebSocket as the bridges see it. Nothing here throws, also when the other end has gone. */
export interface MessageSocket {
  /** Bytes handed over and not yet taken by the kernel. */
  readonly bufferedAmount: number
  /** `onSent` is called when the kernel has taken `data`, and never when the socket dies before. */
  send(data: Uint8Array | string, onSent?: () => void): void
  /** WebSocket's own ping, which every client answers by itself. */
  ping(): void
  /** Says goodbye. What was sent before arrives first. */
  close(code: number, reason: string): void
  /** Drops the connection without a word. */
  terminate(): void
  /** Reads no more until `resume`: the other end has to wait. */
  pause(): void
  resume(): void
}

/** What a WebSocket's messages are given to. */
export interface Bridge {
  receive(data: Buffer, isBinary: boolean): void
  /** WebSocket's own pong arrived. */
  heard(): void
  /** The server asks the other end to leave. */
  leave(code: number, reason: string): void
  /** The connection has ended, however it did. */
  closed(): void
}

/** A peer that does not answer our close frame is dropped after this, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000

/** A close frame has room for 123 bytes of reason. */
const MAX_REASON_BYTES = 123

export interface Traffic {
  sent(bytes: number): void
  received(bytes: number): void
}

export function wrapSocket(ws: WebSocket, traffic: Traffic): MessageSocket {
  return {
    get bufferedAmount() {
      return ws.bufferedAmount
    },
    send(data, onSent) {
      if (ws.readyState !== ws.OPEN) return
      traffic.sent(data.length)
      ws.send(data, (error) => {
        if (!error) onSent?.()
      })
    },
    ping() {
      if (ws.readyState === ws.OPEN) ws.ping()
    },
    close(code, reason) {
      if (ws.readyState !== ws.OPEN) return
      // A paused socket would never read the answer.
      ws.resume()
      ws.close(code, cut(reason))
      const timer = setTimeout(() => ws.terminate(), CLOSE_TIMEOUT_MS)
      timer.unref()
      ws.once('close', () => clearTimeout(timer))
    },
    terminate: () => ws.terminate(),
    pause: () => ws.pause(),
    resume: () => ws.resume(),
  }
}

/** Connects a WebSocket's events to a bridge, for as long as it lives. */
export function connectBridge(ws: WebSocket, bridge: Bridge, traffic: Traffic): void {
  ws.on('message', (data, isBinary) => {
    // `binaryType` is "nodebuffer", so one Buffer is all that comes.
    const bytes = data as Buffer
    traffic.received(bytes.length)
    bridge.receive(bytes, isBinary)
  })
  ws.on('ping', () => bridge.heard())
  ws.on('pong', () => bridge.heard())
  // Its end is told by `close`, which always follows.
  ws.on('error', () => {})
  ws.on('close', () => bridge.closed())
}

function cut(reason: string): string {
  const characters = Array.from(reason)
  while (Buffer.byteLength(characters.join('')) > MAX_REASON_BYTES) characters.pop()
  return characters.join('')
}
