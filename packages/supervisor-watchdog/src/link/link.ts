import { connect, type Socket } from 'node:net'
import { type Clock, systemClock } from '@conductor/machine'
import { lengthTrouble, requireMs, requirePath } from '../endpoint.ts'
import { type ClientInfo, encodeClient, isName } from '../first-line.ts'
import { SupervisorWatchdogError } from '../supervisor-watchdog-error.ts'
import { keepOpen, type UpkeepState } from '../upkeep.ts'

export interface LinkOptions {
  /** Where the daemon's watchdog listens. */
  readonly path: string
  /** The wait after a failed try, doubling each time, in milliseconds (default: 200, as the original). */
  readonly retryMs?: number | undefined
  /** The longest wait, in milliseconds (default: 2,000, as the original). */
  readonly retryLongestMs?: number | undefined
  /** Who we are, for whoever looks at the daemon (default: our pid). `false` says nothing, for other daemons. */
  readonly hello?: ClientInfo | false | undefined
  /** Does not keep this program running (default: `false`: it does until `close()`). */
  readonly unref?: boolean | undefined
  /** Told why there is no connection: each failed try (default: nobody is told). */
  readonly onTrouble?: ((error: unknown) => void) | undefined
  /** (Default: `systemClock`.) */
  readonly clock?: Clock | undefined
}

/** `opening`, `open`, `waiting` for the next try, or `closed`. */
export type LinkState = UpkeepState

export interface Link {
  readonly path: string
  readonly state: LinkState
  readonly connected: boolean
  /** Whether it was ever connected: then the daemon knows of us, and ends by itself. */
  readonly everConnected: boolean
  /** Told each time `connected` changes. Returns the unsubscribe. */
  subscribe(listener: (connected: boolean) => void): () => void
  /** Lets go, at once and for good. From then on the daemon counts its grace. */
  dispose(): void
  /** `dispose()`, and resolves when the system has let go as well. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Holds one connection to a daemon's watchdog for as long as this program lives, and makes it again for
 * ever. Nothing is read from it. Nothing need be done at the end: the system closes what it held.
 *
 * @throws SupervisorWatchdogError `BAD_OPTION`. A path too long for a socket is told to `onTrouble`, and not tried.
 */
export function createLink(options: LinkOptions): Link {
  const { path, retryMs = 200, retryLongestMs = 2_000, hello = { pid: process.pid } } = options
  const { unref = false, onTrouble = () => {}, clock = systemClock } = options
  requirePath(path)
  requireMs('retryMs', retryMs, 1)
  requireMs('retryLongestMs', retryLongestMs, retryMs)
  if (hello && hello.name !== undefined && !isName(hello.name))
    throw new SupervisorWatchdogError(
      'BAD_OPTION',
      'hello.name must have at most 100 characters, all of them printable',
    )
  const listeners = new Set<(connected: boolean) => void>()
  let socket: Socket | undefined
  let gone: Promise<unknown> = Promise.resolve()
  let connected = false
  let everConnected = false

  const upkeep = keepOpen({
    waits: { firstMs: retryMs, longestMs: retryLongestMs },
    clock: unref ? unrefClock(clock) : clock,
    open,
    drop() {
      socket?.destroy()
      socket = undefined
    },
    onChange({ name }) {
      if (connected === (name === 'open')) return
      connected = !connected
      everConnected ||= connected
      for (const each of [...listeners]) each(connected)
    },
  })

  function open(): void {
    const tooLong = lengthTrouble(path)
    // Time does not heal it, so there is no second try.
    if (tooLong) {
      onTrouble(tooLong)
      return
    }
    const mine = connect(path)
    socket = mine
    gone = new Promise((resolve) => mine.once('close', resolve))
    if (unref) mine.unref()
    mine.on('connect', () => {
      if (socket !== mine) return
      if (hello) mine.write(encodeClient(hello))
      upkeep.send('opened')
    })
    mine.on('error', (error) => {
      if (socket === mine) onTrouble(error)
    })
    // Whatever it says, it says to nobody; but only who reads sees the end.
    mine.resume()
    mine.on('close', () => {
      if (socket === mine) upkeep.send('lost')
    })
  }

  const dispose = (): void => upkeep.send('close')
  async function close(): Promise<void> {
    dispose()
    await gone
  }

  return {
    path,
    get state() {
      return upkeep.state
    },
    get connected() {
      return connected
    },
    get everConnected() {
      return everConnected
    },
    subscribe(each) {
      const told = (now: boolean) => each(now)
      listeners.add(told)
      return () => void listeners.delete(told)
    },
    dispose,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The same clock, with timers that keep nobody awake, where they are Node's. */
function unrefClock(clock: Clock): Clock {
  return {
    ...clock,
    setTimeout: (callback, delayMs) => {
      const timer = clock.setTimeout(callback, delayMs)
      if (typeof timer === 'object' && timer !== null && 'unref' in timer)
        (timer as NodeJS.Timeout).unref()
      return timer
    },
  }
}
