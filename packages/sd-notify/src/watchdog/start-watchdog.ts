import { type Clock, drive, systemClock } from '@conductor/machine'
import type { Notifier } from '../notifier.ts'
import {
  transition,
  type WatchdogEffect,
  type WatchdogInput,
  type WatchdogState,
} from './machine.ts'

export interface WatchdogOptions {
  /** Pings, and knows how often systemd wants it. */
  readonly notifier: Pick<Notifier, 'watchdog' | 'watchdogTimeoutMs'>
  /**
   * Whether the service does its work. Asked at half of systemd's time, and ten times as often after
   * a bad answer. `false`, a throw, a rejection or no answer: no ping. Ask nothing that restarting
   * this process would not mend, such as a database elsewhere.
   */
  readonly isLive: () => boolean | Promise<boolean>
  /** Told of each change, and of the first look; `cause` is what `isLive` threw (default: nobody is told). */
  readonly onLiveness?: ((live: boolean, cause?: unknown) => void) | undefined
  /** (Default: `systemClock`.) Its timer keeps the program running until `close()`. */
  readonly clock?: Clock | undefined
}

export interface Watchdog {
  /** Where the machine is; `off` from the start when systemd asked for no pings. */
  readonly state: WatchdogState
  /** No more pings; resolves when one that is under way is done. systemd goes on waiting: for the end of a stop. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The usual share of systemd's time, so that one ping may be late: `sd_watchdog_enabled(3)`. */
const SHARE = 1 / 2

/** A recovery is seen within a tenth of the usual time, and a slow check is not asked in a circle. */
const SHARE_AGAIN = SHARE / 10

/**
 * Pings systemd's watchdog for as long as the service lives, and not a moment longer.
 *
 * A timer alone proves that the event loop turns. This one asks `isLive` each time, so that a service
 * which turns but does no work is restarted too. Where systemd asked for no pings it does nothing.
 */
export function startWatchdog(options: WatchdogOptions): Watchdog {
  const { notifier, isLive, onLiveness = () => {}, clock = systemClock } = options
  const withinMs = notifier.watchdogTimeoutMs
  const rules = { everyMs: (withinMs ?? 0) * SHARE, againMs: (withinMs ?? 0) * SHARE_AGAIN }
  let ping: Promise<unknown> = Promise.resolve()

  const driver = drive<WatchdogState, WatchdogInput, WatchdogEffect>({
    initial:
      withinMs === undefined
        ? { name: 'off' }
        : { name: 'waiting', deadlineMs: clock.now(), live: undefined },
    transition: (state, input, nowMs) => transition(state, input, { ...rules, nowMs }),
    timeout: { type: 'timeout' },
    perform(effect) {
      if (effect === 'ask') void ask()
      else if (effect === 'ping') send()
      else if (effect.tell === 'alive') onLiveness(true)
      else onLiveness(false, effect.cause)
    },
    clock,
  })

  async function ask(): Promise<void> {
    let answer: WatchdogInput
    try {
      answer = { type: (await isLive()) === true ? 'alive' : 'dead' }
    } catch (cause) {
      answer = { type: 'dead', cause }
    }
    driver.send(answer)
  }

  function send(): void {
    // Where the ping did not arrive, the notifier's `onTrouble` knows; the next one is due all the same.
    const done = () => driver.send({ type: 'pinged' })
    ping = notifier.watchdog().then(done, done)
  }

  async function close(): Promise<void> {
    driver.send({ type: 'close' })
    await ping
  }

  return {
    get state() {
      return driver.state
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
