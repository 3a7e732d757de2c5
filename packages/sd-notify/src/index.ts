export { encodeNotification, type NotifyFields, type NotifyKey } from './encode-notification.ts'
export { type Environment, scrubEnvironment, watchdogTimeoutMs } from './environment.ts'
export { type ListenFd, type ListenFdsOptions, listenFds } from './listen-fds.ts'
export {
  createNotifier,
  type Notifier,
  type NotifierOptions,
  type NotifyOutcome,
} from './notifier.ts'
export { isSdNotifyError, SdNotifyError, type SdNotifyErrorCode } from './sd-notify-error.ts'
export { type ShimOptions, shimCommand } from './shim-command.ts'
export type { TransportName } from './transport.ts'
export type { WatchdogState } from './watchdog/machine.ts'
export { startWatchdog, type Watchdog, type WatchdogOptions } from './watchdog/start-watchdog.ts'
