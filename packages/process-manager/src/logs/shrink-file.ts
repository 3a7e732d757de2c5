import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statfsSync } from 'node:fs'

/**
 * How bytes leave the front of a file that others append to.
 *
 * - `collapse` (ext4, xfs): the file gets shorter from the front, at once and for good. Nothing is lost.
 *   A daemon that writes meanwhile may have to wait: the slowest write measured took 39 ms. The command
 *   took 3 to 11 ms, but in one series on ext4 1.2 to 2 s, for a reason that was not found.
 * - `punch` (tmpfs, btrfs and others): the front becomes a hole, which takes no space. Nothing is lost;
 *   `ls -l` shows all that was ever written, `du` what is kept, and `cat` begins with zeros.
 * - `truncate` (where neither works, as on macOS, or without `fallocate`): what is written between the
 *   last read and the cut, some microseconds apart, is lost.
 */
export type Rotation = 'collapse' | 'punch' | 'truncate'

/** `f_type` of file systems that can collapse, from linux/magic.h: ext4 and xfs. */
const COLLAPSING: readonly number[] = [0xef53, 0x58465342]

/**
 * Only as long as the marker is there, and never two at a time: one that was started by a manager
 * which has been killed since may come late, when the next manager has finished its work. The lock
 * ends with the process; opening the file again makes it a lock of its own.
 */
const COLLAPSE = `
exec 9</dev/fd/3
flock 9 || exit
IFS= read -r head <&9
[ "$head" = "$1" ] || exit 3
exec fallocate --collapse-range --offset 0 --length "$2" /dev/fd/3`

const PUNCH = `exec fallocate --punch-hole --offset 0 --length "$2" /dev/fd/3`

/** The marker is no longer there, so neither are the bytes behind it. */
const GONE_ALREADY = 3
const NO_SUCH_COMMAND = 127

/** What should work at `path`; `shrinkFile` finds out whether it does. */
export function likelyRotation(path: string, platform: string = process.platform): Rotation {
  if (platform !== 'linux') return 'truncate'
  try {
    return COLLAPSING.includes(statfsSync(path).type) ? 'collapse' : 'punch'
  } catch {
    return 'punch'
  }
}

/**
 * Takes the first `length` bytes from the file, with util-linux's `fallocate`.
 *
 * @param fd Open for reading and writing.
 * @param marker The first line of the file, without its end; nothing is collapsed without it.
 * @param length In bytes; a multiple of the block size, less than the size of the file.
 * @returns `unsupported` if this can never work here.
 * @throws Error if it could not be done this time.
 */
export async function shrinkFile(
  rotation: 'collapse' | 'punch',
  fd: number,
  marker: string,
  length: number,
): Promise<'done' | 'unsupported'> {
  const script = rotation === 'collapse' ? COLLAPSE : PUNCH
  const child = spawn('sh', ['-c', script, 'sh', marker, String(length)], {
    stdio: ['ignore', 'ignore', 'pipe', fd],
  })
  let complaint = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    complaint = (complaint + bytes.toString('latin1')).slice(0, 1_000)
  })
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    if (code === 0 || code === GONE_ALREADY) return 'done'
    if (code === NO_SUCH_COMMAND) return 'unsupported'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'unsupported'
    throw error
  }
  if (/not supported|invalid argument|unrecognized|usage/i.test(complaint)) return 'unsupported'
  throw new Error(complaint.trim() || 'fallocate ended without a word')
}
