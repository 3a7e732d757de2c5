import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { AppContext, AppEnv } from './app-env.ts'

export type App = OpenAPIHono<AppEnv>

type RouteConfig = Parameters<typeof createRoute>[0]

/**
 * Adds a route and its description in `/openapi.json`. The handler checks its input itself, because
 * the errors have a shape of their own.
 */
export function documented(
  app: App,
  config: RouteConfig,
  handler: (c: AppContext) => Response | Promise<Response>,
): void {
  const route = createRoute(config)
  app.openAPIRegistry.registerPath(route)
  app.on(config.method.toUpperCase(), route.getRoutingPath(), handler)
}
