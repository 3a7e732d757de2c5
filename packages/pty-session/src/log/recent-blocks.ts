import type { TrackedBlock } from './block-buffers.ts'

/** The blocks read last. Viewers of one flood follow each other closely: one read serves them all. */
export interface RecentBlocks {
  find(owner: object, offset: number): TrackedBlock | undefined
  keep(owner: object, block: TrackedBlock): void
  /** Lets go of what `owner` kept. */
  forget(owner: object): void
}

/** @param count At most this many blocks of 128 KiB are held, whoever they belong to. */
export function createRecentBlocks(count: number): RecentBlocks {
  const owners: (object | undefined)[] = new Array(count).fill(undefined)
  const blocks: (TrackedBlock | undefined)[] = new Array(count).fill(undefined)
  let next = 0

  return {
    find(owner, offset) {
      for (let i = 0; i < count; i++) {
        const block = blocks[i]
        if (owners[i] === owner && block?.block.offset === offset) return block
      }
      return undefined
    },
    keep(owner, block) {
      blocks[next]?.retire()
      owners[next] = owner
      blocks[next] = block
      next = (next + 1) % count
    },
    forget(owner) {
      for (let i = 0; i < count; i++) {
        if (owners[i] !== owner) continue
        blocks[i]?.retire()
        owners[i] = undefined
        blocks[i] = undefined
      }
    },
  }
}

/** For all logs of this process: 1 MiB, enough for four floods whose viewers take 256 KiB in turn. */
export const sharedRecentBlocks: RecentBlocks = createRecentBlocks(8)
