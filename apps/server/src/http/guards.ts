import type { MiddlewareHandler } from 'hono'
import type { Auth } from '../auth/auth.ts'
import type { OriginPolicy } from '../auth/origin-policy.ts'
import { scopeAllows } from '../auth/scope.ts'
import type { Login } from '../auth/token-store.ts'
import { isLoopback } from '../units.ts'
import { type AppContext, type AppEnv, addressOf, isApi, isUnsafe, isUpgrade } from './app-env.ts'
import { readCookies, SESSION_COOKIE } from './cookies.ts'

/** Followed by the share's id: several links, and a whole login, live in one browser side by side. */
export const SHARE_COOKIE = 'ai_conductor_share_'

/** Beside `conductor.v1` in the list of subprotocols: how a page of another origin logs in. */
const TOKEN_PROTOCOL = /^conductor\.token\.([0-9a-f]{64})$/

/** Every answer says what a browser may do with it: nothing but show it. */
export function securityHeaders(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next()
    const host = c.req.header('host') ?? ''
    // `'self'` covers WebSockets in today's browsers; older ones want them by name.
    const sockets = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : ''
    const set = (name: string, value: string) => {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    }
    set(
      'Content-Security-Policy',
      `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; connect-src 'self'${sockets}; img-src 'self' data: blob:; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'`,
    )
    set('X-Content-Type-Options', 'nosniff')
    set('X-Frame-Options', 'DENY')
    set('Referrer-Policy', 'no-referrer')
    set('Cross-Origin-Opener-Policy', 'same-origin')
    set('Cross-Origin-Resource-Policy', 'same-origin')
    if (isApi(c.req.path)) set('Cache-Control', 'no-store')
  }
}

/** Refuses names and pages that are not ours, before anything else looks at the request. */
export function checkOrigin(policy: OriginPolicy): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const host = c.req.header('host')
    if (!policy.allowsHost(host))
      return c.json(
        { error: `this server does not answer to the host ${host ?? ''}`, code: 'WRONG_HOST' },
        403,
      )
    const origin = c.req.header('origin')
    if (origin !== undefined && isUnsafe(c) && !policy.allowsOrigin(origin))
      return c.json({ error: `pages of ${origin} may not do this`, code: 'WRONG_ORIGIN' }, 403)
    await next()
    return undefined
  }
}

export type Credentials =
  | { readonly kind: 'login'; readonly login: Login }
  | { readonly kind: 'none' }
  /** A cookie came without the `Origin` that every browser sends: who asks cannot be told. */
  | { readonly kind: 'no origin' }

/**
 * Who asks: by the `X-Session-Token` header, else the cookie, else (upgrades only) the subprotocol.
 *
 * A page of a share says so with `?share=<its id>`, which is no secret: then that share's cookie counts,
 * and the whole login that the same browser may have does not. Without it no share's cookie ever counts.
 */
export function credentialsOf(c: AppContext, auth: Auth): Credentials {
  const header = c.req.header('x-session-token')
  const byHeader = header && (isLocal(c) ? auth.findLocal(header) : auth.find(header))
  if (byHeader) return { kind: 'login', login: byHeader }
  const [byCookie] = readCookies(c, cookieName(c)).flatMap((each) => auth.find(each) ?? [])
  const provesOrigin = !isUnsafe(c) || c.req.header('origin') !== undefined
  if (byCookie && provesOrigin) return { kind: 'login', login: byCookie }
  const byProtocol = isUpgrade(c) ? find(auth, protocolToken(c)) : undefined
  if (byProtocol) return { kind: 'login', login: byProtocol }
  return { kind: byCookie ? 'no origin' : 'none' }
}

function cookieName(c: AppContext): string {
  const share = c.req.query('share')
  return share === undefined ? SESSION_COOKIE : SHARE_COOKIE + share.replace(/[^0-9a-f]/g, '')
}

function find(auth: Auth, token: string | undefined): Login | undefined {
  return token === undefined ? undefined : auth.find(token)
}

function protocolToken(c: AppContext): string | undefined {
  for (const entry of (c.req.header('sec-websocket-protocol') ?? '').split(',')) {
    const token = TOKEN_PROTOCOL.exec(entry.trim())?.[1]
    if (token) return token
  }
  return undefined
}

/** Lets nobody past who has not logged in, or whose login is not for this: closed unless opened in `scope.ts`. */
export function requireLogin(auth: Auth): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const found = credentialsOf(c, auth)
    if (found.kind === 'login') {
      const { scope } = found.login
      if (scope && !scopeAllows(scope, c.req.method, c.req.path)) return refuseOutOfScope(c)
      c.set('login', found.login)
      await next()
      return undefined
    }
    if (found.kind === 'no origin') return refuseNoOrigin(c)
    return isApi(c.req.path) ? c.json({ error: 'unauthorized' }, 401) : c.redirect('/', 303)
  }
}

export function refuseOutOfScope(c: AppContext): Response {
  return c.json({ error: 'this login opens one session only', code: 'OUT_OF_SCOPE' }, 403)
}

export function refuseNoOrigin(c: AppContext): Response {
  return c.json(
    { error: 'a cookie without an Origin header; send X-Session-Token instead', code: 'NO_ORIGIN' },
    403,
  )
}

/** Lets nobody past who asks from another machine. */
export function requireLoopback(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (!isLocal(c)) return c.json({ error: 'only from this machine', code: 'NOT_LOOPBACK' }, 403)
    await next()
    return undefined
  }
}

/** Whether this machine asks. One that forwards for others says so, and counts as they do. */
export function isLocal(c: AppContext): boolean {
  const forwarded = c.req.header('x-forwarded-for') ?? c.req.header('forwarded')
  return forwarded === undefined && isLoopback(addressOf(c))
}
