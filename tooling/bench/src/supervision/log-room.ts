import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Our default, which others are given, too: the current file and three before it, of 10 MiB each. */
const CAP_BYTES = 4 * 10 * 1024 * 1024

/** The note of a rotation, and the blocks that files are rounded up to. */
const SLACK_BYTES = 64 * 1024

/** What `stat` counts in, whatever the file system's block is. */
const BLOCK_BYTES = 512

/** Whether a log with all its parts, `<path>*`, takes no more room on the disk than it may. */
export function holdsCap(dir: string, path: string): boolean {
  const folder = join(dir, dirname(path))
  const rooms = readdirSync(folder)
    .filter((name) => name.startsWith(basename(path)))
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.blocks ?? 0)
  return rooms.reduce((sum, blocks) => sum + blocks * BLOCK_BYTES, 0) <= CAP_BYTES + SLACK_BYTES
}

/** Whether so much was written into a log that does not rotate. */
export function hasBytes(path: string, bytes: number): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= bytes
}
