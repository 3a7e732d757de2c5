import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import process from 'node:process'
import { orUnreadable, PidfileError, systemCodeOf } from './pidfile-error.ts'

/** Ours have some hundred bytes; whoever keeps more than this keeps something else. */
const LONGEST_BYTES = 65_536

/** Absent on Windows, where there is nothing to refuse. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
const NO_BLOCK = constants.O_NONBLOCK ?? 0

/** A file as it was at one moment. Inode numbers are used again; the text of a dead process is not. */
export interface Seen {
  readonly dev: number
  readonly ino: number
  readonly text: string
}

/** Whether it is the same file with the same text. */
export function isSame(one: Seen | undefined, other: Seen): boolean {
  return one?.ino === other.ino && one.dev === other.dev && one.text === other.text
}

/**
 * What is at `path` now; `undefined` when nothing is.
 *
 * @param whose Whether a file of another user may be looked at, by those who only look.
 * @throws PidfileError `NOT_OURS` for a link, a folder, a pipe, or a file of somebody else; `UNREADABLE`.
 */
export function see(path: string, whose: 'own' | 'any' = 'own'): Seen | undefined {
  const fd = openIfThere(path)
  if (fd === undefined) return undefined
  try {
    const { dev, ino } = requireFile(path, fstatSync(fd), whose)
    return { dev, ino, text: orUnreadable(`read ${path}`, () => readText(path, fd)) }
  } finally {
    closeSync(fd)
  }
}

function openIfThere(path: string): number | undefined {
  return orUnreadable(`open ${path}`, () => {
    try {
      return openNoFollow(path, constants.O_RDONLY | NO_BLOCK)
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined
      throw error
    }
  })
}

/** Opens without following a link. @throws PidfileError `NOT_OURS` for a link; else the system's error */
export function openNoFollow(path: string, flags: number, mode?: number): number {
  try {
    return openSync(path, flags | NO_FOLLOW, mode)
  } catch (error) {
    const code = systemCodeOf(error)
    // FreeBSD says EMLINK.
    if (code === 'ELOOP' || code === 'EMLINK')
      throw new PidfileError('NOT_OURS', `${path} is a symbolic link; remove it`, { cause: error })
    throw error
  }
}

/** Root's files are as good as ours. @throws PidfileError `NOT_OURS` */
export function requireFile(path: string, stats: Stats, whose: 'own' | 'any' = 'own'): Stats {
  if (!stats.isFile())
    throw new PidfileError('NOT_OURS', `${path} is not a regular file; choose another path`)
  if (whose === 'own' && !isTrusted(stats.uid))
    throw new PidfileError(
      'NOT_OURS',
      `${path} belongs to user ${stats.uid}; remove it or choose another path`,
    )
  return stats
}

/**
 * Whoever may rename files in a folder may replace any of them behind our back.
 *
 * @throws PidfileError `NOT_OURS`; `UNREADABLE` when there is no such folder.
 */
export function requireOwnFolder(folder: string): void {
  const { uid, mode } = orUnreadable(`use the folder of the file`, () => statSync(folder))
  if (process.platform === 'win32') return
  if (!isTrusted(uid))
    throw new PidfileError(
      'NOT_OURS',
      `the folder ${folder} belongs to user ${uid}; choose one of your own`,
    )
  const sticky = (mode & 0o1000) !== 0
  if ((mode & 0o022) !== 0 && !sticky)
    throw new PidfileError(
      'NOT_OURS',
      `others may write into ${folder}; chmod go-w it, or choose another folder`,
    )
}

function isTrusted(uid: number): boolean {
  return process.geteuid === undefined || uid === process.geteuid() || uid === 0
}

function readText(path: string, fd: number): string {
  const buffer = Buffer.alloc(LONGEST_BYTES + 1)
  let length = 0
  for (let read = -1; read !== 0 && length < buffer.length; length += read)
    read = readSync(fd, buffer, length, buffer.length - length, null)
  if (length > LONGEST_BYTES)
    throw new PidfileError('NOT_OURS', `${path} is something else; choose another path`)
  return buffer.toString('utf8', 0, length)
}

/**
 * Writes a new file, in place of what a crash may have left there. Nobody else's file is ever opened.
 *
 * @param durable Waits for the disk.
 */
export function writeNew(path: string, text: string, mode: number, durable = false): Seen {
  const fd = openNew(path, mode)
  try {
    fchmodSync(fd, mode) // The umask is not asked: the caller was.
    writeFileSync(fd, text)
    if (durable) fsyncSync(fd)
    const { dev, ino } = fstatSync(fd)
    return { dev, ino, text }
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
}

function openNew(path: string, mode: number): number {
  try {
    return openSync(path, 'wx', mode)
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error
    rmSync(path, { force: true })
    return openSync(path, 'wx', mode)
  }
}

/** Gives a file a second name. `exists`: the name is taken. `gone`: the file itself is not there any more. */
export function tryLink(from: string, to: string): 'linked' | 'exists' | 'gone' {
  try {
    linkSync(from, to)
    return 'linked'
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'EEXIST') return 'exists'
    if (code === 'ENOENT') return 'gone'
    throw error
  }
}
