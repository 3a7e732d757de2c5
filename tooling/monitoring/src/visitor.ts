import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { attachSession, type Session } from '@conductor/session-client'
import { WebSocket } from 'ws'

/** A browser, as far as a proxy and a server can tell: TLS, `Host`, `Origin` and cookies. */
export interface Visitor {
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>
  /** The answer's body as it comes, until the test ends it. */
  stream(path: string): Promise<IncomingMessage>
  attach(id: string, onText: (text: string) => void): Session
}

export interface RequestOptions {
  readonly body?: unknown
  /** The page that asks (default: the site's own). */
  readonly origin?: string
}

export interface Answer {
  readonly status: number
  readonly body: string
}

export interface VisitorOptions {
  /** The name of the site, which leads to this machine. */
  readonly site: string
  readonly port: number
  /** The only authority that is believed. */
  readonly ca: string
}

export function createVisitor({ site, port, ca }: VisitorOptions): Visitor {
  const trust = { ca, servername: site }
  const cookies = new Map<string, string>()
  const headers = (origin = `https://${site}`): Record<string, string> => ({
    host: site,
    origin,
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
  })

  function ask(method: string, path: string, { body, origin }: RequestOptions = {}) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const asked = httpsRequest(
        {
          ...{ host: '127.0.0.1', port, ...trust, method, path, agent: false },
          headers: { ...headers(origin), 'content-type': 'application/json' },
        },
        resolve,
      )
      asked.on('error', reject)
      asked.end(body === undefined ? undefined : JSON.stringify(body))
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
      return { status: answer.statusCode ?? 0, body }
    },
    stream: (path) => ask('GET', path),
    attach(id, onText) {
      const decoder = new TextDecoder()
      /** The one of `ws`, believing this authority. */
      function TrustingSocket(url: string | URL, protocols?: string | string[], init?: object) {
        return new WebSocket(url, protocols, { ...init, ...trust })
      }
      return attachSession({
        url: `wss://127.0.0.1:${port}/ws/${id}`,
        headers: headers(),
        // A function that returns an object makes that object when it is called with `new`.
        WebSocket: TrustingSocket as unknown as typeof WebSocket,
        onOutput({ bytes, done }) {
          onText(decoder.decode(bytes, { stream: true }))
          done()
        },
      })
    },
  }
}
