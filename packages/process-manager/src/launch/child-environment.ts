import { randomBytes } from 'node:crypto'

/** The descriptor of readiness, of those that ask for one: the first after the three of everybody. */
export const READY_FD = 3

/** Who belongs to a launch is told by this variable, which descendants inherit. */
export const COOKIE_VARIABLE = 'CONDUCTOR_PROCESS_ID'

export interface EnvironmentSpec {
  /** Given as `CONDUCTOR_PROCESS`. */
  readonly name: string
  /** Given as `CONDUCTOR_PROCESS_ID`: one of {@link makeCookie} for each launch. */
  readonly cookie: string
  /** Given as `SOCKET_PATH` (default: not given). */
  readonly socketPath?: string | undefined
  /** Whether `READY_FD` is given (default: false). */
  readonly readyFd?: boolean | undefined
  /** Added last, so it may also set what was taken out; only our own four stand above it. */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/**
 * What a child must not inherit.
 *
 * Secrets of ours; and what a supervisor told this process alone: a child that writes to our
 * `NOTIFY_SOCKET` answers for us, and one that believes `LISTEN_FDS` takes descriptors for sockets
 * that are none. Names that merely begin alike, such as `LISTEN_ADDR`, stay. And what a shell counts
 * for itself: `SHLVL` and `OLDPWD` tell a daemon nothing, and cost it one more exec on its way.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Environment%20Variables%20in%20Spawned%20Processes
 * @see https://supervisord.org/subprocess.html#subprocess-environment
 */
const WITHHELD =
  /^(NOTIFY_SOCKET|MAINPID|FDSTORE|WATCHDOG_(USEC|PID)|LISTEN_(PID|PIDFDID|FDS|FDNAMES)|SUPERVISOR_(ENABLED|SERVER_URL|PROCESS_NAME|GROUP_NAME)|READY_FD|SOCKET_PATH|SHLVL|OLDPWD|CONDUCTOR_.*|AI_CONDUCTOR_.*(PASSWORD|TOKEN|SECRET).*)$/s

/** The environment of a daemon: the parent's without secrets and supervisor variables, and what is given. */
export function childEnvironment(
  base: Readonly<Record<string, string | undefined>>,
  spec: EnvironmentSpec,
): Record<string, string> {
  const { name, cookie, socketPath, readyFd = false, env = {} } = spec
  const result: Record<string, string> = {}
  for (const [key, value] of Object.entries(base))
    if (value !== undefined && !WITHHELD.test(key)) result[key] = value
  return {
    ...result,
    ...env,
    ...(socketPath === undefined ? {} : { SOCKET_PATH: socketPath }),
    ...(readyFd ? { READY_FD: `${READY_FD}` } : {}),
    CONDUCTOR_PROCESS: name,
    [COOKIE_VARIABLE]: cookie,
  }
}

/** A word that nobody guesses or repeats: 128 random bits in hex. */
export function makeCookie(): string {
  return randomBytes(16).toString('hex')
}
