import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { open } from 'node:fs/promises'

/** What the log asks of a file system. Every function may throw what the system says. */
export interface LogFs {
  /** `read`: must exist. `modify`: must exist, for writing. `create`: made empty, for both. Mode 0600. */
  open(path: string, how: 'read' | 'modify' | 'create'): number
  close(fd: number): void
  /** May read less than `length`; 0 at the end of the file. */
  read(fd: number, buffer: Buffer, at: number, length: number, position: number): number
  /** May write less than `length`, as a disk does that is just getting full. */
  write(fd: number, bytes: Uint8Array, at: number, length: number, position: number): number
  size(fd: number): number
  truncate(fd: number, sizeBytes: number): void
  /** Forces the file's bytes to the disk. */
  sync(fd: number): void
  /** The same, for a file that may be gone, without holding up the event loop. */
  syncLater(path: string): Promise<void>
  /** Forces the folder's list of names to the disk. */
  syncFolder(path: string): void
  exists(path: string): boolean
  list(folder: string): string[]
  /** With its parents, mode 0700. A folder that exists is left as it is. */
  makeFolder(path: string): void
  rename(from: string, to: string): void
  remove(path: string): void
}

// A name in our folder that leads elsewhere was not made by us. (Windows has no such flag.)
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
const FLAGS = {
  read: constants.O_RDONLY | NO_FOLLOW,
  modify: constants.O_RDWR | NO_FOLLOW,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | NO_FOLLOW,
}

export const nodeLogFs: LogFs = {
  open: (path, how) => openSync(path, FLAGS[how], 0o600),
  close: closeSync,
  read: readSync,
  write: writeSync,
  size: (fd) => fstatSync(fd).size,
  truncate: ftruncateSync,
  sync: fdatasyncSync,
  async syncLater(path) {
    const file = await open(path, 'r+').catch((error) => {
      if (isMissing(error)) return undefined
      throw error
    })
    await file?.datasync().finally(() => file.close())
  },
  syncFolder(path) {
    // Windows keeps its folders by itself and cannot open one.
    if (process.platform === 'win32') return
    const fd = openSync(path, constants.O_RDONLY)
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  },
  exists: existsSync,
  list: (folder) => readdirSync(folder),
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  rename: renameSync,
  remove: unlinkSync,
}

/** Writes all of it, however little the system takes at a time. */
export function writeAll(
  fs: LogFs,
  fd: number,
  bytes: Uint8Array,
  at: number,
  length: number,
  position: number,
): void {
  let done = fs.write(fd, bytes, at, length, position)
  while (done < length) {
    const more = fs.write(fd, bytes, at + done, length - done, position + done)
    if (more === 0) throw new Error('the file takes no more bytes')
    done += more
  }
}

/** Reads until `length` bytes are there or the file ends. Returns how many there are. */
export function readUpTo(
  fs: LogFs,
  fd: number,
  buffer: Buffer,
  at: number,
  length: number,
  position: number,
): number {
  let done = 0
  while (done < length) {
    const more = fs.read(fd, buffer, at + done, length - done, position + done)
    if (more === 0) break
    done += more
  }
  return done
}

/** For closing what was only read, or is given up anyway: there is nothing left to save. */
export function closeQuietly(fs: LogFs, fd: number): void {
  try {
    fs.close(fd)
  } catch {
    // The descriptor is gone either way.
  }
}

/** Removes a file if it is there. Returns what prevented it, if anything did. */
export function removeQuietly(fs: LogFs, path: string): unknown {
  try {
    fs.remove(path)
  } catch (error) {
    if (!isMissing(error)) return error
  }
  return undefined
}

export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT'
}

/** The system's name for what happened, as in `ENOSPC`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
