import type { Health } from '@conductor/health'
import type { Clock } from '@conductor/machine'
import type { ProcessManager, ProcessSpec } from '@conductor/process-manager'
import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { type AuditedOptions, auditRequests } from './audit/audited-requests.ts'
import type { Auth } from './auth/auth.ts'
import type { OriginPolicy } from './auth/origin-policy.ts'
import type { EventLog } from './event-log.ts'
import type { AppEnv } from './http/app-env.ts'
import { type AttentionRoutesOptions, addAttentionRoutes } from './http/attention-routes.ts'
import { addAuditRoutes } from './http/audit-routes.ts'
import { pathBelow, servedBelow } from './http/base-path.ts'
import { addControlRoutes } from './http/control-routes.ts'
import type { App } from './http/documented.ts'
import { addEventRoutes } from './http/event-routes.ts'
import { addFileRoutes, isUpload } from './http/file-routes.ts'
import { checkOrigin, requireLogin, securityHeaders } from './http/guards.ts'
import { addHealthRoutes } from './http/health-routes.ts'
import { addLoginRoutes } from './http/login-routes.ts'
import { addOrchestratorRoutes } from './http/orchestrator-routes.ts'
import { addPageRoutes } from './http/page-routes.ts'
import { answerProblem } from './http/problem.ts'
import { addProcessLogRoutes } from './http/process-log-routes.ts'
import { addProcessRoutes } from './http/process-routes.ts'
import { addPushRoutes, type PushRoutesOptions } from './http/push-routes.ts'
import { MAX_BODY_BYTES } from './http/read-body.ts'
import { addRecordingRoutes } from './http/recording-routes.ts'
import { addRemoteRoutes, isRemoteSocket, type RemoteRoutesOptions } from './http/remote-routes.ts'
import { addSearchRoutes } from './http/search-routes.ts'
import { addSessionRoutes } from './http/session-routes.ts'
import { addShareRoutes, type ShareRoutesOptions } from './http/share-routes.ts'
import { addStatusRoutes, type StatusRoutesOptions } from './http/status-routes.ts'
import { addTimelineRoutes } from './http/timeline-routes.ts'
import type { WebFiles } from './http/web-files.ts'
import { addWebSocketRoutes } from './http/websocket-routes.ts'
import { createSearchDesk } from './search/search-desk.ts'
import type { SessionDirectory } from './sessions/session-directory.ts'
import type { Connections } from './ws/connections.ts'
import type { Traffic } from './ws/message-socket.ts'

export interface AppOptions
  extends AuditedOptions,
    AttentionRoutesOptions,
    PushRoutesOptions,
    ShareRoutesOptions,
    RemoteRoutesOptions,
    StatusRoutesOptions {
  readonly auth: Auth
  readonly origins: OriginPolicy
  readonly directory: SessionDirectory
  readonly manager: ProcessManager
  readonly checkProcess: (spec: ProcessSpec) => void
  readonly events: EventLog
  readonly connections: Connections
  readonly web: WebFiles
  readonly health: Health
  readonly metrics: () => string | Promise<string>
  readonly traffic: Traffic
  readonly clock: Clock
  readonly pid: number
  readonly serverId: string
  readonly sessionTimeoutMs: number
  readonly uploadBytes: number
  /** Where all of it is, as in `/conductor`; empty at the root. */
  readonly basePath: string
  readonly silenceMs: number
  /** A request was answered. */
  readonly onAnswer: () => void
  readonly onLogin: (outcome: 'welcome' | 'wrong' | 'locked', address: string) => void
  readonly onTrouble: (trouble: string, error: unknown) => void
  readonly shutDown: () => void
}

/** What may be asked under /api without a login. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/api/health', '/api/login', '/api/shares/claim'])

/** Every route. It listens to nothing: give it requests with `app.fetch`, or to a server. */
export function createApp(options: AppOptions): App {
  const { auth, origins, directory, basePath, onTrouble } = options
  const app: App = new OpenAPIHono<AppEnv>({ getPath: pathBelow(basePath) })

  app.use(async (_, next) => {
    await next()
    options.onAnswer()
  })
  app.use(securityHeaders())
  app.use(checkOrigin(origins))
  app.use(servedBelow(basePath))
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => c.json({ error: 'the body is over 1 MiB', code: 'TOO_LARGE' }, 413),
  })
  app.use((c, next) => (isUpload(c.req.method, c.req.path) ? next() : limit(c, next)))
  const login = requireLogin(auth)
  // Closed unless named: a route that is added under /api needs a login.
  app.use('/api/*', (c, next) => (OPEN_PATHS.has(c.req.path) ? next() : login(c, next)))

  app.use('/remote/*', (c, next) => (isRemoteSocket(c.req.path) ? next() : login(c, next)))
  app.use('/api/*', auditRequests(options))

  addHealthRoutes(app, options.health, options.pid)
  addLoginRoutes(app, options)
  addSessionRoutes(app, directory)
  addOrchestratorRoutes(app, directory)
  addRecordingRoutes(app, directory)
  addTimelineRoutes(app, options)
  addFileRoutes(app, options)
  addSearchRoutes(app, { ...options, searches: createSearchDesk() })
  addProcessRoutes(app, options)
  addProcessLogRoutes(app, options)
  addShareRoutes(app, options)
  addAttentionRoutes(app, options)
  addPushRoutes(app, options)
  addAuditRoutes(app, options)
  addRemoteRoutes(app, options)
  addStatusRoutes(app, options)
  addEventRoutes(app, options)
  addControlRoutes(app, options)
  addWebSocketRoutes(app, options)
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Conductor', version: '1', description: 'WebSockets: see PROTOCOL.md' },
    servers: [{ url: basePath || '/' }],
  })
  addPageRoutes(app, options.web, auth)

  app.notFound((c) => c.json({ error: 'not found' }, 404))
  app.onError((error, c) => answerProblem(c, error, onTrouble))
  return app
}
