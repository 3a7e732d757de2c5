import { getCookie, setCookie } from 'hono/cookie'
import type { AppContext } from './app-env.ts'

export const SESSION_COOKIE = 'ai_conductor_session'
export const DEVICE_COOKIE = 'ai_conductor_device'

/**
 * How a cookie is called and where it is sent, over https and over http.
 *
 * At the root of a host it is `__Host-`: browsers then take it over https alone, from this very host, for all
 * of it; that prefix demands `Path=/`. Below a base path the host has neighbours: with `Path=/` each of them
 * would be sent the token, and a second server of ours would overwrite it. There it is `__Secure-`, for the
 * base alone. What that gives up: another host of the same domain could plant one. It would hold no token of
 * ours, so it opens nothing.
 */
function shapeOf(c: AppContext): { readonly prefix: string; readonly path: string } {
  const base = c.get('basePath')
  return base ? { prefix: '__Secure-', path: base } : { prefix: '__Host-', path: '/' }
}

/** The values that came, that of https first. */
export function readCookies(c: AppContext, name: string): readonly string[] {
  const { prefix } = shapeOf(c)
  return [getCookie(c, prefix + name), getCookie(c, name)].filter((each) => each !== undefined)
}

/** Sets a cookie that no script can read, and that no other site's page is sent with. */
export function keepCookie(
  c: AppContext,
  name: string,
  value: string,
  { secure, maxAgeSeconds }: { readonly secure: boolean; readonly maxAgeSeconds: number },
): void {
  const { prefix, path } = shapeOf(c)
  setCookie(c, secure ? prefix + name : name, value, {
    ...{ httpOnly: true, sameSite: 'Strict', path, secure, maxAge: maxAgeSeconds },
  })
}

export function dropCookie(c: AppContext, name: string): void {
  for (const secure of [false, true]) keepCookie(c, name, '', { secure, maxAgeSeconds: 0 })
}
