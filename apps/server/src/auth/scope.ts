import type { ServerEvent } from '../event-log.ts'
import type { ViewerInfo } from '../sessions/open-session.ts'
import type { SessionInfo } from '../sessions/session-info.ts'

export type ViewMode = 'driver' | 'viewer'

/**
 * What a login is confined to. A whole login has no scope.
 *
 * `share`: one session, through a link that somebody was given. `report`: what a program may say about
 * the session that it runs in, and nothing else.
 */
export type Scope =
  | {
      readonly kind: 'share'
      readonly shareId: string
      readonly sessionId: string
      /** The most that it may do there. */
      readonly mode: ViewMode
      readonly label?: string | undefined
    }
  | { readonly kind: 'report'; readonly sessionId: string }

/** `{id}` is the session of the scope. What does not stand here is refused, new routes too. */
const ROUTES: Readonly<Record<Scope['kind'], ReadonlySet<string>>> = {
  share: new Set([
    'GET /api/sessions',
    'GET /api/sessions/{id}',
    'GET /api/sessions/{id}/output',
    'GET /api/sessions/{id}/recording',
    'GET /api/sessions/{id}/timeline',
    'GET /api/events',
    'GET /ws/{id}',
  ]),
  report: new Set(['POST /api/sessions/{id}/attention']),
}

/** Whether a login of this scope may ask that. `path` is the one that routes are found by. */
export function scopeAllows(scope: Scope, method: string, path: string): boolean {
  const [, area, id, rest = ''] = /^(\/api\/sessions|\/ws)\/([^/]+)(\/.*)?$/.exec(path) ?? []
  if (area === undefined) return !path.includes('{') && ROUTES[scope.kind].has(`${method} ${path}`)
  return id === scope.sessionId && ROUTES[scope.kind].has(`${method} ${area}/{id}${rest}`)
}

/** Whether a session exists for a login of this scope. */
export function scopeSees(scope: Scope | undefined, sessionId: string): boolean {
  return scope === undefined || scope.sessionId === sessionId
}

/** The session as such a login is told of it: a guest does not learn where the others sit. */
export function scopedInfo(scope: Scope | undefined, session: SessionInfo): SessionInfo {
  if (!scope) return session
  const { viewerList } = session
  return { ...session, ...(viewerList && { viewerList: viewerList.map(withoutAddress) }) }
}

/** What happened, as such a login is told of it; `undefined`: not at all. */
export function scopedEvent(scope: Scope | undefined, event: ServerEvent): ServerEvent | undefined {
  if (!scope) return event
  if ('session' in event)
    return scopeSees(scope, event.session.id)
      ? { ...event, session: scopedInfo(scope, event.session) }
      : undefined
  if (!('id' in event) || !scopeSees(scope, event.id)) return undefined
  return event.type === 'session.viewers'
    ? { ...event, viewerList: event.viewerList.map(withoutAddress) }
    : event
}

function withoutAddress({ address: _, ...viewer }: ViewerInfo): ViewerInfo {
  return viewer
}
