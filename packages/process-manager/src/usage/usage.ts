import { type Clock, systemClock } from '@conductor/machine'
import { keyOf, type ProcessRow, type ProcessTable } from '../tree/process-table.ts'
import type { Tree } from '../tree/tree.ts'

/** From a start to its first sample, in milliseconds: a start is busy, and many come together. */
const FIRST_MS = 1_000

/** What a tree uses, all its processes together. */
export interface Usage {
  /** Resident memory. Pages that processes share count for each. */
  readonly rssBytes: number
  /** Of one core, since the previous sample; `undefined` in the first. */
  readonly cpuPercent: number | undefined
  readonly processes: number
}

/** What {@link measure} keeps between two samples. */
export interface UsageMark {
  readonly atMs: number
  /** Processor time by pid and start time, in milliseconds. */
  readonly cpuMs: ReadonlyMap<string, number>
}

/**
 * Sums up the members of one tree.
 *
 * What a process used that has ended since the previous sample is not counted, and all that a new one
 * has used is.
 *
 * @param previous Of the sample before.
 */
export function measure(
  members: readonly ProcessRow[],
  nowMs: number,
  previous?: UsageMark,
): { readonly usage: Usage; readonly mark: UsageMark } {
  const cpuMs = new Map(members.map((row) => [keyOf(row), row.cpuMs]))
  let usedMs = 0
  for (const [key, total] of cpuMs) usedMs += Math.max(total - (previous?.cpuMs.get(key) ?? 0), 0)
  const passedMs = previous ? nowMs - previous.atMs : 0
  return {
    usage: {
      rssBytes: members.reduce((sum, row) => sum + row.rssBytes, 0),
      cpuPercent: passedMs > 0 ? (usedMs / passedMs) * 100 : undefined,
      processes: members.length,
    },
    mark: { atMs: nowMs, cpuMs },
  }
}

export interface UsageSamplerOptions {
  readonly table: ProcessTable
  readonly clock?: Clock
  /** Between two samples, in milliseconds (default: 15,000). */
  readonly intervalMs?: number
  /** Who of a snapshot belongs to a tree. */
  readonly membersIn: (rows: readonly ProcessRow[], tree: Tree) => readonly ProcessRow[]
}

export interface UsageSampler {
  /**
   * Samples this tree from now on: soon, and then with all others, one scan for all of them. Nothing
   * is read and no timer runs while nobody is registered.
   *
   * @returns the unsubscribe
   */
  register(tree: Tree, listener: (usage: Usage) => void): () => void
}

interface Registered {
  readonly tree: Tree
  readonly listener: (usage: Usage) => void
  mark?: UsageMark
}

/** Samples the memory and the processor time of any number of trees. */
export function createUsageSampler(options: UsageSamplerOptions): UsageSampler {
  const { table, clock = systemClock, intervalMs = 15_000, membersIn } = options
  const registered = new Set<Registered>()
  let newcomers: Registered[] = []
  let timer: unknown
  let soon: unknown

  async function sample(which: Iterable<Registered>): Promise<void> {
    const rows = await table.snapshot()
    const nowMs = clock.now()
    for (const each of which) {
      // It may have left while we read.
      if (!registered.has(each)) continue
      const { usage, mark } = measure(membersIn(rows, each.tree), nowMs, each.mark)
      each.mark = mark
      each.listener(usage)
    }
  }

  function arm(): void {
    timer = clock.setTimeout(() => {
      arm()
      void sample([...registered])
    }, intervalMs)
  }

  return {
    register(tree, listener) {
      const each: Registered = { tree, listener }
      registered.add(each)
      if (registered.size === 1) arm()
      newcomers.push(each)
      soon ??= clock.setTimeout(() => {
        soon = undefined
        void sample(newcomers)
        newcomers = []
      }, FIRST_MS)
      return () => {
        if (!registered.delete(each) || registered.size > 0) return
        clock.clearTimeout(timer)
        clock.clearTimeout(soon)
        soon = undefined
        newcomers = []
      }
    },
  }
}
