import type { Clock } from '@conductor/machine'
import { CloseCode } from '@conductor/protocol'
import { upgradeWebSocket } from '@hono/node-server'
import { z } from '@hono/zod-openapi'
import type { WSContext } from 'hono/ws'
import type { WebSocket } from 'ws'
import type { AuditLog } from '../audit/audit-log.ts'
import { actorOf } from '../audit/audited-requests.ts'
import type { Auth } from '../auth/auth.ts'
import { passOn } from '../remotes/remote-proxy.ts'
import { remoteSocketUrl } from '../remotes/remote-url.ts'
import type { Remotes } from '../remotes/remotes.ts'
import {
  newRemoteBody,
  remoteLoginBody,
  remoteSchema,
  renameRemoteBody,
} from '../remotes/schemas.ts'
import { openTunnel } from '../remotes/tunnel.ts'
import type { Connections } from '../ws/connections.ts'
import { type Traffic, wrapSocket } from '../ws/message-socket.ts'
import { json, problem } from './api-schemas.ts'
import { type AppContext, isUpgrade } from './app-env.ts'
import { type App, documented } from './documented.ts'
import { credentialsOf, refuseNoOrigin, refuseOutOfScope } from './guards.ts'
import { readBody } from './read-body.ts'

export interface RemoteRoutesOptions {
  readonly auth: Auth
  readonly remotes: Remotes
  readonly connections: Connections
  readonly audit: AuditLog
  readonly silenceMs: number
  readonly clock: Clock
  readonly traffic: Traffic
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/** HEAD comes as GET. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Whether the route decides for itself who may come in: a WebSocket is refused by a close code. */
export function isRemoteSocket(path: string): boolean {
  return /^\/remote\/[^/]+\/ws\/[^/]+$/.test(path)
}

/** `/api/servers`, and what lies behind them: `/remote/{id}/api/…` and `/remote/{id}/ws/{session}`. */
export function addRemoteRoutes(app: App, options: RemoteRoutesOptions): void {
  addListRoutes(app, options)
  addProxyRoutes(app, options)
  addTunnelRoute(app, options)
}

function addListRoutes(app: App, { remotes, audit }: RemoteRoutesOptions): void {
  const params = z.object({ id: z.string() })
  const one = json('The server', remoteSchema)
  const idOf = (c: AppContext): string => c.req.param('id') ?? ''

  documented(
    app,
    {
      method: 'get',
      path: '/api/servers',
      summary: 'The other servers that are reached through this one, with what is known of each',
      description:
        'Answers at once. A server that was not asked for 30 s is asked meanwhile, and the event `servers` tells what has changed.',
      responses: { 200: json('The servers', z.array(remoteSchema)), 401: problem },
    },
    (c) => c.json(remotes.list()),
  )

  documented(
    app,
    {
      method: 'post',
      path: '/api/servers',
      summary: 'Add a server; with its password it is logged in to at once, or not added',
      request: { body: { content: { 'application/json': { schema: newRemoteBody } } } },
      responses: {
        201: one,
        400: problem,
        401: problem,
        403: problem,
        409: problem,
        429: problem,
        502: problem,
      },
    },
    async (c) => {
      const body = await readBody(c, newRemoteBody)
      if (body.kind === 'bad') return body.answer
      const remote = await remotes.add(body.value)
      audit.note({ type: 'server.added', ...actorOf(c), name: remote.name, text: remote.url })
      return c.json(remote, 201)
    },
  )

  documented(
    app,
    {
      method: 'patch',
      path: '/api/servers/{id}',
      summary: 'Call a server something else',
      request: {
        params,
        body: { content: { 'application/json': { schema: renameRemoteBody } } },
      },
      responses: { 200: one, 400: problem, 401: problem, 404: problem },
    },
    async (c) => {
      const body = await readBody(c, renameRemoteBody)
      return body.kind === 'bad' ? body.answer : c.json(remotes.rename(idOf(c), body.value.name))
    },
  )

  documented(
    app,
    {
      method: 'post',
      path: '/api/servers/{id}/login',
      summary: 'Log in to a server by its password, which is not kept; its token stays here',
      request: { params, body: { content: { 'application/json': { schema: remoteLoginBody } } } },
      responses: {
        200: one,
        400: problem,
        401: problem,
        403: problem,
        404: problem,
        429: problem,
        502: problem,
      },
    },
    async (c) => {
      const body = await readBody(c, remoteLoginBody)
      if (body.kind === 'bad') return body.answer
      const remote = await remotes.login(idOf(c), body.value.password)
      audit.note({ type: 'server.login', ...actorOf(c), name: remote.name, text: remote.url })
      return c.json(remote)
    },
  )

  documented(
    app,
    {
      method: 'delete',
      path: '/api/servers/{id}',
      summary: 'Log out of a server and forget it; what runs there goes on',
      request: { params },
      responses: { 204: { description: 'Removed' }, 401: problem, 404: problem },
    },
    (c) => {
      const { name, url } = remotes.remove(idOf(c))
      audit.note({ type: 'server.removed', ...actorOf(c), name, text: url })
      return c.body(null, 204)
    },
  )
}

function addProxyRoutes(app: App, options: RemoteRoutesOptions): void {
  app.on([...METHODS], '/remote/:id/api/*', (c: AppContext) => {
    const { pathname, search } = new URL(c.req.url)
    // As it came: what was encoded once must not be decoded twice.
    const [, rest = ''] = /\/remote\/[^/]+\/api\/(.*)$/.exec(pathname) ?? []
    return passOn(c, c.req.param('id') ?? '', rest + search, options)
  })
  for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const)
    app.openAPIRegistry.registerPath({
      method,
      path: '/remote/{id}/api/{path}',
      summary: 'What lies below /api of another server: sessions, processes, events, search …',
      description:
        'Never its logins, its own servers or its end. Its 401 is 502 REMOTE_LOGIN_NEEDED here; a stream of events that cannot be had is 204.',
      request: { params: z.object({ id: z.string(), path: z.string() }) },
      responses: {
        200: { description: 'Its answer, as it comes' },
        401: problem,
        404: problem,
        502: problem,
      },
    })
}

