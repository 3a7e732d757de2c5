import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { attachSession, type Session } from '@conductor/session-client'
import { WebSocket } from 'ws'

/** A browser, as far as a proxy and a server can tell: TLS, `Host`, `Origin` and cookies. */
export interface Visitor {
  /** @param path Below the base of the site. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>
  /** The answer's body as it comes, until the test ends it. */
  stream(path: string): Promise<IncomingMessage>
  attach(id: string, onOutput: (bytes: Uint8Array, done: () => void) => void): Session
}

export interface RequestOptions {
  /** JSON, or bytes. */
  readonly body?: unknown
  /** The page that asks (default: the site's own). */
  readonly origin?: string
  /** Beside those of a browser, or in their place. */
  readonly headers?: OutgoingHttpHeaders
  /** A path of the host, whatever the base (default: false). */
  readonly outside?: boolean
}

export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: IncomingMessage['headers']
}

export interface VisitorOptions {
  /** The name of the site, which leads to this machine. */
  readonly site: string
  readonly port: number
  /** Before all paths. */
  readonly base: string
  /** The only authority that is believed; without one there is no TLS. */
  readonly ca: string | undefined
}

export function createVisitor({ site, port, base, ca }: VisitorOptions): Visitor {
  const trust = ca === undefined ? {} : { ca, servername: site }
  const secure = ca === undefined ? '' : 's'
  const request = ca === undefined ? httpRequest : httpsRequest
  const cookies = new Map<string, string>()
  const headers = (origin = `http${secure}://${site}`): Record<string, string> => ({
    host: site,
    origin,
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
  })

  function ask(method: string, path: string, options: RequestOptions = {}) {
    const { body, origin, outside = false, headers: more } = options
    return new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(
        {
          ...{ host: '127.0.0.1', port, ...trust, method, path: outside ? path : base + path },
          ...{ agent: false },
          headers: { ...headers(origin), 'content-type': 'application/json', ...more },
        },
        resolve,
      )
      asked.on('error', reject)
      asked.end(body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body))
    })
  }

  function keepCookies({ headers }: IncomingMessage): void {
    for (const cookie of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
  }

  return {
    async request(method, path, options) {
      const answer = await ask(method, path, options)
      keepCookies(answer)
      let body = ''
      for await (const chunk of answer.setEncoding('utf8')) body += chunk
      return { status: answer.statusCode ?? 0, body, headers: answer.headers }
    },
    stream: (path) => ask('GET', path),
    attach(id, onOutput) {
      /** The one of `ws`, believing this authority. */
      function TrustingSocket(url: string | URL, protocols?: string | string[], init?: object) {
        return new WebSocket(url, protocols, { ...init, ...trust })
      }
      return attachSession({
        url: `ws${secure}://127.0.0.1:${port}${base}/ws/${id}`,
        headers: headers(),
        // A function that returns an object makes that object when it is called with `new`.
        WebSocket: TrustingSocket as unknown as typeof WebSocket,
        onOutput: ({ bytes, done }) => onOutput(bytes, done),
      })
    },
  }
}
