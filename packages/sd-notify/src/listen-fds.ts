import { pid as ownPid, env as processEnv } from 'node:process'
import { LISTEN_VARIABLES, removeVariables } from './environment.ts'

/** A descriptor that systemd has opened for us. */
export interface ListenFd {
  /** For `server.listen({ fd })`. */
  readonly fd: number
  /** `FileDescriptorName=` of the socket unit, by default that unit's name; `unknown` when nobody gave names. */
  readonly name: string
}

export interface ListenFdsOptions {
  /** Where the variables are (default: `process.env`). */
  readonly env?: Record<string, string | undefined> | undefined
  /** Descriptors meant for another process are not ours (default: the pid of this process). */
  readonly pid?: number | undefined
  /** Removes the variables from `env` (default: false). Create the notifier first: its descriptor is among these. */
  readonly unsetEnv?: boolean | undefined
}

/** 0, 1 and 2 are taken: `SD_LISTEN_FDS_START`. */
const FIRST_FD = 3

/** No process has this many: whoever says so is not systemd. */
const MOST_FDS = 65_536

/** The name that `OpenFile=` gives to the notification socket, by our convention. */
const NOTIFY_NAME = 'sd-notify'

/**
 * The sockets of socket activation, in the order of the unit; none when there are none for us.
 *
 * The one named `sd-notify` is not among them: that one is for the notifier.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
 */
export function listenFds(options: ListenFdsOptions = {}): readonly ListenFd[] {
  const { env = processEnv, pid = ownPid, unsetEnv = false } = options
  const all = inheritedFds(env, pid)
  if (unsetEnv) removeVariables(env, LISTEN_VARIABLES)
  return all.filter(({ name }) => name !== NOTIFY_NAME)
}

/** The descriptor that `OpenFile=/run/systemd/notify:sd-notify` (systemd 253) has opened for us. */
export function openFileNotifyFd(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | undefined {
  return inheritedFds(env, pid).find(({ name }) => name === NOTIFY_NAME)?.fd
}

function inheritedFds(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): readonly ListenFd[] {
  const { LISTEN_PID: whose, LISTEN_FDS: count = '', LISTEN_FDNAMES: names } = env
  if (whose !== String(pid) || !/^[0-9]+$/.test(count) || Number(count) > MOST_FDS) return []
  const given = names?.split(':') ?? []
  return Array.from({ length: Number(count) }, (_, index) => ({
    fd: FIRST_FD + index,
    name: given[index] || 'unknown',
  }))
}
