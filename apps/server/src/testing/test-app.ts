import { join } from 'node:path'
import { createHealth, type HealthCheck } from '@conductor/health'
import { checkSpec } from '@conductor/process-manager'
import { createViewers } from '@conductor/pty-session'
import { type FakeClock, fakeClock, temporaryFolder } from '@conductor/testing'
import { createAgentTable, type ServerAgent } from '../agents/agent-table.ts'
import { createApp } from '../app.ts'
import type { Attentions } from '../attention/attention.ts'
import type { ReportKeys } from '../attention/report-keys.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { auditLogin } from '../audit/audited-requests.ts'
import { type Auth, createAuth } from '../auth/auth.ts'
import { createLockOut } from '../auth/lock-out.ts'
import { createOriginPolicy } from '../auth/origin-policy.ts'
import { createPasswordCheck } from '../auth/password.ts'
import { createTokenStore } from '../auth/token-store.ts'
import { createEventLog } from '../event-log.ts'
import type { App } from '../http/documented.ts'
import { loadWebFiles } from '../http/web-files.ts'
import { invitePeople, type People, type PeopleOptions } from '../people.ts'
import { tellEvents } from '../processes/tell-events.ts'
import { watchSessions } from '../session-watch.ts'
import { createSessionDirectory, type SessionDirectory } from '../sessions/session-directory.ts'
import { type Connections, createConnections } from '../ws/connections.ts'
import { type FakeManager, fakeManager } from './fake-manager.ts'
import { type FakeRuntime, fakeRuntime } from './fake-runtime.ts'
import { type AtTheEnd, PASSWORD } from './test-server.ts'

/** What the command line of this machine has. */
export const LOCAL_TOKEN: string = '1'.repeat(64)

export interface Ask {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Whose token to send (default: a good one; `null`: none). */
  readonly token?: string | null
  /** The asker's address (default: 127.0.0.1). */
  readonly address?: string
}

export interface TestApp {
  readonly clock: FakeClock
  readonly runtime: FakeRuntime
  readonly manager: FakeManager
  readonly directory: SessionDirectory
  readonly connections: Connections
  readonly auth: Auth
  readonly token: string
  readonly troubles: readonly string[]
  readonly shutdowns: number
  readonly app: App
  readonly stateDir: string
  readonly audit: AuditLog
  readonly attentions: Attentions
  readonly reportKeys: ReportKeys
  readonly people: People
  ask(path: string, ask?: Ask): Promise<Response>
}

export interface TestAppOptions {
  readonly webDir?: string
  readonly checks?: readonly HealthCheck[]
  readonly allowedOrigins?: readonly string[]
  readonly basePath?: string
  readonly runtime?: FakeRuntime
  readonly dataDir?: string
  readonly stateDir?: string
  readonly agents?: readonly ServerAgent[]
  readonly push?: PeopleOptions['push']
}

/** The app without a port, over fake sessions and a clock that the test moves. It is 127.0.0.1:8080. */
export function testApp(atTheEnd: AtTheEnd, options: TestAppOptions = {}): TestApp {
  const { allowedOrigins = [], runtime = fakeRuntime() } = options
  const { stateDir = temporaryFolder(atTheEnd) } = options
  const clock = fakeClock()
  const troubles: string[] = []
  const manager = fakeManager()
  let shutdowns = 0
  const onTrouble = (trouble: string, error: unknown) => troubles.push(`${trouble}: ${error}`)

  const tokens = createTokenStore({
    path: join(stateDir, 'tokens.json'),
    kept: { v: 1, password: { salt: '', hash: '' }, deviceKey: 'ab'.repeat(32), tokens: [] },
    timeoutMs: 3_600_000,
    clock,
    onTrouble: () => {},
  })
  const events = createEventLog('server')
  const connections = createConnections(100)
  const dataDir = options.dataDir ?? join(stateDir, 'sessions')
  const agents = createAgentTable(options.agents ?? [])
  const watching = watchSessions({
    ...{ stateDir, dataDir, events, clock, onTrouble, silenceOf: agents.silenceOf },
  })
  const people: People = invitePeople({
    ...{ stateDir, tokens, clock, events, connections, onTrouble, push: options.push },
    ...watching,
    sessionOf: (id) => directory.get(id),
  })
  const { audit, attentions, reportKeys } = watching
  const auth = createAuth({
    tokens,
    lockOut: createLockOut({ clock }),
    isPassword: createPasswordCheck(PASSWORD),
    findLocal: (given) =>
      given === LOCAL_TOKEN
        ? { id: 'local', expiresAt: Number.MAX_SAFE_INTEGER, isCommandLine: true }
        : undefined,
    findScoped: (given) => people.shares.find(given) ?? reportKeys.find(given),
  })
  tokens.subscribe((id) => connections.endLogin(id, 4401, 'logged out'))
  manager.subscribe(tellEvents(events, onTrouble))
  const directory = createSessionDirectory({
    ...watching.forDirectory,
    dataDir,
    historyBytes: 1024 * 1024,
    defaults: { shell: '/bin/sh', home: '/tmp', env: { PATH: '/usr/bin:/bin' } },
    agents,
    runtime,
    createViewers: (session) => createViewers(session, { clock }),
    events,
    clock,
    onTrouble,
  })
  const health = createHealth()
  for (const check of options.checks ?? []) health.add(check)
  const app = createApp({
    ...people,
    ...{ audit, attentions, allowedOrigins },
    auth: { ...auth, logout: people.onLogout(auth) },
    origins: createOriginPolicy({
      host: '127.0.0.1',
      port: () => 8080,
      allowedOrigins,
      ownNames: () => [],
    }),
    dataDir,
    stateDir,
    directory,
    manager,
    checkProcess: (spec) => void checkSpec(spec, { root: join(stateDir, 'processes') }),
    events,
    connections,
    web: loadWebFiles(options.webDir ?? '/nonexistent'),
    health,
    metrics: () => '# HELP x y\n',
    traffic: { sent: () => {}, received: () => {} },
    clock,
    pid: 42,
    serverId: 'server',
    sessionTimeoutMs: 3_600_000,
    uploadBytes: 1024 * 1024,
    silenceMs: 25_000,
    basePath: options.basePath ?? '',
    onAnswer: () => {},
    onLogin: (outcome, address) => auditLogin(audit, outcome, address),
    onTrouble,
    shutDown: () => void shutdowns++,
  })
  const { token } = tokens.create()

  return {
    clock,
    runtime,
    manager,
    directory,
    connections,
    auth,
    token,
    troubles,
    ...{ app, stateDir, audit, attentions, reportKeys, people },
    get shutdowns() {
      return shutdowns
    },
    async ask(path, { method = 'GET', body, headers = {}, token: own = token, address } = {}) {
      const request = new Request(`http://127.0.0.1:8080${path}`, {
        method,
        headers: {
          host: '127.0.0.1:8080',
          ...(own !== null && { 'x-session-token': own }),
          ...headers,
        },
        ...(body !== undefined && {
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      })
      const incoming = {
        socket: { remoteAddress: address ?? '127.0.0.1', setTimeout: () => {} },
      }
      return app.fetch(request, { incoming, outgoing: {} })
    },
  }
}
