import type { Clock } from '@conductor/machine'
import { encodeClientFrame, SUBPROTOCOL, tokenProtocol } from '@conductor/protocol'
import {
  createReconnectingWs,
  type Fresh,
  type ReconnectingWs,
  type ReconnectingWsOptions,
  type SocketConstructor,
  type SocketLike,
  type SocketState,
} from '@conductor/reconnecting-ws'
import type { Connect, ConnectionState } from './connection.ts'
import { createLiveness } from './liveness.ts'

/** How long the server may take for its `welcome`, which says how long from then on, in milliseconds. */
const WELCOME_WITHIN_MS = 10_000

/** What a socket reports as its close code when there was no close frame. */
const ABNORMAL = 1006

/** The part of the options that is about the socket. */
export interface SocketOptions
  extends Pick<
    ReconnectingWsOptions,
    'url' | 'headers' | 'schedule' | 'connectWithinMs' | 'minUptimeMs' | 'hiddenGraceMs' | 'page'
  > {
  readonly token?: Fresh<string> | undefined
  readonly WebSocket: SocketConstructor
  readonly clock: Clock
}

/** A {@link Connect} over a WebSocket that comes back. */
export function connectSocket(options: SocketOptions): Connect {
  const { token, WebSocket: Socket, clock, ...rest } = options

  return ({ onState, onMessage }) => {
    let ws: ReconnectingWs | undefined
    let state: ConnectionState = { name: 'idle' }
    /** The socket beneath `ws`, which can only be reached when it is made. */
    let raw: SocketLike | undefined

    const liveness = createLiveness({
      clock,
      ping: () => void ws?.send(pingFrame()),
      // As if it had never been there: nobody knows how long it has not been.
      dead: () => ws?.reconnect(),
    })

    // A function that returns an object may be called with `new`, and the object is what comes out.
    function Tracked(...args: ConstructorParameters<SocketConstructor>): SocketLike {
      raw = new Socket(...args)
      return raw
    }

    function pingFrame(): Uint8Array<ArrayBuffer> {
      const frame = encodeClientFrame({ type: 'ping', time: Math.floor(clock.now()) })
      // Our writer makes its own buffer, and never a shared one.
      return frame as Uint8Array<ArrayBuffer>
    }

    function make(): ReconnectingWs {
      const made = createReconnectingWs({
        ...rest,
        protocols: async () => {
          const given = typeof token === 'function' ? await token() : token
          return given === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, tokenProtocol(given)]
        },
        WebSocket: Tracked as unknown as SocketConstructor,
        autoConnect: false,
        // Silence is ours to notice, because the server says how long. Theirs to notice is that the
        // page, the network or the machine is back, and to ask at once.
        ping: {
          everyMs: Number.MAX_SAFE_INTEGER,
          silenceMs: Number.POSITIVE_INFINITY,
          make: pingFrame,
        },
        // Nothing may wait in a queue that knows nothing of offsets and numbers.
        maxQueuedBytes: 0,
        clock,
      })
      made.binaryType = 'arraybuffer'
      made.onstatechange = ({ detail }) => made === ws && become(stateOf(detail))
      made.onmessage = ({ data }) => {
        if (made !== ws) return
        liveness.heard()
        onMessage(data)
      }
      return made
    }

    function become(next: ConnectionState): void {
      if (next.name === 'open') liveness.start(WELCOME_WITHIN_MS)
      else liveness.stop()
      state = next
      onState(next)
    }

    return {
      get state() {
        return state
      },
      send: (bytes) => state.name === 'open' && ws !== undefined && ws.send(bytes as never),
      established: (silenceMs) => liveness.start(silenceMs),
      confirm: () => ws?.confirm(),
      start() {
        if (state.name === 'open' || state.name === 'connecting') return
        ws ??= make()
        ws.reconnect()
      },
      abandon(code, reason) {
        raw?.close(code, reason.slice(0, 100))
        // The closing handshake can take minutes, and its code would be final; for us it is a loss now.
        raw?.onclose?.({ code: ABNORMAL, reason } as never)
      },
      stop() {
        const last = ws
        ws = undefined
        become({ name: 'idle' })
        last?.close(1000)
      },
    }
  }
}

function stateOf(state: SocketState): ConnectionState {
  switch (state.name) {
    case 'idle':
    case 'closed':
      return { name: 'idle' }
    case 'open':
      return { name: 'open' }
    case 'connecting':
      return { name: 'connecting', attempt: state.attempt, attempts: finite(state.attempts) }
    case 'waiting': {
      const { attempt, attempts, retryAtMs } = state
      return { name: 'waiting', attempt, attempts: finite(attempts), retryAtMs }
    }
    case 'stopped':
      if (state.reason === 'exhausted') return { name: 'stopped' }
      return { name: 'refused', code: state.code, reason: state.text }
  }
}

function finite(attempts: number): number | undefined {
  return attempts === Number.POSITIVE_INFINITY ? undefined : attempts
}
