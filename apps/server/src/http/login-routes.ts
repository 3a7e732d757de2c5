import { z } from '@hono/zod-openapi'
import type { Auth } from '../auth/auth.ts'
import { json, loginBody, problem, successSchema } from './api-schemas.ts'
import { addressOf } from './app-env.ts'
import { DEVICE_COOKIE, dropCookie, keepCookie, readCookies, SESSION_COOKIE } from './cookies.ts'
import { type App, documented } from './documented.ts'
import { readBody } from './read-body.ts'

/** A browser that has logged in once is known for a year. */
const DEVICE_SECONDS = 365 * 86_400

export interface LoginRoutesOptions {
  readonly auth: Auth
  readonly sessionTimeoutMs: number
  readonly onLogin: (outcome: 'welcome' | 'wrong' | 'locked', address: string) => void
}

export function addLoginRoutes(app: App, options: LoginRoutesOptions): void {
  const { auth, sessionTimeoutMs, onLogin } = options

  documented(
    app,
    {
      method: 'post',
      path: '/api/login',
      summary: 'Log in by password',
      request: { body: { content: { 'application/json': { schema: loginBody } } } },
      responses: {
        200: json('Logged in', successSchema.extend({ token: z.string() })),
        400: problem,
        401: problem,
        429: problem,
      },
    },
    async (c) => {
      const address = addressOf(c)
      const body = await readBody(c, loginBody)
      if (body.kind === 'bad') return c.json({ error: 'invalid request' }, 400)
      const answer = await auth.login({
        password: body.value.password,
        address,
        device: readCookies(c, DEVICE_COOKIE)[0],
      })
      onLogin(answer.kind, address)
      if (answer.kind === 'wrong') return c.json({ error: 'invalid password' }, 401)
      if (answer.kind === 'locked') {
        const seconds = Math.ceil(answer.retryAfterMs / 1_000)
        c.header('Retry-After', String(seconds))
        const error = `too many wrong passwords: try again in ${seconds} s`
        return c.json({ error, code: 'LOCKED_OUT' }, 429)
      }
      // The page's own address says whether a proxy before us speaks https.
      const secure = c.req.header('origin')?.startsWith('https:') ?? false
      const maxAgeSeconds = Math.min(Math.floor(sessionTimeoutMs / 1_000), 400 * 86_400)
      keepCookie(c, SESSION_COOKIE, answer.token, { secure, maxAgeSeconds })
      keepCookie(c, DEVICE_COOKIE, answer.device, { secure, maxAgeSeconds: DEVICE_SECONDS })
      return c.json({ success: true, token: answer.token })
    },
  )

  documented(
    app,
    {
      method: 'post',
      path: '/api/logout',
      summary: 'Log out: the token ends, and with it all its connections',
      responses: { 204: { description: 'Logged out' }, 401: problem },
    },
    (c) => {
      auth.logout(c.get('login'))
      dropCookie(c, SESSION_COOKIE)
      return c.body(null, 204)
    },
  )
}
