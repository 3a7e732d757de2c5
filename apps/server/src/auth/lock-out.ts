import type { Clock } from '@conductor/machine'

export interface LockOutOptions {
  readonly clock: Clock
  /** Wrong passwords that cost nothing but the try (default: 4, so that the fifth locks). */
  readonly free?: number | undefined
  /** The first lock; each further wrong password doubles it (default: 1,000). */
  readonly firstMs?: number | undefined
  /** No lock is longer (default: 30,000). */
  readonly longestMs?: number | undefined
  /** After this long without a wrong password all is forgotten (default: 15 minutes). */
  readonly forgetMs?: number | undefined
  /** Keys remembered at most; the one that failed longest ago goes first (default: 10,000). */
  readonly most?: number | undefined
}

/** Makes guessing slow, for each key (an address, a device) on its own. */
export interface LockOut {
  /** How long `key` must still wait, in milliseconds; 0 when it may try. Asking changes nothing. */
  waitMs(key: string): number
  /** `key` tried a wrong password. */
  failed(key: string): void
  succeeded(key: string): void
  readonly size: number
}

export function createLockOut(options: LockOutOptions): LockOut {
  const {
    clock,
    free = 4,
    firstMs = 1_000,
    longestMs = 30_000,
    forgetMs = 15 * 60_000,
    most = 10_000,
  } = options
  // A Map keeps the order of insertion: the key that failed longest ago stands first.
  const failures = new Map<string, { count: number; untilMs: number; failedMs: number }>()

  return {
    waitMs(key) {
      const known = failures.get(key)
      return known ? Math.max(known.untilMs - clock.now(), 0) : 0
    },
    failed(key) {
      const nowMs = clock.now()
      const known = failures.get(key)
      const forgotten = !known || nowMs - known.failedMs >= forgetMs
      const count = forgotten ? 1 : known.count + 1
      const lockMs = count > free ? Math.min(firstMs * 2 ** (count - free - 1), longestMs) : 0
      failures.delete(key)
      failures.set(key, { count, untilMs: nowMs + lockMs, failedMs: nowMs })
      if (failures.size > most) {
        const oldest = failures.keys().next().value
        if (oldest !== undefined) failures.delete(oldest)
      }
    },
    succeeded: (key) => void failures.delete(key),
    get size() {
      return failures.size
    },
  }
}

/** One customer of an IPv6 network has a whole /64: that counts as one address. */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const before = head ? head.split(':') : []
  const after = tail ? tail.split(':') : []
  const middle =
    tail === undefined ? [] : Array(Math.max(8 - before.length - after.length, 0)).fill('0')
  const groups = [...before, ...middle, ...after].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
