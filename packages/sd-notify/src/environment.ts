import { pid as ownPid, env as processEnv } from 'node:process'

/** Variables by name; `process.env` is one. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where the shim leaves the number of its socket, and the inode that proves it is still that socket. */
export const FD_VARIABLE = 'CONDUCTOR_NOTIFY_FD'

/** What a notifier goes by. */
export const NOTIFY_VARIABLES: readonly string[] = [
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  FD_VARIABLE,
]

/** What `listenFds` goes by. Not everything that begins with `LISTEN_`: an app may have such names of its own. */
export const LISTEN_VARIABLES: readonly string[] = [
  'LISTEN_PID',
  'LISTEN_PIDFDID',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
]

/**
 * A copy for child processes, without what systemd has told this process alone.
 *
 * A child that inherits `NOTIFY_SOCKET` may declare the service ready, or stopped; one that inherits
 * `WATCHDOG_USEC` may believe that it has to ping.
 */
export function scrubEnvironment(env: Environment = processEnv): Record<string, string> {
  const dropped = new Set([...NOTIFY_VARIABLES, ...LISTEN_VARIABLES])
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && !dropped.has(name)) kept[name] = value
  return kept
}

/**
 * Within how many milliseconds systemd wants a ping each time; `undefined` when it wants none from us.
 *
 * @param pid Ours: a `WATCHDOG_PID` that names another process means that process.
 */
export function watchdogTimeoutMs(
  env: Environment = processEnv,
  pid: number = ownPid,
): number | undefined {
  const { WATCHDOG_USEC: usec = '', WATCHDOG_PID: whose } = env
  if (!/^[0-9]+$/.test(usec) || Number(usec) === 0) return undefined
  return whose === undefined || whose === String(pid) ? Number(usec) / 1_000 : undefined
}

/** Removes variables from an environment that is ours to change. */
export function removeVariables(
  env: Record<string, string | undefined>,
  names: readonly string[],
): void {
  for (const name of names) delete env[name]
}
