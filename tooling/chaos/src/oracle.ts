// biome-ignore lint/correctness/useImportExtensions: plain JavaScript, and its types stand beside it
import { createNumberedLines } from './numbered-lines.mjs'

/** Where a stream first left the truth. */
export interface Deviation {
  readonly kind: 'lost' | 'repeated' | 'changed'
  /** The place in the stream, in bytes. */
  readonly offset: number
  /** How many bytes are missing or came again; 0 where it cannot be told. */
  readonly sizeBytes: number
  /** For a person: what was there, and what should have been. */
  readonly text: string
}

/** Judges a stream that came from the generator, piece by piece. */
export interface Oracle {
  /** Everything before it was right. */
  readonly offset: number
  readonly deviation: Deviation | undefined
  /**
   * @param offset The place that the giver claims for the first byte.
   * @returns Whether the stream is still right. After the first deviation it never is again.
   */
  accept(offset: number, bytes: Uint8Array): boolean
}

export interface OracleOptions {
  /** The generator's. */
  readonly seed: number
  /** Where the stream begins (default: 0). */
  readonly from?: number | undefined
}

const LINE_START = /(?:^|\n)(\d{12}) [0-9a-f]{8} /
const SHOWN_BYTES = 80

export function createOracle({ seed, from = 0 }: OracleOptions): Oracle {
  const lines = createNumberedLines(seed)
  let expected = Buffer.alloc(64 * 1024)
  let next = from
  let deviation: Deviation | undefined

  function compare(bytes: Uint8Array): void {
    if (expected.length < bytes.length) expected = Buffer.alloc(bytes.length)
    const right = lines.fill(expected.subarray(0, bytes.length), next)
    if (right.equals(bytes)) {
      next += bytes.length
      return
    }
    let same = 0
    while (right[same] === bytes[same]) same++
    next += same
    deviation = explain(bytes.subarray(same), right.subarray(same))
  }

  /** A whole line further on tells whether the stream has jumped, and which way. */
  function explain(found: Uint8Array, wanted: Uint8Array): Deviation {
    const number = LINE_START.exec(Buffer.from(found).toString('latin1'))?.[1]
    const jump = number === undefined ? 0 : Number(number) - lines.lineAt(next)
    const kind = jump > 1 ? 'lost' : jump < 0 ? 'repeated' : 'changed'
    return {
      kind,
      offset: next,
      sizeBytes: 0,
      text: `at line ${lines.lineAt(next)}: ${show(found)} instead of ${show(wanted)}`,
    }
  }

  return {
    get offset() {
      return next
    },
    get deviation() {
      return deviation
    },
    accept(offset, bytes) {
      if (deviation) return false
      if (offset === next) compare(bytes)
      else
        deviation = {
          kind: offset > next ? 'lost' : 'repeated',
          offset: next,
          sizeBytes: Math.abs(offset - next),
          text: `the next piece begins at ${offset}`,
        }
      return deviation === undefined
    },
  }
}

function show(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('latin1'))
}
