import { join } from 'node:path'

/**
 * What lies in the folder of a log:
 *
 *     meta.json        epoch and segment size, written once
 *     0000000000.out   bytes 0 … S of the output, and nothing else
 *     0000000000.idx   what happened while they came: records of 32 bytes (see log-record.ts)
 *     0000000001.out   bytes S … 2S
 *     …
 *
 * Segments are of one size S, so the byte at offset n lies in segment ⌊n/S⌋ at n mod S: no index is
 * needed to find it. The index says which of the bytes count: whatever lies behind the last good
 * record was being written when the writer died, was never told to anybody, and is cut off.
 */
export const META_FILE = 'meta.json'

/** Reads end at multiples of this, so that viewers share them; no record covers more. In bytes. */
export const BLOCK_BYTES: number = 128 * 1024

const NAME = /^(\d{10,16})\.(?:out|idx)$/

export function outPath(dir: string, segment: number): string {
  return join(dir, `${segmentName(segment)}.out`)
}

export function indexPath(dir: string, segment: number): string {
  return join(dir, `${segmentName(segment)}.idx`)
}

/** The numbers of all segments of which any file is there, in order. */
export function segmentNumbers(names: readonly string[], segmentBytes: number): number[] {
  const numbers = new Set<number>()
  for (const name of names) {
    const digits = NAME.exec(name)?.[1]
    if (digits === undefined) continue
    const number = Number(digits)
    if (segmentName(number) === digits && Number.isSafeInteger((number + 1) * segmentBytes))
      numbers.add(number)
  }
  return [...numbers].sort((a, b) => a - b)
}

function segmentName(segment: number): string {
  return String(segment).padStart(10, '0')
}
