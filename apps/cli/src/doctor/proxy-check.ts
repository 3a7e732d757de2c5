import { WebSocket } from 'ws'
import { isCliError } from '../cli-error.ts'
import { type Finding, findings } from './finding.ts'

/** How a server is asked through a proxy: what a test replaces. Times are in milliseconds. */
export interface Way {
  /** The status and the body. @throws when there is no answer. */
  readonly get: (path: string) => Promise<{ readonly status: number; readonly text: string }>
  /** The close code of a WebSocket that logs in with nothing, or the status of a refused upgrade. */
  readonly upgrade: () => Promise<
    { readonly closeCode: number } | { readonly status: number } | { readonly error: string }
  >
  /** Whether an event stream begins to flow; `undefined` when it cannot be asked for without a login. */
  readonly stream: () => Promise<boolean | undefined>
}

/** What a server says to a WebSocket that has not logged in, after the upgrade. */
const NOT_LOGGED_IN = 4401

/** Whether a proxy passes on what a page needs: requests, WebSockets, event streams. */
export async function checkProxy(way: Way, url: string): Promise<readonly Finding[]> {
  const { pass, fail } = findings('proxy')
  const health = await way.get('/api/health').catch((error: unknown) => String(message(error)))
  if (typeof health === 'string') return [fail(`no answer from ${url}: ${health}`)]
  if (health.text.includes('WRONG_HOST'))
    return [
      fail(`the server does not answer to that name; set AI_CONDUCTOR_ALLOWED_ORIGINS=${url}`),
    ]
  if (health.status !== 200 || !health.text.includes('"ok"'))
    return [fail(`${url}/api/health answers ${health.status}, and not as a server of ours`)]
  return [pass(`${url} leads to a server`), await checkUpgrade(way, url), await checkStream(way)]
}

async function checkUpgrade(way: Way, url: string): Promise<Finding> {
  const { pass, fail } = findings('proxy: WebSocket')
  const found = await way.upgrade()
  if ('closeCode' in found && found.closeCode === NOT_LOGGED_IN) return pass('passed on')
  if ('status' in found && found.status === 403)
    return fail(`refused by the server; set AI_CONDUCTOR_ALLOWED_ORIGINS=${url}`)
  const what =
    'closeCode' in found
      ? `closed with ${found.closeCode}`
      : 'status' in found
        ? `answered ${found.status}`
        : found.error
  return fail(
    `not passed on (${what}); in nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade, proxy_set_header Connection "upgrade"`,
  )
}

async function checkStream(way: Way): Promise<Finding> {
  const { pass, warn, fail } = findings('proxy: event stream')
  const flows = await way.stream()
  if (flows === undefined)
    return warn(
      'not tried: it needs a login, and neither a password file nor AI_CONDUCTOR_PASSWORD opens it',
    )
  if (flows) return pass('flows')
  return fail('held back by the proxy; in nginx: proxy_buffering off')
}

function message(error: unknown): string {
  if (isCliError(error)) return error.text
  return error instanceof Error
    ? error.cause instanceof Error
      ? error.cause.message
      : error.message
    : String(error)
}

/** How long each of them may take, in milliseconds. */
const WITHIN_MS = 10_000

/**
 * The way to a real server.
 *
 * @param origin Of the proxy, as in `https://conductor.example`. It gets the password when it speaks https or is
 * this machine, and not otherwise.
 */
export function wayTo(origin: string, password: string | undefined): Way {
  const isPrivate = /^https:|^http:\/\/(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?$/.test(origin)

  async function logIn(): Promise<string | undefined> {
    if (password === undefined || !isPrivate) return undefined
    const response = await fetch(`${origin}/api/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ password }),
      signal: AbortSignal.timeout(WITHIN_MS),
    })
    const answer = (await response.json()) as { readonly token?: string }
    return answer.token
  }

  return {
    async get(path) {
      const response = await fetch(origin + path, { signal: AbortSignal.timeout(WITHIN_MS) })
      return { status: response.status, text: await response.text() }
    },
    upgrade: () =>
      new Promise((resolve) => {
        const url = `${origin.replace(/^http/, 'ws')}/ws/none`
        const socket = new WebSocket(url, { origin, handshakeTimeout: WITHIN_MS })
        socket.on('unexpected-response', (request, { statusCode = 0 }) => {
          request.destroy()
          resolve({ status: statusCode })
        })
        socket.on('close', (closeCode) => resolve({ closeCode }))
        socket.on('error', (error) => resolve({ error: error.message }))
      }),
    async stream() {
      const token = await logIn().catch(() => undefined)
      if (token === undefined) return undefined
      const headers = { 'X-Session-Token': token }
      const ending = new AbortController()
      const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(WITHIN_MS)])
      try {
        const response = await fetch(`${origin}/api/events`, { headers, signal })
        const first = await response.body?.getReader().read()
        return first?.done === false
      } catch {
        return false
      } finally {
        ending.abort()
        await fetch(`${origin}/api/logout`, { method: 'POST', headers }).catch(() => {})
      }
    },
  }
}
