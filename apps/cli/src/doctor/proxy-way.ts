import { WebSocket } from 'ws'
import type { Lingered, Way } from './proxy-check.ts'

/** How long an answer may take, in milliseconds. */
const WITHIN_MS = 10_000

/** The server says that it lives every 10 s on a stream of events, and oftener on a WebSocket. In milliseconds. */
const LINGER_MS = 12_000

/** What may have come through a stream that is not held back: its beginning, within this. In milliseconds. */
const FIRST_WITHIN_MS = 5_000

/**
 * The way to a real server.
 *
 * @param site As for `checkProxy`. It gets the password when it speaks https or is this machine, and not otherwise.
 */
export function wayTo(
  site: string,
  password: string | undefined,
  lingerMs: number = LINGER_MS,
): Way {
  const { origin } = new URL(site)
  const isPrivate = /^https:|^http:\/\/(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?$/.test(origin)
  const socketUrl = `${site.replace(/^http/, 'ws')}/ws`

  async function logIn(): Promise<string | undefined> {
    if (password === undefined || !isPrivate) return undefined
    const response = await fetch(`${site}/api/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ password }),
      signal: AbortSignal.timeout(WITHIN_MS),
    })
    const answer = (await response.json()) as { readonly token?: string }
    return answer.token
  }

  async function stream(headers: Readonly<Record<string, string>>): Promise<Lingered> {
    const startMs = performance.now()
    const ending = new AbortController()
    const first = setTimeout(() => ending.abort(), FIRST_WITHIN_MS)
    const enough = setTimeout(() => ending.abort(), lingerMs)
    let hasCome = false
    try {
      const { body } = await fetch(`${site}/api/events`, { headers, signal: ending.signal })
      for await (const _ of body ?? []) {
        hasCome = true
        clearTimeout(first)
      }
    } catch {
      // Ended by us or by them: which, is told by the time.
    } finally {
      clearTimeout(first)
      clearTimeout(enough)
    }
    if (!hasCome) return { kind: 'held back' }
    if (ending.signal.aborted) return { kind: 'stayed' }
    return { kind: 'closed', afterMs: performance.now() - startMs }
  }

  function socket(headers: Readonly<Record<string, string>>): Promise<Lingered> {
    return new Promise((resolve) => {
      const startMs = performance.now()
      const ws = new WebSocket(socketUrl, ['conductor.v1'], { origin, headers })
      const enough = setTimeout(() => {
        resolve(ws.readyState === ws.OPEN ? { kind: 'stayed' } : { kind: 'held back' })
        ws.terminate()
      }, lingerMs)
      ws.on('error', () => {})
      ws.on('close', () => {
        clearTimeout(enough)
        resolve({ kind: 'closed', afterMs: performance.now() - startMs })
      })
    })
  }

  return {
    async get(path) {
      const signal = AbortSignal.timeout(WITHIN_MS)
      const response = await fetch(site + path, { redirect: 'manual', signal })
      const location = response.headers.get('location') ?? undefined
      return { status: response.status, text: await response.text(), location }
    },
    upgrade: () =>
      new Promise((resolve) => {
        const ws = new WebSocket(`${socketUrl}/none`, { origin, handshakeTimeout: WITHIN_MS })
        ws.on('unexpected-response', (request, { statusCode = 0 }) => {
          request.destroy()
          resolve({ status: statusCode })
        })
        ws.on('close', (closeCode) => resolve({ closeCode }))
        ws.on('error', (error) => resolve({ error: error.message }))
      }),
    async linger() {
      const token = await logIn().catch(() => undefined)
      if (token === undefined) return undefined
      const headers = { 'X-Session-Token': token }
      try {
        const [streamed, socketed] = await Promise.all([stream(headers), socket(headers)])
        return { stream: streamed, socket: socketed }
      } finally {
        await fetch(`${site}/api/logout`, { method: 'POST', headers }).catch(() => {})
      }
    },
  }
}
