import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { ProcessManagerError } from '../process-manager-error.ts'
import { reasonOf } from '../system-error.ts'

/** The file that is the daemon's stdout and stderr. */
const LIVE = 'daemon.log'
/** What cannot be told from the files themselves, see `LogNote`. */
const NOTE = 'daemon.log.note'
/** `daemon.log.0000000010485760`: so the files sort from old to new, and none is ever renamed. */
const PART = /^daemon\.log\.(\d{16})$/
const NOTE_BYTES = 256
const PRIVATE = 0o600

/** A rotated piece of the log; its name says where it starts, its size where it ends. */
export interface LogPart {
  readonly path: string
  /** Bytes the daemon had written before it, ever. */
  readonly startOffset: number
  readonly endOffset: number
}

/** What a later manager must know to find every byte under the offset it always had. */
export interface LogNote {
  /** The offset of the live file's first byte. */
  readonly base: number
  /** So many bytes at the start of the live file are a hole. */
  readonly front: number
  /** Names the next removal, so that its marker can be told from output. */
  readonly token: string
  /** So many bytes are about to leave the front: they have if the marker has. */
  readonly removing?: number | undefined
}

export function livePath(folder: string): string {
  return join(folder, LIVE)
}

export function notePath(folder: string): string {
  return join(folder, NOTE)
}

export function partPath(folder: string, startOffset: number): string {
  return join(folder, `${LIVE}.${String(startOffset).padStart(16, '0')}`)
}

/** The rotated pieces, from old to new. */
export function findParts(folder: string): LogPart[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && PART.test(entry.name))
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const path = join(folder, name)
      const startOffset = Number(PART.exec(name)?.[1])
      return { path, startOffset, endOffset: startOffset + statSync(path).size }
    })
}

/**
 * Opens a file of ours, mode 0600, and no other: a link or a pipe that somebody has put at its path
 * is refused, and not written through.
 *
 * @throws ProcessManagerError `UNWRITABLE`.
 */
export function openPrivate(path: string, flags: number): number {
  let fd: number | undefined
  try {
    // O_NONBLOCK: a named pipe without a reader is refused at once. It means nothing for a file.
    const { O_NOFOLLOW, O_NONBLOCK } = constants
    fd = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, PRIVATE)
    if (!fstatSync(fd).isFile()) throw new Error('it is not a file')
    fchmodSync(fd, PRIVATE)
    return fd
  } catch (cause) {
    if (fd !== undefined) closeSync(fd)
    throw new ProcessManagerError(
      'UNWRITABLE',
      `${path} cannot be opened as a private file (${reasonOf(cause)}): remove what is there`,
      { cause },
    )
  }
}

/** Makes the folder, mode 0700, if there is none. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new ProcessManagerError('UNWRITABLE', `${folder} cannot be made: ${reasonOf(cause)}`, {
      cause,
    })
  }
}

/** `undefined` for a new or an unreadable one. */
export function readNote(fd: number): LogNote | undefined {
  try {
    const bytes = Buffer.alloc(NOTE_BYTES)
    const length = readSync(fd, bytes, 0, NOTE_BYTES, 0)
    const value: unknown = JSON.parse(bytes.toString('latin1', 0, length))
    return isNote(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** In one write of one length: never torn by an end of this process, and possible on a full disk. */
export function writeNote(fd: number, { base, front, token, removing }: LogNote): void {
  const text = JSON.stringify({ base, front, token, removing })
  writeSync(fd, `${text.padEnd(NOTE_BYTES - 1)}\n`, 0, 'latin1')
  ftruncateSync(fd, NOTE_BYTES)
}

/**
 * Removes a log and all its pieces. Whoever still writes into it writes into nothing.
 *
 * @param folder Absolute; other files in it are left alone, and so is the folder.
 */
export function removeLog(folder: string): void {
  rmSync(livePath(folder), { force: true })
  rmSync(notePath(folder), { force: true })
  let names: string[] = []
  try {
    names = readdirSync(folder)
  } catch {
    // No folder, no log.
  }
  for (const name of names) if (PART.test(name)) rmSync(join(folder, name), { force: true })
}

/** Whatever cannot be removed must not keep a log from getting smaller. */
export function removePart({ path }: LogPart): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It stays, and is found as a part when the log is opened again, if it is a file.
  }
}

function isNote(value: unknown): value is LogNote {
  if (typeof value !== 'object' || value === null) return false
  const { base, front, token, removing } = value as Partial<Record<keyof LogNote, unknown>>
  return (
    isOffset(base) &&
    isOffset(front) &&
    typeof token === 'string' &&
    (removing === undefined || isOffset(removing))
  )
}

function isOffset(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
