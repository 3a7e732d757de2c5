import { join } from 'node:path'
import type { Clock } from '@conductor/machine'
import { createWatchdog, linkPath, type Watchdog } from '@conductor/supervisor-watchdog'
import type { Config } from './config.ts'

export interface OwnerWatchOptions {
  readonly config: Pick<Config, 'stateDir' | 'owner' | 'linkGraceMs'>
  /** Whoever needed this server has gone: the same end as one that was asked for. */
  readonly onExpire: () => void
  readonly log: (level: 'info' | 'warn', fact: string, details?: object) => void
  readonly clock: Clock
}

/**
 * Listens on `<STATE_DIR>/supervise.sock` for apps that need this server, and ends it when the last of
 * them has gone. One that nobody ever links to is never ended, and neither is one whose owner is
 * `persistent`. That nobody can link is a warning: the server is of use without.
 */
export function watchOwner({ config, onExpire, log, clock }: OwnerWatchOptions): Watchdog {
  const watchdog = createWatchdog({
    path: linkPath(join(config.stateDir, 'running.json')),
    graceMs: config.linkGraceMs,
    onExpire,
    onTrouble: ({ message }) => log('warn', 'the liveness link', { reason: message }),
    clock,
  })
  watchdog.subscribe(({ from, to }) => {
    if (from.name === to.name || from.name === 'unbound') return
    const { clients } = watchdog
    log('info', `liveness link: ${to.name}`, { clients })
  })
  if (config.owner === 'persistent') watchdog.hold('its owner is "persistent"')
  return watchdog
}
