export { linkPath, MAX_SOCKET_PATH_BYTES } from './endpoint.ts'
export type { ClientInfo } from './first-line.ts'
export { createLink, type Link, type LinkOptions, type LinkState } from './link/link.ts'
export { type RunFileOwner, shouldKillOnExit, shouldLink } from './link/policy.ts'
export {
  isSupervisorWatchdogError,
  SupervisorWatchdogError,
  type SupervisorWatchdogErrorCode,
} from './supervisor-watchdog-error.ts'
export type { WatchdogState } from './watchdog/machine.ts'
export {
  createWatchdog,
  type Watchdog,
  type WatchdogChange,
  type WatchdogOptions,
} from './watchdog/watchdog.ts'
