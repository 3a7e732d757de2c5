import { type Clock, drive, sleepAwareClock, systemClock } from '@conductor/machine'
import { requireMs, requirePath } from '../endpoint.ts'
import type { ClientInfo } from '../first-line.ts'
import { type OpenListener, openListener } from '../listener/listener.ts'
import { SupervisorWatchdogError } from '../supervisor-watchdog-error.ts'
import {
  transition,
  type WatchdogEffect,
  type WatchdogInput,
  type WatchdogState,
} from './machine.ts'

export interface WatchdogOptions {
  /**
   * Where clients connect: the absolute path of a unix socket, made with mode 0600 in a folder of this
   * user (made with 0700), or a named pipe. As `linkPath(runFile)` gives it.
   */
  readonly path: string
  /** How long the last client may stay away, in milliseconds awake (default: 5,000, as the original). */
  readonly graceMs?: number | undefined
  /**
   * Called once in a lifetime, when nobody can connect any more: start the same end as on a request to
   * shut down. What it throws comes out of a timer, uncaught.
   */
  readonly onExpire: () => void
  /** Told why there is no listener, or a client was not let in; the same trouble once (default: nobody is told). */
  readonly onTrouble?: ((error: SupervisorWatchdogError) => void) | undefined
  /** (Default: `systemClock`.) */
  readonly clock?: Clock | undefined
}

export interface WatchdogChange {
  readonly from: WatchdogState
  readonly to: WatchdogState
}

export interface Watchdog {
  /** Where it listens, or wants to. */
  readonly path: string
  readonly state: WatchdogState
  /** Whether a client has ever come. A probe counts as one until it has said what it is. */
  readonly armed: boolean
  /** Whether a client could connect now. Where not, it is tried again each second. */
  readonly listening: boolean
  /** Who is connected, oldest first, as they say themselves. */
  readonly clients: readonly ClientInfo[]
  /** The reasons of all leases. */
  readonly holds: readonly string[]
  /**
   * Takes a lease: without a client, too, it does not fire until `release`, and then has its grace.
   * After it has fired, a lease comes too late.
   *
   * @param reason For `holds`: what somebody who wonders why the daemon lives should read.
   * @returns Releases this lease; calling it twice is fine.
   */
  hold(reason: string): () => void
  /** Told of each new state. Returns the unsubscribe. */
  subscribe(listener: (change: WatchdogChange) => void): () => void
  /** Hangs up on all clients and removes the socket if it is ours. Never fires afterwards. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Ends a daemon when the last program that needs it has gone, however that went.
 *
 * A program holds one connection for as long as it lives; the system closes it when the program is
 * killed, so there are no heartbeats, and no pids that mean nothing in another container. The first
 * client arms it for good: a daemon that nobody ever links to is never ended.
 *
 * It starts by itself. Not being able to listen is trouble, and never thrown.
 *
 * @throws SupervisorWatchdogError `BAD_OPTION`.
 */
export function createWatchdog(options: WatchdogOptions): Watchdog {
  return createWatchdogOver(openListener, options)
}

/** The same over any listener. */
export function createWatchdogOver(open: OpenListener, options: WatchdogOptions): Watchdog {
  const { path, graceMs = 5_000, onExpire, onTrouble = () => {}, clock = systemClock } = options
  requirePath(path)
  requireMs('graceMs', graceMs, 0)
  const holds = new Set<{ readonly reason: string }>()
  const listeners = new Set<(change: WatchdogChange) => void>()
  let ended: Promise<void> = Promise.resolve()

  const driver = drive<WatchdogState, WatchdogInput, WatchdogEffect>({
    initial: { name: 'unbound' },
    transition: (state, input, nowMs) =>
      transition(state, input, {
        nowMs,
        graceMs,
        clients: listener.clients.length,
        holds: holds.size,
      }),
    timeout: { type: 'timeout' },
    perform(effect) {
      if (effect === 'expire') onExpire()
      else if (effect === 'end') ended = listener.end()
      else listener[effect]()
    },
    onChange(to, from) {
      for (const each of [...listeners]) each({ from, to })
    },
    // A night with the lid closed shall be seen as a late timer.
    clock: sleepAwareClock(clock),
  })

  const listener = open({ path, clock }, (event) => {
    if (event.type === 'trouble') onTrouble(event.error)
    else driver.send(event)
  })

  async function close(): Promise<void> {
    driver.send({ type: 'close' })
    await ended
  }

  return {
    path,
    get state() {
      return driver.state
    },
    get armed() {
      return !['unbound', 'idle', 'closed'].includes(driver.state.name)
    },
    get listening() {
      return listener.listening
    },
    get clients() {
      return listener.clients
    },
    get holds() {
      return [...holds].map(({ reason }) => reason)
    },
    hold(reason) {
      if (typeof reason !== 'string' || reason === '')
        throw new SupervisorWatchdogError('BAD_OPTION', 'a hold must say why, in words')
      const lease = { reason }
      holds.add(lease)
      driver.send({ type: 'hold' })
      return () => {
        if (holds.delete(lease)) driver.send({ type: 'release' })
      }
    },
    subscribe(each) {
      // A function of its own, so that one who subscribes twice is told twice.
      const told = (change: WatchdogChange) => each(change)
      listeners.add(told)
      return () => void listeners.delete(told)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