function addTunnelRoute(app: App, options: RemoteRoutesOptions): void {
  const { auth, remotes, connections, silenceMs, clock, traffic, onTrouble } = options

  /** @returns Why not: a close code and a reason. */
  function refusal(
    page: WebSocket,
    c: AppContext,
    loginId: string | undefined,
  ): readonly [code: number, reason: string] | undefined {
    if (loginId === undefined) return [CloseCode.unauthorized, 'not logged in']
    if (connections.full) return [CloseCode.tooMany, 'too many connections']
    const id = c.req.param('id') ?? ''
    const remote = remotes.find(id)
    if (!remote) return [CloseCode.noSession, 'there is no such server']
    const url = remoteSocketUrl(new URL(remote.url), c.req.param('session') ?? '')
    if (!url) return [CloseCode.noSession, 'there is no such session']
    const { token, status } = remote
    // Until somebody has logged in there, nothing is worth a try; the page goes on trying here.
    if (token === undefined || status === 'login-needed')
      return [CloseCode.goingAway, 'the other server wants its password']
    const tunnel = openTunnel({
      ...{ page, url, token, silenceMs, clock, traffic },
      onStatus: (next, error) => remotes.tell(id, next, error),
    })
    const ends = [
      connections.add({ loginId, end: tunnel.leave }),
      remotes.track(id, () => tunnel.leave(CloseCode.noSession, 'the server was removed')),
    ]
    page.once('close', () => {
      for (const end of ends) end()
    })
    return undefined
  }

  function accept(page: WebSocket, c: AppContext, loginId: string | undefined): void {
    const refused = refusal(page, c, loginId)
    if (!refused) return
    page.on('error', () => {})
    wrapSocket(page, traffic).close(...refused)
  }

  app.get('/remote/:id/ws/:session', (c: AppContext) => {
    const found = credentialsOf(c, auth)
    if (found.kind === 'no origin') return refuseNoOrigin(c)
    const login = found.kind === 'login' ? found.login : undefined
    // Guests have one session of this server, and nothing of another one.
    if (login?.scope) return refuseOutOfScope(c)
    if (!isUpgrade(c))
      return login
        ? c.json({ error: 'this is a WebSocket', code: 'UPGRADE_REQUIRED' }, 426)
        : c.json({ error: 'unauthorized' }, 401)
    // The socket itself has what a tunnel needs: how full it is, and pausing. It is one of `ws`.
    const onOpen = (_: Event, { raw }: WSContext) => accept(raw as WebSocket, c, login?.id)
    const onError = (error: unknown) => onTrouble('a WebSocket failed', error)
    return upgradeWebSocket(c, { onOpen }, { onError })
  })

  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/remote/{id}/ws/{session}',
    summary: 'A WebSocket to a session of another server: see PROTOCOL.md',
    request: { params: z.object({ id: z.string(), session: z.string() }) },
    responses: { 101: { description: 'Frames, as they are' }, 401: problem, 403: problem },
  })
}
