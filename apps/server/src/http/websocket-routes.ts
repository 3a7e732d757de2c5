import type { Clock } from '@conductor/machine'
import { CloseCode, SUBPROTOCOL } from '@conductor/protocol'
import { upgradeWebSocket } from '@hono/node-server'
import type { WSContext } from 'hono/ws'
import type { WebSocket } from 'ws'
import type { Auth } from '../auth/auth.ts'
import { scopeAllows } from '../auth/scope.ts'
import type { Login } from '../auth/token-store.ts'
import type { Who } from '../sessions/open-session.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import { createConductorBridge } from '../ws/conductor-bridge.ts'
import type { Connections } from '../ws/connections.ts'
import {
  type Bridge,
  connectBridge,
  type MessageSocket,
  type Traffic,
  wrapSocket,
} from '../ws/message-socket.ts'
import { createPlainBridge } from '../ws/plain-bridge.ts'
import { whoIs } from './actor.ts'
import { type AppContext, isUpgrade } from './app-env.ts'
import type { App } from './documented.ts'
import { type Credentials, credentialsOf, refuseNoOrigin, refuseOutOfScope } from './guards.ts'

export interface WebSocketRoutesOptions {
  readonly auth: Auth
  readonly directory: SessionDirectory
  readonly connections: Connections
  readonly serverId: string
  readonly silenceMs: number
  readonly clock: Clock
  readonly traffic: Traffic
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/**
 * `/ws/{id}` for one session, `/ws` for many on one socket.
 *
 * Refusals come as close codes after the upgrade, because a browser cannot read the status of one
 * that failed. Only what no browser of ours can send is refused before it.
 */
export function addWebSocketRoutes(app: App, options: WebSocketRoutesOptions): void {
  const { auth, directory, connections, serverId, silenceMs, clock, traffic, onTrouble } = options

  function bridgeFor(
    ws: WebSocket,
    socket: MessageSocket,
    sessionId: string | undefined,
    { scope }: Login,
    who: Who,
  ): Bridge {
    const most = scope?.kind === 'share' ? scope.mode : 'driver'
    if (ws.protocol === SUBPROTOCOL)
      return createConductorBridge({
        socket,
        sessionId,
        find: directory.attach,
        who,
        most,
        serverId,
        silenceMs,
        clock,
      })
    const target =
      sessionId === undefined ? ({ kind: 'missing' } as const) : directory.attach(sessionId, '')
    return createPlainBridge({ socket, target, who, mode: most, silenceMs, clock })
  }

  function accept(
    ws: WebSocket,
    found: Credentials,
    sessionId: string | undefined,
    c: AppContext,
  ): void {
    const socket = wrapSocket(ws, traffic)
    const refuse = (code: CloseCode, reason: string) => {
      ws.on('error', () => {})
      socket.close(code, reason)
    }
    if (found.kind !== 'login') {
      refuse(CloseCode.unauthorized, 'not logged in')
      return
    }
    if (isOutOfScope(found, c)) {
      refuse(CloseCode.forbidden, 'this login opens one session only')
      return
    }
    if (connections.full) {
      refuse(CloseCode.tooMany, 'too many connections')
      return
    }
    const bridge = bridgeFor(ws, socket, sessionId, found.login, whoIs(c, found.login))
    const remove = connections.add({ loginId: found.login.id, end: bridge.leave })
    connectBridge(ws, bridge, traffic)
    ws.once('close', remove)
  }

  function upgrade(c: AppContext, sessionId: string | undefined): Response | Promise<Response> {
    const found = credentialsOf(c, auth)
    if (found.kind === 'no origin') return refuseNoOrigin(c)
    if (!isUpgrade(c) && isOutOfScope(found, c)) return refuseOutOfScope(c)
    if (!isUpgrade(c))
      return found.kind === 'login'
        ? c.json({ error: 'this is a WebSocket', code: 'UPGRADE_REQUIRED' }, 426)
        : c.json({ error: 'unauthorized' }, 401)
    // The socket itself has what a bridge needs: how full it is, and pausing. It is one of `ws`.
    const onOpen = (_: Event, { raw }: WSContext) => accept(raw as WebSocket, found, sessionId, c)
    const onError = (error: unknown) => onTrouble('a WebSocket failed', error)
    return upgradeWebSocket(c, { onOpen }, { onError })
  }

  app.get('/ws', (c) => upgrade(c, undefined))
  app.get('/ws/:id', (c) => upgrade(c, c.req.param('id')))
}

function isOutOfScope(found: Credentials, c: AppContext): boolean {
  const scope = found.kind === 'login' ? found.login.scope : undefined
  return scope !== undefined && !scopeAllows(scope, 'GET', c.req.path)
}
