import { join } from 'node:path'
import type { Clock } from '@conductor/machine'
import type { Notifier } from '@conductor/sd-notify'
import { temporaryFolder } from '@conductor/testing'
import type { Config } from '../config.ts'
import type { HttpTimeouts } from '../http-server.ts'
import { type RunningServer, startServer } from '../server.ts'
import { type FakeManager, fakeManager } from './fake-manager.ts'
import { type FakeRuntime, fakeRuntime } from './fake-runtime.ts'

/** `onTestFinished` of vitest. */
export type AtTheEnd = (action: () => void) => void

export const PASSWORD = 'correct horse battery'

export interface TestServerOptions {
  readonly config?: Partial<Config> | undefined
  readonly runtime?: FakeRuntime | undefined
  readonly manager?: FakeManager | undefined
  readonly clock?: Clock | undefined
  readonly timeouts?: HttpTimeouts | undefined
  readonly mostConnections?: number | undefined
  readonly stateDir?: string | undefined
  readonly notifier?: Notifier | undefined
}

export interface TestServer extends RunningServer {
  readonly atTheEnd: AtTheEnd
  readonly config: Config
  readonly runtime: FakeRuntime
  readonly manager: FakeManager
  /** `127.0.0.1:PORT`. */
  readonly host: string
  readonly shutdownRequests: number
  /** Whatever the server logged, as `level fact`. */
  readonly logged: readonly string[]
  /** Logs in and returns the token. */
  token(): Promise<string>
  /** `fetch` with the token of `token()`, on a path of this server. */
  request(path: string, init?: RequestInit): Promise<Response>
  /** A new session; its fake is `runtime.last()`. */
  session(body?: object): Promise<string>
}

export function testConfig(stateDir: string, over: Partial<Config> = {}): Config {
  return {
    password: PASSWORD,
    passwordHash: undefined,
    host: '127.0.0.1',
    port: 0,
    dataDir: join(stateDir, 'sessions'),
    stateDir,
    shell: '/bin/sh',
    pidFile: undefined,
    sessionTimeoutMs: 3_600_000,
    owner: undefined,
    onShutdown: 'detach',
    sessionsPerHost: 1,
    historyBytes: 1024 * 1024,
    uploadBytes: 1024 * 1024,
    allowedOrigins: [],
    silenceMs: 25_000,
    basePath: '',
    linkGraceMs: 5_000,
    agents: [],
    ...over,
  }
}

/** The real server on a port of its own, over fake sessions. It is closed after the test. */
export async function testServer(
  atTheEnd: AtTheEnd,
  options: TestServerOptions = {},
): Promise<TestServer> {
  const runtime = options.runtime ?? fakeRuntime()
  const manager = options.manager ?? fakeManager()
  const config = testConfig(options.stateDir ?? temporaryFolder(atTheEnd), options.config)
  const logged: string[] = []
  let shutdownRequests = 0
  let known: Promise<string> | undefined

  const server = await startServer({
    ...options,
    config,
    runtime,
    async openManager({ onEvent }) {
      manager.subscribe(onEvent)
      return manager
    },
    env: { PATH: '/usr/bin:/bin', AI_CONDUCTOR_PASSWORD: PASSWORD },
    webDir: '/nonexistent',
    log: (level, fact) => void logged.push(`${level} ${fact}`),
    onShutdownRequest: () => void shutdownRequests++,
  })
  atTheEnd(() => server.close())

  const self: TestServer = {
    ...server,
    atTheEnd,
    config,
    runtime,
    manager,
    host: `127.0.0.1:${server.port}`,
    get shutdownRequests() {
      return shutdownRequests
    },
    logged,
    token() {
      known ??= login(server.url)
      return known
    },
    async request(path, init = {}) {
      const headers = { 'X-Session-Token': await self.token(), ...init.headers }
      return fetch(server.url + path, { ...init, headers })
    },
    async session(body) {
      const response = await self.request('/api/sessions', {
        method: 'POST',
        ...(body && { body: JSON.stringify(body) }),
      })
      const { id } = (await response.json()) as { id: string }
      return id
    },
  }
  return self
}

async function login(url: string): Promise<string> {
  const response = await fetch(`${url}/api/login`, {
    method: 'POST',
    body: JSON.stringify({ password: PASSWORD }),
  })
  const { token } = (await response.json()) as { token: string }
  return token
}
