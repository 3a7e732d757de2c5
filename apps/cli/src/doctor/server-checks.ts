import type { DaemonStatus } from '@conductor/health'
import { type ProcessIdentity, type ProcessState, processState } from '@conductor/process-identity'
import type { ServerState } from '../server/server-state.ts'
import { type Finding, findings } from './finding.ts'
import type { Readers } from './readers.ts'

export function checkServer(state: ServerState): Finding {
  const { pass, warn, fail } = findings('server')
  switch (state.name) {
    case 'stopped':
      return pass('none runs; start it with: conductor start')
    case 'stale':
      return warn(
        `pid ${state.runFile.pid} of running.json has ended without a goodbye`,
        'sessions and daemons go on, and nobody can reach them',
        'conductor start, which takes over',
      )
    case 'unhealthy':
      return fail(
        state.problem,
        'nobody can reach sessions',
        'look into server.log; then: conductor restart --force',
      )
    case 'not-ready':
      return warn(state.problem, 'it answers no requests yet', 'wait, or look into server.log')
    case 'ready':
      return pass(`ready at ${state.url}, pid ${state.runFile.pid}`)
  }
}

/** @param daemon What its heartbeat file tells. */
export function checkBeat(state: ServerState, daemon: DaemonStatus): Finding {
  const { pass, warn, fail } = findings('heartbeat')
  if (daemon.healthy) return pass(daemon.message)
  // Without a server an old beat is no news.
  if (state.name === 'stopped' || state.name === 'stale') return pass('no server, and no beat')
  if (daemon.reason === 'missing')
    return warn(
      ...['no beat yet', 'monitors take the server for dead'],
      'wait: it is written when the server listens',
    )
  return fail(
    daemon.message,
    'monitors take the server for dead, and it may hang',
    'look into server.log; then: conductor restart --force',
  )
}

/** A little is how far two clocks of one machine may seem apart, in milliseconds. */
const A_LITTLE_MS = 5_000

/** A clock that was set back makes beats and logins look as if they came from the future. */
export function checkClock(state: ServerState, daemon: DaemonStatus, nowMs: number): Finding {
  const { pass, fail } = findings('clock')
  const startedAt = 'runFile' in state ? state.runFile.startedAt : undefined
  const aheadMs = Math.max(
    -(daemon.age_seconds ?? 0) * 1_000,
    startedAt === undefined ? 0 : Date.parse(startedAt) - nowMs,
  )
  if (!(aheadMs > A_LITTLE_MS))
    return pass(`${new Date(nowMs).toISOString()}, and nothing is later`)
  return fail(
    `the server's stamps are ${Math.round(aheadMs / 1_000)} s ahead of the clock, which was set back`,
    'beats from the future are no proof of life, and logins last too long',
    'timedatectl; then: conductor restart',
  )
}

/**
 * Files that name a process that is no more: the PID file, and those that a server takes with it.
 *
 * @param pidFile As `AI_CONDUCTOR_PID_FILE` says.
 */
export function checkStaleFiles(
  { read, stat }: Readers,
  { stateDir, pidFile }: { readonly stateDir: string; readonly pidFile: string | undefined },
  state: ServerState,
  stateOf: (identity: ProcessIdentity) => ProcessState = processState,
): Finding {
  const { pass, warn } = findings('stale files')
  const isGone = state.name === 'stopped' || state.name === 'stale'
  const left = [
    ...(state.name === 'stale' ? [`${stateDir}/running.json`] : []),
    ...(isGone && stat(`${stateDir}/cli-token`) ? [`${stateDir}/cli-token`] : []),
    ...(pidFile !== undefined && isStale(read(pidFile), stateOf) ? [pidFile] : []),
  ]
  if (left.length === 0) return pass('none')
  return warn(
    `${left.join(', ')}: of a server that is no more`,
    'other programs may take it for running',
    'conductor start, which takes them over',
  )
}

/** Only what is proved; a bare pid proves nothing. */
function isStale(text: string | undefined, stateOf: (identity: ProcessIdentity) => ProcessState) {
  const line = text?.split('\n')[1]
  if (!line) return false
  try {
    const parsed = JSON.parse(line) as ProcessIdentity
    return stateOf(parsed) === 'dead'
  } catch {
    return false
  }
}
