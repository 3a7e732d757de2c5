import { setTimeout as delay } from 'node:timers/promises'
import type { ChaosProxy, NetworkFault } from './chaos-proxy.ts'
import type { ServerProcess } from './server-process.ts'

/** All that can go wrong, and how often it does in comparison. */
const WEIGHTS = {
  reset: 8,
  silence: 4,
  stall: 5,
  dribble: 4,
  slow: 3,
  /** The server is killed at a moment that nobody chose. */
  kill: 4,
  /** The server is killed while viewers are just coming back. */
  killDuringAttach: 4,
  /** The server is killed, and its successor too, as soon as it listens. */
  killTwice: 1,
} as const

export type FaultKind = keyof typeof WEIGHTS

const KINDS = Object.keys(WEIGHTS) as readonly FaultKind[]

export interface FaultsOptions {
  /** Makes all choices, in [0, 1). */
  readonly random: () => number
  readonly server: ServerProcess
  readonly proxies: readonly ChaosProxy[]
}

/** Does one thing after another to a server and the networks before it. */
export interface Faults {
  /** How many there were of each kind so far. */
  readonly counts: Readonly<Record<FaultKind, number>>
  /**
   * The next one. Network faults may last on in the background; after a kill the server is up again
   * when this resolves. The first of every kind comes before the second of any.
   */
  strike(): Promise<FaultKind>
  /** Resolves when none lasts. */
  over(): Promise<void>
}

export function createFaults({ random, server, proxies }: FaultsOptions): Faults {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>
  const lasting = new Set<Promise<void>>()
  const between = (least: number, most: number) => least + random() * (most - least)

  function choose(): FaultKind {
    const missing = KINDS.filter((kind) => counts[kind] === 0)
    const pool = missing.length > 0 ? missing : KINDS
    // As often in the list as it weighs.
    const tickets = pool.flatMap((kind) => Array<FaultKind>(WEIGHTS[kind]).fill(kind))
    return tickets[Math.floor(random() * tickets.length)] ?? 'reset'
  }

  function network(fault: NetworkFault): void {
    const proxy = proxies[Math.floor(random() * proxies.length)]
    if (!proxy) return
    const done: Promise<void> = proxy.strike(fault).finally(() => lasting.delete(done))
    lasting.add(done)
  }

  async function kill(): Promise<void> {
    await server.kill()
    await delay(between(0, 300))
    await server.start()
  }

  const act: Record<FaultKind, () => void | Promise<void>> = {
    reset: () => network({ kind: 'reset' }),
    silence: () => network({ kind: 'silence' }),
    stall: () => network({ kind: 'stall', forMs: between(100, 3_000) }),
    dribble: () => network({ kind: 'dribble', forMs: between(500, 3_000) }),
    slow: () =>
      network({ kind: 'slow', forMs: between(2_000, 20_000), bytesPerSecond: between(2e4, 1e6) }),
    kill,
    async killDuringAttach() {
      for (const proxy of proxies) await proxy.strike({ kind: 'reset' })
      await delay(between(0, 40))
      await kill()
    },
    async killTwice() {
      await kill()
      await delay(between(0, 20))
      await kill()
    },
  }

  return {
    counts,
    async strike() {
      const kind = choose()
      counts[kind]++
      await act[kind]()
      return kind
    },
    async over() {
      await Promise.all(lasting)
    },
  }
}
