import type { MiddlewareHandler } from 'hono'
import { z } from 'zod'
import type { EventLog } from '../event-log.ts'
import { askedBy, whoIs } from '../http/actor.ts'
import type { AppContext, AppEnv } from '../http/app-env.ts'
import type { AuditLog, AuditType } from './audit-log.ts'

type Subject = 'session' | 'name' | 'none'

/**
 * Requests that are facts once they have succeeded. `:id` is the session, `:name` the process. What is
 * known better elsewhere (logins, shares, who looks) is noted there.
 */
const REQUESTS: readonly (readonly [method: string, path: RegExp, type: AuditType, of: Subject])[] =
  [
    ['POST', /^\/api\/logout$/, 'logout', 'none'],
    ['PUT', /^\/api\/sessions\/([^/]+)$/, 'session.renamed', 'session'],
    ['DELETE', /^\/api\/sessions\/([^/]+)$/, 'session.deleted', 'session'],
    ['POST', /^\/api\/sessions\/([^/]+)\/restore$/, 'session.restored', 'session'],
    ['POST', /^\/api\/sessions\/([^/]+)\/(?:files|attachments)$/, 'upload', 'session'],
    ['POST', /^\/api\/processes\/up$/, 'process.started', 'none'],
    ['POST', /^\/api\/processes\/down$/, 'process.stopped', 'none'],
    ['POST', /^\/api\/processes$/, 'process.added', 'none'],
    ['PUT', /^\/api\/processes$/, 'process.added', 'none'],
    ['DELETE', /^\/api\/processes\/([^/]+)$/, 'process.removed', 'name'],
    ['POST', /^\/api\/processes\/([^/]+)\/start$/, 'process.started', 'name'],
    ['POST', /^\/api\/processes\/([^/]+)\/stop$/, 'process.stopped', 'name'],
    ['POST', /^\/api\/processes\/([^/]+)\/restart$/, 'process.restarted', 'name'],
    ['POST', /^\/api\/shutdown$/, 'shutdown.requested', 'none'],
  ]

/** Where a session is made, or found to be there already. */
const MAKING = new Set(['/api/sessions', '/api/orchestrators'])

const made = z.union([
  z.object({ id: z.string() }),
  z.object({ orchestrator: z.object({ id: z.string() }) }).transform((each) => each.orchestrator),
])

export interface AuditedOptions {
  readonly audit: AuditLog
  readonly events: EventLog
}

/** Takes note of requests that changed something, with who asked and from where. */
export function auditRequests({ audit, events }: AuditedOptions): MiddlewareHandler<AppEnv> {
  const created = new Set<string>()
  events.subscribe(({ event }) => {
    if (event.type === 'session.created') created.add(event.session.id)
    if (event.type === 'session.removed') created.delete(event.id)
  })

  return async (c, next) => {
    await next()
    if (c.res.status >= 400) return
    const { method, path } = c.req
    if (method === 'POST' && MAKING.has(path)) {
      const { data } = made.safeParse(await c.res.clone().json())
      if (data && created.delete(data.id))
        audit.note({ type: 'session.created', ...actorOf(c), session: data.id })
      return
    }
    for (const [verb, pattern, type, subject] of REQUESTS) {
      const found = verb === method ? pattern.exec(path) : null
      if (!found) continue
      const [, of] = found
      audit.note({
        type,
        ...actorOf(c),
        ...(of !== undefined && subject !== 'none' && { [subject]: decoded(of) }),
      })
      return
    }
  }
}

/** A try to log in. */
export function auditLogin(
  audit: AuditLog,
  outcome: 'welcome' | 'wrong' | 'locked',
  address: string,
): void {
  if (outcome === 'welcome') audit.note({ type: 'login', via: 'login', address })
  else audit.note({ type: `login.${outcome}`, address })
}

/** Who did it, for a fact. */
export function actorOf(c: AppContext): {
  readonly via: string
  readonly by?: string | undefined
  readonly address?: string | undefined
} {
  const { via, address } = whoIs(c, c.get('login'))
  return { via, address, by: askedBy(c).by }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
