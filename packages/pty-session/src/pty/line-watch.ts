import { execFile } from 'node:child_process'

/** A terminal that collects whole lines keeps this much of one, in bytes, and drops the rest. @see https://man7.org/linux/man-pages/man3/termios.3.html "Canonical and noncanonical mode" */
export const LONGEST_LINE_BYTES = 4_095

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

export interface LineWatchOptions {
  /** Whether the terminal collects whole lines now. */
  readonly isCanonical: () => Promise<boolean>
  readonly onLong: (bytes: number) => void
}

/** Counts what is typed without an end of line. */
export interface LineWatch {
  typed(bytes: Uint8Array): void
}

/**
 * Notices a line that the kernel is going to cut. The terminal's mode is asked for only then, and
 * once a line; a program that reads raw bytes gets all of them.
 */
export function createLineWatch({ isCanonical, onLong }: LineWatchOptions): LineWatch {
  let line = { bytes: 0, asked: false }

  function add(bytes: number): void {
    line.bytes += bytes
    if (line.bytes <= LONGEST_LINE_BYTES || line.asked) return
    line.asked = true
    const long = line
    // By the time of the answer, more of the line may have been typed.
    isCanonical().then(
      (canonical) => canonical && onLong(long.bytes),
      () => {},
    )
  }

  return {
    typed(bytes) {
      for (let start = 0; ; ) {
        const end = endOfLine(bytes, start)
        add((end < 0 ? bytes.length : end) - start)
        if (end < 0) return
        line = { bytes: 0, asked: false }
        start = end + 1
      }
    },
  }
}

function endOfLine(bytes: Uint8Array, start: number): number {
  const feed = bytes.indexOf(LINE_FEED, start)
  const search = feed < 0 ? bytes : bytes.subarray(0, feed)
  const carriage = search.indexOf(CARRIAGE_RETURN, start)
  return carriage < 0 ? feed : carriage
}

/** Asks `stty` about the terminal at `path`: plain Node cannot. */
export function isCanonicalTerminal(path: string): Promise<boolean> {
  const flag = process.platform === 'linux' ? '-F' : '-f'
  return new Promise((resolve, reject) => {
    execFile(
      'stty',
      [flag, path, '-a'],
      { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } },
      (error, stdout) => (error ? reject(error) : resolve(/(^|[\s;])icanon\b/.test(stdout))),
    )
  })
}
