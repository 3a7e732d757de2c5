import type { AppContext } from './app-env.ts'

/** Whether whoever asks may do in the session `id` what typing could do. A whole login may. */
export function isDriver(c: AppContext, id: string): boolean {
  const { scope } = c.get('login')
  if (!scope) return true
  return scope.kind === 'share' && scope.sessionId === id && scope.mode === 'driver'
}

/** The answer to who may not. */
export function refuseViewer(c: AppContext): Response {
  return c.json({ error: 'this login may only look at the session', code: 'VIEW_ONLY' }, 403)
}
