/** Why a daemon does not count as healthy. Only `unreadable` says nothing about the daemon. */
export type DaemonTrouble = 'missing' | 'dead' | 'future' | 'stale' | 'stuck' | 'unreadable'

/** What a heartbeat file tells. Its fields are those that monitors of the original format read. */
export interface DaemonStatus {
  /** `ERROR`: the file is there, and cannot be judged. */
  readonly status: 'HEALTHY' | 'UNHEALTHY' | 'ERROR'
  readonly healthy: boolean
  /** One line for people. */
  readonly message: string
  /** Set unless healthy. */
  readonly reason?: DaemonTrouble
  readonly pid?: number
  /** As of the last beat; only of a healthy daemon. */
  readonly uptime_seconds?: number
  /** ISO 8601, UTC. */
  readonly last_heartbeat?: string
  /** Since the last beat; negative for one from the future. */
  readonly age_seconds?: number
  /** What the daemon says of itself. */
  readonly detail?: string
}

const SIGNS = { HEALTHY: '✅', UNHEALTHY: '❌', ERROR: '⚠️' } as const

/**
 * A daemon's status for a terminal, several lines with a line end after each.
 *
 * @param hint The command that would bring the daemon back, shown when it is not healthy.
 */
export function renderDaemonStatus(daemon: DaemonStatus, hint?: string): string {
  const { status, healthy, message, pid, uptime_seconds } = daemon
  const lines = [`${SIGNS[status]} Daemon Status: ${status}`, `Message: ${message}`]
  if (pid !== undefined) lines.push(`PID: ${pid}`)
  if (uptime_seconds !== undefined) lines.push(`Uptime: ${hoursAndMinutes(uptime_seconds)}`)
  if (!healthy) lines.push('', 'Daemon may need to be restarted')
  if (!healthy && hint !== undefined) lines.push(`Run: ${hint}`)
  return `${lines.join('\n')}\n`
}

/** For shells: 0 healthy, 1 unhealthy, 3 when it cannot be told. */
export function daemonExitCode({ status }: DaemonStatus): 0 | 1 | 3 {
  if (status === 'HEALTHY') return 0
  return status === 'UNHEALTHY' ? 1 : 3
}

function hoursAndMinutes(seconds: number): string {
  return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`
}
