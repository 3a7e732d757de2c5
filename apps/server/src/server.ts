import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createHeartbeat, type Heartbeat, healthMetrics, renderMetrics } from '@conductor/health'
import { type Clock, systemClock } from '@conductor/machine'
import { identifySelf } from '@conductor/process-identity'
import { checkSpec, type ProcessManager } from '@conductor/process-manager'
import { createViewers } from '@conductor/pty-session'
import { createNotifier, type Notifier } from '@conductor/sd-notify'
import { createAgentTable } from './agents/agent-table.ts'
import { createApp } from './app.ts'
import { auditLogin } from './audit/audited-requests.ts'
import { createAuth } from './auth/auth.ts'
import { createLockOut } from './auth/lock-out.ts'
import { createOriginPolicy } from './auth/origin-policy.ts'
import { ownNames } from './auth/own-names.ts'
import { loadPassword } from './auth/password.ts'
import { createTokenStore, readTokens } from './auth/token-store.ts'
import { createCliToken } from './cli-token.ts'
import type { Config } from './config.ts'
import { createEventLog } from './event-log.ts'
import { createCounters, serverMetrics } from './http/metrics.ts'
import { loadWebFiles } from './http/web-files.ts'
import { type HttpServer, type HttpTimeouts, listen } from './http-server.ts'
import { createGracefulEnd, GRACEFUL_END_MS } from './lifecycle.ts'
import { createSupervisor } from './notify/supervisor.ts'
import { invitePeople, type PeopleOptions } from './people.ts'
import { makePrivateFolder } from './private-file.ts'
import { type OpenManagerOptions, openManager, processesRoot } from './processes/open-manager.ts'
import { createProcessMetrics } from './processes/process-metrics.ts'
import { tellEvents } from './processes/tell-events.ts'
import { claimPidFile, claimRunFile, type RunFile } from './run-file.ts'
import { serverHealth } from './server-health.ts'
import { watchSessions } from './session-watch.ts'
import { atShutdown } from './sessions/at-shutdown.ts'
import { countByStatus } from './sessions/count-by-status.ts'
import { createPtyRuntime } from './sessions/pty-runtime.ts'
import { createSessionDirectory } from './sessions/session-directory.ts'
import type { SessionRuntime } from './sessions/session-runtime.ts'
import { watchOwner } from './watchdog.ts'
import { newServerId } from './ws/conductor-bridge.ts'
import { createConnections } from './ws/connections.ts'

/** Sockets and event streams open at once. */
const MOST_CONNECTIONS = 1_024

export interface ServerOptions {
  readonly config: Config
  /** The environment that sessions and processes inherit, less what is the server's own. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The built web client. */
  readonly webDir: string
  /** One fact for the log of the server. */
  readonly log: (level: 'info' | 'warn' | 'error', fact: string, details?: object) => void
  /** The graceful end is wanted: over HTTP, or because the app that needs this server has gone. */
  readonly onShutdownRequest: (why: string) => void
  /** The link to systemd (default: there is none). */
  readonly notifier?: Notifier | undefined
  /** For tests. */
  readonly clock?: Clock | undefined
  readonly runtime?: SessionRuntime | undefined
  readonly openManager?: ((options: OpenManagerOptions) => Promise<ProcessManager>) | undefined
  readonly timeouts?: HttpTimeouts | undefined
  readonly push?: PeopleOptions['push']
  readonly mostConnections?: number | undefined
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  /** Told once to whoever started the server; `undefined` when it is nothing new. */
  readonly generatedPassword: string | undefined
  /** The graceful end. */
  close(): Promise<void>
}

