import { z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { Auth } from '../auth/auth.ts'
import { json, problem } from './api-schemas.ts'
import type { AppEnv } from './app-env.ts'
import { type App, documented } from './documented.ts'
import { isLocal, requireLogin, requireLoopback } from './guards.ts'

export interface ControlRoutesOptions {
  readonly auth: Auth
  /** In the exposition format of Prometheus. */
  readonly metrics: () => string | Promise<string>
  /** Starts the graceful end. Called after the answer was written. */
  readonly shutDown: () => void
}

/** `/metrics` and `/api/shutdown`. */
export function addControlRoutes(app: App, options: ControlRoutesOptions): void {
  const { auth, metrics, shutDown } = options
  const login = requireLogin(auth)
  const localOrLogin: MiddlewareHandler<AppEnv> = (c, next) =>
    isLocal(c) ? next() : login(c, next)

  app.use('/metrics', localOrLogin)
  documented(
    app,
    {
      method: 'get',
      path: '/metrics',
      summary: 'Metrics for Prometheus; from other machines with a login',
      responses: { 200: { description: 'Text, version 0.0.4' }, 401: problem },
    },
    async (c) =>
      c.body(await metrics(), 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }),
  )

  app.use('/api/shutdown', requireLoopback())
  documented(
    app,
    {
      method: 'post',
      path: '/api/shutdown',
      summary: 'Begin the graceful end; only from this machine',
      responses: {
        202: json('It has begun', z.object({ status: z.literal('shutting_down') })),
        401: problem,
        403: problem,
      },
    },
    (c) => {
      shutDown()
      return c.json({ status: 'shutting_down' }, 202)
    },
  )
}
