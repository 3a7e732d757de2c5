import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What can befall a network. */
export type NetworkFault =
  /** Every connection is reset, to both sides. */
  | { readonly kind: 'reset' }
  /** Every connection goes dead for good: nothing passes any more, and nobody is told. */
  | { readonly kind: 'silence' }
  /** Nothing passes for a while; then everything does. */
  | { readonly kind: 'stall'; readonly forMs: number }
  /** For a while, one byte at a time. */
  | { readonly kind: 'dribble'; readonly forMs: number }
  /** For a while, no more than so many bytes per second each way. */
  | { readonly kind: 'slow'; readonly forMs: number; readonly bytesPerSecond: number }

/** A TCP proxy that does to connections what networks do. Bytes are passed on as they are. */
export interface ChaosProxy {
  readonly port: number
  /** As in `http://127.0.0.1:4711`: for the server's allow-list. */
  readonly origin: string
  readonly connections: number
  /** How many have been made so far. */
  readonly dials: number
  /** Where new connections go from now on. */
  aim(port: number): void
  /** Resolves when the fault is over: at once for `reset` and `silence`. A new one replaces one that lasts. */
  strike(fault: NetworkFault): Promise<void>
  /** Ends every fault that lasts. Dead connections stay dead. */
  calm(): void
  close(): Promise<void>
}

type Weather = 'calm' | 'stall' | 'dribble' | { readonly bytesPerSecond: number }

/** How often a slow network passes something on, in milliseconds. */
const SLICE_MS = 20

interface Connection {
  readonly client: Socket
  readonly server: Socket
  readonly gone: AbortSignal
  dead: boolean
}

/** Listens on a free port of the loopback. */
export async function createChaosProxy(): Promise<ChaosProxy> {
  const connections = new Set<Connection>()
  let weather: Weather = 'calm'
  let change = new AbortController()
  let target = 0
  let dials = 0

  function become(next: Weather): void {
    weather = next
    change.abort()
    change = new AbortController()
  }

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    dials++
    const server = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true })
    const ended = new AbortController()
    const connection = { client, server, gone: ended.signal, dead: false }
    connections.add(connection)
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      // A dead connection hides from each side what has become of the other.
      socket.on('error', () => {})
      socket.on('close', () => {
        if (connection.dead && !(client.closed && server.closed)) return
        ended.abort()
        connections.delete(connection)
        const other = socket === client ? server : client
        if (!other.destroyed) reset(other)
      })
    }
    void pump(connection, client, server)
    void pump(connection, server, client)
  })

  async function pump(connection: Connection, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false })) {
        await pass(connection, chunk, to)
      }
      await untilAlive(connection)
      to.end()
    } catch {
      // One side has gone: its `close` takes the other along.
    }
  }

  async function pass(connection: Connection, chunk: Buffer, to: Socket): Promise<void> {
    for (let rest = chunk; rest.length > 0; ) {
      await untilAlive(connection)
      if (weather === 'stall') {
        await Promise.race([once(change.signal, 'abort'), untilGone(connection)])
        continue
      }
      const [size, pauseMs] = sizeOf(weather, rest.length)
      if (!to.write(rest.subarray(0, size))) await once(to, 'drain', { signal: connection.gone })
      if (pauseMs > 0) await delay(pauseMs, undefined, { signal: connection.gone })
      rest = rest.subarray(size)
    }
  }

  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  // It listens on TCP, so this is no path.
  const { port } = listener.address() as AddressInfo

  async function last(next: Weather, forMs: number): Promise<void> {
    become(next)
    const mine = change.signal
    // Whatever replaces it ends this one early.
    await delay(forMs, undefined, { signal: mine }).catch(() => {})
    if (!mine.aborted) become('calm')
  }

  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    get connections() {
      return connections.size
    },
    get dials() {
      return dials
    },
    aim(next) {
      target = next
    },
    async strike(fault) {
      switch (fault.kind) {
        case 'reset':
          for (const { client } of connections) reset(client)
          return
        case 'silence':
          for (const connection of connections) {
            connection.dead = true
            connection.client.pause()
            connection.server.pause()
          }
          return
        case 'slow':
          return last({ bytesPerSecond: fault.bytesPerSecond }, fault.forMs)
        default:
          return last(fault.kind, fault.forMs)
      }
    },
    calm: () => become('calm'),
    async close() {
      listener.close()
      for (const connection of connections) {
        connection.dead = false
        reset(connection.client)
        reset(connection.server)
      }
      await once(listener, 'close')
    },
  }
}

/** How much may pass now, and how long to wait after it. */
function sizeOf(weather: Exclude<Weather, 'stall'>, available: number): readonly [number, number] {
  if (weather === 'calm') return [available, 0]
  if (weather === 'dribble') return [1, 1]
  return [Math.max(1, Math.floor((weather.bytesPerSecond * SLICE_MS) / 1000)), SLICE_MS]
}

/** A connection that went dead never passes anything again. */
async function untilAlive(connection: Connection): Promise<void> {
  if (connection.dead) await untilGone(connection)
}

async function untilGone({ gone }: Connection): Promise<never> {
  if (!gone.aborted) await once(gone, 'abort')
  throw new Error('the connection is gone')
}

function reset(socket: Socket): void {
  if (socket.connecting) socket.destroy()
  else socket.resetAndDestroy()
}
