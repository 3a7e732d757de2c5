/** Bytes of an open sequence that are kept. A longer one is a string, of which only the kind is kept. */
const MOST_OPEN_BYTES = 64 * 1024

const ESC = 0x1b
const C1_LEAD = 0xc2

/** The second bytes of the C1 controls that begin a sequence: DCS, SOS, CSI, OSC, PM, APC. */
const C1_INTRODUCERS = [0x90, 0x98, 0x9b, 0x9d, 0x9e, 0x9f]

/** Openings of strings that mean nothing, by the second byte of those that they stand for. */
const MEANINGLESS: Readonly<Record<number, string>> = {
  93: '\x1b]99999;',
  80: '\x1bPz',
}

/** Remembers the sequence or character that the end of the output cuts. */
export interface Cut {
  /** @param openAt Where in `bytes` the open sequence begins; below 0 when before; `undefined` at ground. */
  note(bytes: Buffer, openAt: number | undefined): void
  /** Whether there is anything. */
  readonly isEmpty: boolean
  /** Continues as the original would, in a terminal that has seen none of it. */
  bytes(): Buffer
}

export function createCut(): Cut {
  let open: Buffer[] = []
  let openBytes = 0
  let tail: Buffer = Buffer.alloc(0)

  return {
    note(bytes, openAt) {
      if (bytes.length === 0) return
      if (openAt === undefined || openAt >= 0) {
        open = []
        openBytes = 0
      }
      if (openAt === undefined) {
        const end = bytes.length < 4 ? Buffer.concat([tail, bytes]) : bytes
        tail = unfinishedCharacter(end)
        return
      }
      tail = Buffer.alloc(0)
      const more = bytes.subarray(Math.max(openAt, 0))
      openBytes += more.length
      if (openBytes - more.length < MOST_OPEN_BYTES) open.push(Buffer.from(more))
    },
    get isEmpty() {
      return open.length === 0 && tail.length === 0
    },
    bytes() {
      if (open.length === 0) return tail
      const all = Buffer.concat(open)
      open = [all]
      const sequence =
        all[0] === C1_LEAD
          ? Buffer.concat([Buffer.from([ESC, (all[1] ?? 0) - 0x40]), all.subarray(2)])
          : all
      const kind = sequence[1] ?? 0
      if (kind === 0x58 || kind === 0x5e || kind === 0x5f)
        return Buffer.concat([sequence.subarray(0, 2), unfinishedCharacter(sequence.subarray(2))])
      if (openBytes > MOST_OPEN_BYTES) return Buffer.from(MEANINGLESS[kind] ?? '')
      // Controls inside of a control sequence have been carried out already.
      if (kind === 0x5d || kind === 0x50) return sequence
      return Buffer.from(sequence.filter((byte, at) => at === 0 || byte >= 0x20))
    },
  }
}

/** The beginning of a character at the end of `bytes`, without its rest. Copied. */
export function unfinishedCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const lacks = byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    if (lacks >= back) return Buffer.from(bytes.subarray(bytes.length - back))
    break
  }
  return Buffer.alloc(0)
}

/** Where the last sequence of `bytes` begins; -1 when it began before. */
export function lastOpening(bytes: Buffer): number {
  const last = bytes.lastIndexOf(ESC)
  return C1_INTRODUCERS.reduce(
    (latest, second) => Math.max(latest, bytes.lastIndexOf(Buffer.from([0xc2, second]))),
    last,
  )
}
