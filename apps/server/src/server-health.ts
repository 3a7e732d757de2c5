import { createHealth, type Health } from '@conductor/health'

/** A loop that was held up for longer is as good as dead to those who wait, in milliseconds. */
const LONGEST_LAG_MS = 5_000

/** What `/livez`, `/readyz` and `/startupz` ask. No managed daemon is among it: those are not the server. */
export function serverHealth(state: {
  /** The graceful end has begun. */
  readonly ending: boolean
  /** The process manager has been closed. */
  readonly closed: boolean
}): Health {
  const health = createHealth()
  const always = ['live', 'ready', 'startup'] as const
  health.add({ name: 'ping', kinds: always, run: () => {} })
  health.add({
    name: 'loop',
    kinds: ['live'],
    probe: { kind: 'loop-lag', maxMs: LONGEST_LAG_MS },
  })
  // The server listens only when they have been found.
  health.add({ name: 'sessions', kinds: ['ready', 'startup'], run: () => {} })
  health.add({
    name: 'processes',
    kinds: ['ready', 'startup'],
    cacheMs: 0,
    run: () => refuse(state.closed, 'the process manager is closed'),
  })
  health.add({
    name: 'shutdown',
    kinds: ['ready'],
    cacheMs: 0,
    run: () => refuse(state.ending, 'the server is going'),
  })
  return health
}

function refuse(isSo: boolean, why: string): void {
  if (isSo) throw new Error(why)
}
