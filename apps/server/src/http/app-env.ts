import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from 'hono'
import type { Login } from '../auth/token-store.ts'

/** What Hono hands to every handler here. */
export interface AppEnv {
  readonly Bindings: {
    readonly incoming: IncomingMessage
    /** Absent for an upgrade. */
    readonly outgoing?: ServerResponse
  }
  readonly Variables: {
    /** Without a slash at its end; empty at the root. */
    basePath: string
    /** Set behind `requireLogin`. */
    login: Login
  }
}

export type AppContext = Context<AppEnv>

/** The address of whoever asks; empty when the socket is gone already. */
export function addressOf(c: AppContext): string {
  return c.env.incoming.socket.remoteAddress ?? ''
}

export function isUpgrade(c: AppContext): boolean {
  return c.req.header('upgrade')?.toLowerCase() === 'websocket'
}

/** Whether a request changes something, so that no foreign page may cause it. */
export function isUnsafe(c: AppContext): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method) || isUpgrade(c)
}

/** Programs ask there: they are told 401, and not sent to a page. */
export function isApi(path: string): boolean {
  return /^\/(?:api|ws|metrics|remote)(?:\/|$)/.test(path)
}
