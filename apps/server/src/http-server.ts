import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { MAX_FRAME_BYTES, SUBPROTOCOL } from '@conductor/protocol'
import { createAdaptorServer, type HttpBindings, type WebSocketServerLike } from '@hono/node-server'
import { WebSocketServer } from 'ws'
import type { App } from './http/documented.ts'
import { isUpload } from './http/file-routes.ts'
import { ServerError, systemCodeOf } from './server-error.ts'

/** While connections are drained, those that have become idle are looked for this often. */
const IDLE_LOOK_MS = 20

/** Over a slow link a large file takes its time, as long as some of it comes. In milliseconds. */
const UPLOAD_MS = 10 * 60_000

/** None of these touches a WebSocket once it is open. In milliseconds. */
export interface HttpTimeouts {
  /** A request must be there within this (default: 15,000). */
  readonly readMs?: number | undefined
  /** No answer may stand still for longer (default: 15,000). */
  readonly writeMs?: number | undefined
  /** A connection between requests is kept for this long (default: 60,000). */
  readonly idleMs?: number | undefined
}

export interface HttpServerOptions {
  readonly app: App
  readonly host: string
  readonly port: number
  readonly timeouts?: HttpTimeouts | undefined
}

export interface HttpServer {
  readonly port: number
  /** Accepts nothing more, and lets go of connections that carry no request. */
  stopAccepting(): void
  /** Resolves when no connection is left; whatever is left after `withinMs` is cut. */
  drain(withinMs: number): Promise<void>
}

/** @throws ServerError `LISTEN_FAILED` naming the address. */
export async function listen(options: HttpServerOptions): Promise<HttpServer> {
  const { app, host, port } = options
  const { readMs = 15_000, writeMs = 15_000, idleMs = 60_000 } = options.timeouts ?? {}
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    // The token that may stand beside it is never repeated.
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  // Made by `http.createServer`, because nothing else was asked for.
  const server = createAdaptorServer({
    fetch: (request, env) => fetchOrRefuse(app, request, env as HttpBindings),
    serverOptions: {
      // That of all requests but uploads is `limitReading`'s: Node has one for the whole server.
      requestTimeout: Math.max(readMs, UPLOAD_MS),
      headersTimeout: readMs,
      keepAliveTimeout: idleMs,
      connectionsCheckingInterval: Math.min(readMs / 5, 1_000),
    },
    // Its `options.noServer` is optional where the adapter wants a boolean: it is set above.
    websocket: { server: sockets as WebSocketServerLike },
  }) as Server
  server.setTimeout(writeMs)
  limitReading(server, readMs)
  const closeIdle = closerOfIdle(server)

  server.listen({ port, host })
  try {
    await once(server, 'listening')
  } catch (cause) {
    const why =
      systemCodeOf(cause) === 'EADDRINUSE'
        ? 'another program listens there'
        : cause instanceof Error
          ? cause.message
          : String(cause)
    throw new ServerError('LISTEN_FAILED', `cannot listen on ${host}:${port}: ${why}`, { cause })
  }
  const address = server.address()
  const closed = new Promise<void>((resolve) => void server.once('close', resolve))

  return {
    port: typeof address === 'object' && address ? address.port : port,
    stopAccepting() {
      server.close()
      closeIdle()
    },
    async drain(withinMs) {
      // A connection whose last answer ends only now would be kept for the next request.
      const idle = setInterval(closeIdle, IDLE_LOOK_MS)
      let cut: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        cut = setTimeout(() => {
          server.closeAllConnections()
          resolve()
        }, withinMs)
      })
      await Promise.race([closed, late])
      clearInterval(idle)
      clearTimeout(cut)
    },
  }
}

/**
 * Closes connections that carry no request. Node's own way spares those that never sent one, and
 * browsers open such ahead of need.
 */
function closerOfIdle(server: Server): () => void {
  const connections = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  return () => {
    server.closeIdleConnections()
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
  }
}

/** Cuts off who does not send the body of a request in time. */
function limitReading(server: Server, readMs: number): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { headers, socket, method = '', url = '' } = request
    const hasBody = 'content-length' in headers || 'transfer-encoding' in headers
    if (!hasBody || isUpload(method, url.replace(/\?.*/s, ''))) return
    const timer = setTimeout(() => {
      if (request.complete) return
      if (!response.headersSent)
        socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
      socket.destroySoon()
    }, readMs)
    request.once('close', () => clearTimeout(timer))
  })
}

/**
 * An upgrade that the app refuses is answered here, because its body would be lost otherwise: the
 * adapter answers with the status alone.
 */
async function fetchOrRefuse(app: App, request: Request, env: HttpBindings): Promise<Response> {
  const response = await app.fetch(request, env)
  const isUpgrade = env.outgoing === undefined
  // The adapter takes 200 for "accepted" where the route has asked for the socket.
  const isWebSocketRoute = /^(?:\/ws(?:\/[^/]*)?|\/remote\/[^/]+\/ws\/[^/]+)$/.test(
    app.getPath(request),
  )
  if (!isUpgrade || (isWebSocketRoute && response.status === 200)) return response
  await refuse(env.incoming, response)
  return response
}

async function refuse({ socket }: IncomingMessage, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer())
  const headers = new Headers(response.headers)
  headers.set('Content-Length', String(body.length))
  headers.set('Connection', 'close')
  let head = ''
  headers.forEach((value, name) => {
    head += `${name}: ${value}\r\n`
  })
  const status = `HTTP/1.1 ${response.status} ${response.statusText || 'Refused'}\r\n`
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
    socket.end(Buffer.concat([Buffer.from(`${status}${head}\r\n`), body]), () => resolve())
  })
  socket.destroySoon()
}
