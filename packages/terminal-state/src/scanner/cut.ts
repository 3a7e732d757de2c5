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

/** Remembers the sequence that the end of the output cuts, and whether that cuts a character, too. */
export interface Cut {
  /** @param openAt Where in `bytes` the open sequence begins; below 0 when before; `undefined` at ground. */
  note(bytes: Buffer, openAt: number | undefined): void
  /** How many bytes there are of a character that lacks some. They are in no sequence of `bytes()`. */
  readonly unfinishedBytes: number
  /** Continues as the original would, in a terminal that has seen none of it. */
  bytes(): Buffer
}

export function createCut(): Cut {
  let open: Buffer[] = []
  let openBytes = 0
  /** The last three bytes: an unfinished character is no longer. */
  let tail: Buffer = Buffer.alloc(0)

  return {
    note(bytes, openAt) {
      if (bytes.length === 0) return
      const end = bytes.length < 3 ? Buffer.concat([tail, bytes]) : bytes
      tail = Buffer.from(end.subarray(-3))
      if (openAt === undefined || openAt >= 0) {
        open = []
        openBytes = 0
      }
      if (openAt === undefined) return
      const more = bytes.subarray(Math.max(openAt, 0))
      if (openBytes < MOST_OPEN_BYTES)
        open.push(Buffer.from(more.subarray(0, MOST_OPEN_BYTES - openBytes)))
      openBytes += more.length
    },
    get unfinishedBytes() {
      return unfinishedCharacter(tail)
    },
    bytes() {
      if (open.length === 0) return Buffer.alloc(0)
      const all = Buffer.concat(open)
      open = [all]
      const whole = all.subarray(0, all.length - unfinishedCharacter(tail))
      const sequence =
        whole[0] === C1_LEAD && whole.length > 1
          ? Buffer.concat([Buffer.from([ESC, (whole[1] ?? 0) - 0x40]), whole.subarray(2)])
          : whole
      const kind = sequence[1] ?? 0
      if (kind === 0x58 || kind === 0x5e || kind === 0x5f) return sequence.subarray(0, 2)
      if (openBytes > MOST_OPEN_BYTES) return Buffer.from(MEANINGLESS[kind] ?? '')
      if (kind === 0x5d || kind === 0x50) return sequence
      // Controls inside of a control sequence have been carried out already.
      return Buffer.from(sequence.filter((byte, at) => at === 0 || byte >= 0x20))
    },
  }
}

/** How many bytes at the end of `bytes` are the beginning of a character that is not complete: 0 to 3. */
export function unfinishedCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    const lacks = byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    return lacks >= back ? back : 0
  }
  return 0
}

/** Where the last sequence of `bytes` begins; -1 when it began before. */
export function lastOpening(bytes: Buffer): number {
  const last = bytes.lastIndexOf(ESC)
  return C1_INTRODUCERS.reduce(
    (latest, second) => Math.max(latest, bytes.lastIndexOf(Buffer.from([0xc2, second]))),
    last,
  )
}
