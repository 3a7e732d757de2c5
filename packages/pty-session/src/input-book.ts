import { crc32 } from 'node:zlib'

/** Clients whose numbers are remembered per session; the ones that typed longest ago go first. */
const REMEMBERED_CLIENTS = 4_096

export type InputVerdict = 'next' | 'duplicate' | 'gap'

/** Who typed what last: the memory that makes every keystroke arrive once. */
export interface InputBook {
  /** Judges a number, and remembers it when it is the next one. */
  accept(clientId: string, seq: number): InputVerdict
  /** The last accepted number; 0 when `clientId` never typed. */
  last(clientId: string): number
}

/**
 * @param recorded What a log remembers of an earlier process's book: the last number by the CRC-32 of
 * the client's id.
 */
export function createInputBook(recorded: ReadonlyMap<number, number> = new Map()): InputBook {
  // A Map keeps the order of insertion, so taking a client out and in again makes it the youngest.
  const lastByClient = new Map<string, number>()
  const last = (clientId: string): number =>
    lastByClient.get(clientId) ?? recorded.get(crc32(clientId)) ?? 0

  return {
    last,
    accept(clientId, seq) {
      const known = last(clientId)
      if (seq <= known) return 'duplicate'
      if (seq !== known + 1) return 'gap'
      lastByClient.delete(clientId)
      lastByClient.set(clientId, seq)
      if (lastByClient.size > REMEMBERED_CLIENTS) {
        const oldest = lastByClient.keys().next().value
        if (oldest !== undefined) lastByClient.delete(oldest)
      }
      return 'next'
    },
  }
}