/**
 * Starts the server: claims its files, finds the sessions and processes of the one before, and only
 * then listens.
 *
 * @throws ServerError `HELD` when another server runs on this state folder, with nothing touched;
 * `LISTEN_FAILED`, with everything given back.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, log, clock = systemClock } = options
  const { dataDir, stateDir } = config
  const identity = identifySelf()
  const first: RunFile = {
    port: 0,
    url: '',
    startedAt: new Date(clock.date()).toISOString(),
    owner: config.owner,
  }
  const files: { release(): void }[] = []
  const releaseFiles = (): void => {
    for (const file of files) file.release()
  }
  const undo: (() => void | Promise<void>)[] = [releaseFiles]
  const onTrouble = (trouble: string, error: unknown): void =>
    log('warn', trouble, { reason: error instanceof Error ? error.message : String(error) })

  try {
    const runFile = await claimRunFile(stateDir, first)
    files.push(runFile)
    if (config.pidFile) files.push(await claimPidFile(config.pidFile))
    makePrivateFolder(dataDir)

    const password = loadPassword(config, stateDir)
    const tokensPath = join(stateDir, 'tokens.json')
    const serverId = newServerId()
    const events = createEventLog(serverId)
    const agents = createAgentTable(config.agents)
    const { silenceOf } = agents
    const watching = watchSessions({ ...config, events, clock, silenceOf, onTrouble })
    undo.push(watching.close)
    const directory = createSessionDirectory({
      ...watching.forDirectory,
      dataDir,
      historyBytes: config.historyBytes,
      defaults: { shell: config.shell, home: homedir(), env: options.env },
      agents,
      runtime: options.runtime ?? createPtyRuntime(config),
      createViewers,
      events,
      clock,
      onTrouble,
    })
    undo.push(directory.letGo)
    const supervisor = createSupervisor({
      notifier: options.notifier ?? createNotifier({ env: {} }),
      onLiveness: (live, cause) =>
        live
          ? log('info', 'live again: the watchdog is fed')
          : onTrouble('not live: systemd will end this server unless that passes', cause),
      clock,
    })
    supervisor.starting(readdirSync(dataDir).length)
    const opening = (options.openManager ?? openManager)({
      stateDir,
      env: options.env,
      onEvent: tellEvents(events, onTrouble),
      clock,
    })
    undo.push(async () => (await opening.catch(() => undefined))?.close())

    // Sessions and processes are found while the password's slow hash is computed.
    const onTokenTrouble = (error: unknown): void => onTrouble('logins cannot be kept', error)
    const [kept, manager] = await Promise.all([
      readTokens(tokensPath, password.binding, onTokenTrouble),
      opening,
      directory.adopt(),
    ])
    const tokens = createTokenStore({
      path: tokensPath,
      kept,
      timeoutMs: config.sessionTimeoutMs,
      clock,
      onTrouble: onTokenTrouble,
    })
    undo.push(tokens.close)
    const cliToken = createCliToken(stateDir)
    undo.push(cliToken.release)
    const connections = createConnections(options.mostConnections ?? MOST_CONNECTIONS)
    const invited = invitePeople({
      ...{ stateDir, clock, events, connections, onTrouble, tokens, push: options.push },
      ...watching,
      sessionOf: directory.get,
    })
    undo.push(invited.close)
    const auth = createAuth({
      tokens,
      lockOut: createLockOut({ clock }),
      isPassword: password.isRight,
      findLocal: cliToken.find,
      findScoped: (token) => invited.shares.find(token) ?? watching.reportKeys.find(token),
    })
    tokens.subscribe((id) => connections.endLogin(id, 4401, 'logged out'))

    const state = { ending: false, closed: false }
    const health = serverHealth(state)
    undo.push(health.close)
    const counters = createCounters()
    const processMetrics = createProcessMetrics(manager)
    const watchdog = watchOwner({
      config,
      clock,
      log,
      onExpire: () => options.onShutdownRequest('the last app that needed it has gone'),
    })
    undo.push(watchdog.close)
    let http: HttpServer | undefined
    let heartbeat: Heartbeat | undefined
    const app = createApp({
      ...config,
      ...watching,
      ...invited,
      auth: { ...auth, logout: invited.onLogout(auth) },
      directory,
      manager,
      checkProcess: (spec) => void checkSpec(spec, { root: processesRoot(stateDir) }),
      events,
      connections,
      clock,
      serverId,
      onTrouble,
      pid: identity.pid,
      origins: createOriginPolicy({ ...config, port: () => http?.port ?? config.port, ownNames }),
      web: loadWebFiles(options.webDir),
      health,
      metrics: async () =>
        renderMetrics([
          ...serverMetrics(counters, {
            sessionsByStatus: countByStatus(directory),
            viewers: directory.viewerCount,
            connections: connections.count,
            liveness: { state: watchdog.state.name, clients: watchdog.clients.length },
            startedAtSeconds: Date.parse(first.startedAt) / 1_000,
            memoryBytes: process.memoryUsage.rss(),
          }),
          ...healthMetrics([await health.check('live'), await health.check('ready')]),
          ...processMetrics.families(),
        ]),
      traffic: {
        sent(bytes) {
          counters.sentBytes += bytes
        },
        received(bytes) {
          counters.receivedBytes += bytes
        },
      },
      onAnswer: () => heartbeat?.progress('requests'),
      onLogin(outcome, address) {
        counters.logins[outcome]++
        auditLogin(watching.audit, outcome, address)
        if (outcome !== 'locked') log('info', `login: ${outcome}`, { address })
      },
      shutDown: () => options.onShutdownRequest('POST /api/shutdown'),
    })

    const listening = await listen({ ...config, app, timeouts: options.timeouts })
    http = listening
    const { port } = listening
    const name = config.host.includes(':') ? `[${config.host}]` : config.host
    const url = `http://${name}:${port}${config.basePath}`
    runFile.update({ ...first, port, url })
    watching.reportKeys.listening(url)
    heartbeat = createHeartbeat({
      path: join(stateDir, 'daemon.heartbeat'),
      mode: 0o600,
      progress: ['requests'],
      onTrouble: (error) => onTrouble('no heartbeat', error),
      identity,
      clock,
    })
    const sessions = directory.list().length
    log('info', 'listening', { url, sessions, stateDir })
    const isLive = async (): Promise<boolean> => (await health.check('live')).healthy
    supervisor.ready(`listening on ${url}, sessions found: ${sessions}`, isLive)

    return {
      url,
      port,
      generatedPassword: password.generated,
      close: createGracefulEnd({
        sessions: atShutdown(directory, config.onShutdown),
        closeProcesses() {
          state.closed = true
          return manager.close()
        },
        stopAccepting() {
          state.ending = true
          supervisor.stopping(GRACEFUL_END_MS)
          listening.stopAccepting()
        },
        sayGoodbye: () => connections.endAll(1001, 'the server goes away'),
        drain: listening.drain,
        async releaseFiles() {
          tokens.close()
          invited.close()
          await watching.close()
          cliToken.release()
          await watchdog.close()
          await heartbeat?.close()
          await supervisor.close()
          await health.close()
          releaseFiles()
        },
        clock,
        onTrouble,
      }),
    }
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}
