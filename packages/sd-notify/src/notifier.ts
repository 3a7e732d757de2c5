import { hrtime, pid as ownPid, env as processEnv } from 'node:process'
import { type Clock, systemClock } from '@conductor/machine'
import { encodeNotification, type NotifyFields } from './encode-notification.ts'
import { NOTIFY_VARIABLES, removeVariables, watchdogTimeoutMs } from './environment.ts'
import { SdNotifyError } from './sd-notify-error.ts'
import { chooseTransport, type TransportName } from './transport.ts'

/**
 * `sent`: handed to systemd, which may still refuse it by `NotifyAccess=`, and tells its log alone.
 * `failed`: it was not, and `onTrouble` was told why. `absent`: no systemd asked for messages.
 */
export type NotifyOutcome = 'sent' | 'failed' | 'absent'

export interface NotifierOptions {
  /** Where systemd's variables are (default: `process.env`). */
  readonly env?: Record<string, string | undefined> | undefined
  /** Removes them from `env` once read, so that no child inherits them (default: false). Those of `listenFds` stay. */
  readonly unsetEnv?: boolean | undefined
  /** What is meant for another process is not ours (default: the pid of this process). */
  readonly pid?: number | undefined
  /** The program run where no socket was inherited (default: `systemd-notify`, found in `PATH`). */
  readonly command?: string | undefined
  /** How long one message may take, in milliseconds (default: 10,000; `systemd-notify` itself waits up to 5,000). */
  readonly timeoutMs?: number | undefined
  /** Told why a message was not sent, or a descriptor not used. Nothing is thrown for it (default: nobody is told). */
  readonly onTrouble?: ((error: SdNotifyError) => void) | undefined
  /** The machine's monotonic clock in microseconds, the same for all processes (default: `process.hrtime`). */
  readonly monotonicUsec?: (() => number) | undefined
  /** Times the wait for a full queue (default: `systemClock`). */
  readonly clock?: Clock | undefined
}

/**
 * Tells systemd about this process. Messages arrive in the order of the calls.
 *
 * Each method throws `BAD_OPTION` for a wrong value at once, also where there is no systemd, and never
 * rejects for a systemd that is missing, slow or unwilling.
 */
export interface Notifier {
  /** How messages travel; `none` means that every call does nothing. */
  readonly transport: TransportName
  /** Within how many milliseconds systemd wants a ping each time; `undefined` when it wants none. */
  readonly watchdogTimeoutMs: number | undefined
  /** Started, or reloaded. */
  ready(status?: string): Promise<NotifyOutcome>
  /** One line for `systemctl status`. */
  status(text: string): Promise<NotifyOutcome>
  /** Begins to reload; `ready()` ends it. Bears the time, as `Type=notify-reload` wants. */
  reloading(status?: string): Promise<NotifyOutcome>
  /** Begins to stop. There is no way back. */
  stopping(status?: string): Promise<NotifyOutcome>
  /** One ping. `startWatchdog` does it for you, and only while you live. */
  watchdog(): Promise<NotifyOutcome>
  /** Fails the watchdog at once: systemd aborts this process. For what cannot be recovered from. */
  watchdogTrigger(): Promise<NotifyOutcome>
  /** Asks for so many milliseconds from now for the start, stop or run that is under way. */
  extendTimeout(ms: number): Promise<NotifyOutcome>
  /** Another process is the main one now. */
  mainPid(pid: number): Promise<NotifyOutcome>
  /** Why the service fails, as a number of `errno(3)`: 1 to 4,095. */
  errno(number: number): Promise<NotifyOutcome>
  /** Any fields of the protocol, as one message. */
  notify(fields: NotifyFields): Promise<NotifyOutcome>
}

/** Linux gives no error a higher number (`MAX_ERRNO`), and no process one of more than 31 bits. */
const LARGEST_ERRNO = 4_095
const LARGEST_PID = 2 ** 31 - 1

/**
 * Makes a notifier of the best transport there is: a socket inherited from `shimCommand` or from
 * `OpenFile=`, else a run of `systemd-notify` for each message, else none.
 *
 * @throws SdNotifyError `BAD_OPTION` for a `timeoutMs` that is not above 0.
 */
export function createNotifier(options: NotifierOptions = {}): Notifier {
  const {
    env = processEnv,
    unsetEnv = false,
    pid = ownPid,
    command = 'systemd-notify',
    timeoutMs = 10_000,
    onTrouble = () => {},
    monotonicUsec = () => Number(hrtime.bigint() / 1_000n),
    clock = systemClock,
  } = options
  whole('timeoutMs', timeoutMs, LARGEST_PID)

  const transport = chooseTransport({ env, pid, clock, command, timeoutMs, onTrouble })
  const withinMs = transport.name === 'none' ? undefined : watchdogTimeoutMs(env, pid)
  if (unsetEnv) removeVariables(env, NOTIFY_VARIABLES)

  function notify(fields: NotifyFields): Promise<NotifyOutcome> {
    const text = encodeNotification(fields)
    if (transport.name === 'none') return Promise.resolve('absent')
    return transport.send(text).then(
      () => 'sent',
      (cause) => {
        onTrouble(notSent(text, transport.name, cause))
        return 'failed'
      },
    )
  }

  return {
    transport: transport.name,
    watchdogTimeoutMs: withinMs,
    ready: (status) => notify({ READY: 1, STATUS: status }),
    status: (text) => notify({ STATUS: text }),
    reloading: (status) =>
      notify({ RELOADING: 1, MONOTONIC_USEC: monotonicUsec(), STATUS: status }),
    stopping: (status) => notify({ STOPPING: 1, STATUS: status }),
    watchdog: () => notify({ WATCHDOG: 1 }),
    watchdogTrigger: () => notify({ WATCHDOG: 'trigger' }),
    extendTimeout: (ms) =>
      notify({
        EXTEND_TIMEOUT_USEC: whole('extendTimeout', Math.ceil(ms * 1_000), Number.MAX_SAFE_INTEGER),
      }),
    mainPid: (number) => notify({ MAINPID: whole('mainPid', number, LARGEST_PID) }),
    errno: (number) => notify({ ERRNO: whole('errno', number, LARGEST_ERRNO) }),
    notify,
  }
}

function whole(name: string, value: number, largest: number): number {
  if (Number.isInteger(value) && value > 0 && value <= largest) return value
  throw new SdNotifyError('BAD_OPTION', `${name}: ${value} is not between 1 and ${largest}`)
}

function notSent(text: string, transport: TransportName, cause: unknown): SdNotifyError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
  const fix = missing ? ' (it is not installed: start the service by shimCommand)' : ''
  const what = text.replaceAll('\n', ' ')
  return new SdNotifyError('NOT_SENT', `${what} by ${transport}${fix}`, { cause })
}
