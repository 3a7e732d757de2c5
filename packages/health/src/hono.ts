import type { Env, Handler, Hono, Schema } from 'hono'
import type { HealthKind } from './health-report.ts'
import type { Health } from './registry.ts'
import { healthResponse } from './render/health-response.ts'
import type { RenderOptions } from './render/verbose.ts'

/** A handler for one question, for a path of your own. */
export function healthHandler(
  health: Health,
  kind: HealthKind,
  options: RenderOptions = {},
): Handler {
  return (context) => healthResponse(health, kind, context.req.raw, options)
}

/**
 * Adds `/livez`, `/readyz` and `/startupz` to an app.
 *
 * Each answers `ok` with 200, or 503 and what failed; see `healthResponse` for `?verbose` and
 * `?exclude=`. Nothing of Hono is loaded: the app brings it.
 */
export function addHealthRoutes<E extends Env, S extends Schema, P extends string>(
  app: Hono<E, S, P>,
  health: Health,
  options: RenderOptions = {},
): void {
  app.get('/livez', healthHandler(health, 'live', options))
  app.get('/readyz', healthHandler(health, 'ready', options))
  app.get('/startupz', healthHandler(health, 'startup', options))
}
