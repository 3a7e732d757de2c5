import type { MiddlewareHandler } from 'hono'
import { getPath } from 'hono/utils/url'
import type { AppEnv } from './app-env.ts'

/** Supervisors and monitors ask the server itself, and know nothing of the path that a proxy gave it. */
const ANSWERED_ANYWHERE = [
  '/api/health',
  '/livez',
  '/readyz',
  '/startupz',
  '/healthz',
  '/metrics',
] as const

/**
 * The path of `AI_CONDUCTOR_BASE_PATH` without a slash at its end, so `''` for `/`; `undefined` when it is no
 * path, or one that would hide what is answered anywhere, as `/api` would hide `/api/health`.
 */
export function parseBasePath(text: string): string | undefined {
  const path = text.replace(/\/$/, '')
  const isPath = /^(?:\/[\w.~-]+)*$/.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path)
  if (!isPath || (path && ANSWERED_ANYWHERE.some((each) => isBelow(each, path)))) return undefined
  return path
}

function isBelow(path: string, base: string): boolean {
  return path === base || path.startsWith(`${base}/`)
}

/** The path of a request as the routes know it: what comes after the base. They know of no base. */
export function pathBelow(base: string): (request: Request) => string {
  return (request) => {
    const path = getPath(request)
    return base && path.startsWith(`${base}/`) ? path.slice(base.length) : path
  }
}

/**
 * The way in and out for an app below `base`: refuses what is elsewhere, sends the base itself to the folder
 * that pages are relative to, and puts the base before the redirects of routes.
 */
export function servedBelow(base: string): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set('basePath', base)
    const asked = getPath(c.req.raw)
    if (base && asked === base) return c.redirect(`${base}/${new URL(c.req.url).search}`, 302)
    const isAnyway = ANSWERED_ANYWHERE.some((each) => each === asked)
    if (base && !isBelow(asked, base) && !isAnyway)
      return c.json(
        { error: `not found: this server is below ${base}/`, code: 'OUTSIDE_BASE_PATH' },
        404,
      )
    await next()
    const location = c.res.headers.get('location')
    if (base && location?.startsWith('/')) c.res.headers.set('location', base + location)
    return undefined
  }
}
