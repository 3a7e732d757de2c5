/** The terminal at one place of a recording. */
export interface Keyframe {
  /** Output from here on continues it. */
  readonly offset: number
  readonly timeMs: number
  readonly cols: number
  readonly rows: number
  readonly bytes: Uint8Array
}

/** Places to begin at, so that a jump reads a part of a recording and not all of it. */
export interface Keyframes {
  /** Whether so much has come since the last one that another is worth its room. */
  isDue(offset: number): boolean
  add(frame: Keyframe): void
  /** The last one at or before a place. */
  before(offset: number): Keyframe | undefined
  readonly sizeBytes: number
}

export interface KeyframesOptions {
  /** How far apart they are at first, in bytes of output (default: 1 MiB, which takes some 0.1 s to read). */
  readonly everyBytes?: number | undefined
  /** The most they take, in bytes (default: 24 MiB). Beyond that every second one goes, and later ones are twice as far apart. */
  readonly mostBytes?: number | undefined
}

export function createKeyframes(options: KeyframesOptions = {}): Keyframes {
  const { everyBytes = 1024 * 1024, mostBytes = 24 * 1024 * 1024 } = options
  let frames: Keyframe[] = []
  let apart = everyBytes
  let sizeBytes = 0

  function thin(): void {
    // The first one stays: it is the only way to the beginning.
    frames = frames.filter((_, index) => index % 2 === 0)
    sizeBytes = frames.reduce((sum, { bytes }) => sum + bytes.length, 0)
    apart *= 2
  }

  return {
    isDue(offset) {
      const last = frames.at(-1)
      return !last || offset - last.offset >= apart
    },
    add(frame) {
      frames.push(frame)
      sizeBytes += frame.bytes.length
      while (sizeBytes > mostBytes && frames.length > 1) thin()
    },
    before: (offset) => frames.findLast((frame) => frame.offset <= offset),
    get sizeBytes() {
      return sizeBytes
    },
  }
}
