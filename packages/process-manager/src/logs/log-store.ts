import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import {
  findParts,
  type LogNote,
  type LogPart,
  livePath,
  makeFolder,
  notePath,
  openPrivate,
  partPath,
  readNote,
  removePart,
  writeNote,
} from './log-files.ts'

/**
 * Where every byte of a log is.
 *
 * Offsets count the bytes the daemon has ever written. Old ones are in parts, the rest in the live
 * file, whose first byte has the offset `base`. While a rotation takes bytes from the front of the
 * live file, another process does it and this one cannot know the moment. So the front, which has
 * been copied by then, is overwritten with a marker first: while the marker is there, nothing has
 * moved. This also tells the next manager where this one was killed.
 */
export interface LogStore {
  readonly folder: string
  readonly path: string
  /** Appends; this one is inherited by the daemon. */
  readonly appendFd: number
  /** Reads and writes anywhere. */
  readonly fd: number
  /** The bytes kept, from old to new, without the live file's. */
  parts(): readonly LogPart[]
  /** The offset of the live file's first byte. Only for who rotates: others may be too late. */
  base(): number
  /** How many bytes of the live file are a hole at its front. */
  front(): number
  /** How many bytes a removal that has begun takes away. */
  removing(): number | undefined
  /** The line that stands at the front of the live file while it is removed, without its end. */
  marker(): string
  isMarked(): boolean
  size(): LogSize
  /** The first bytes at or after `from`; fewer than `maxBytes` only at the end or at a gap. */
  read(from: number, maxBytes: number): LogPiece

  /** Puts the marker over the first bytes; from now on they are read from `copies`, if at all. */
  mark(length: number, copies: readonly LogPart[]): void
  /** The first `length` bytes have left the file, and `extra` more behind them. */
  settle(length: number, extra?: number): void
  /** The first `length` bytes become a hole: offsets do not move. */
  hollow(length: number, copies: readonly LogPart[]): void
  /** Forgets and removes all parts but the newest `files`. */
  prune(files: number): void
  replacePart(part: LogPart): void
  /** Writes down what is known, for the next manager. */
  save(): void
  close(): void
}

export interface LogSize {
  /** The first byte that is still there. */
  readonly startOffset: number
  /** One past the last byte written so far. */
  readonly endOffset: number
}

export interface LogPiece {
  /** Of the first byte. More than what was asked for if that is no longer there. */
  readonly offset: number
  readonly bytes: Buffer
}

/** `-- rotating <token> <length>` and a line feed; well under the smallest block that is removed. */
const MARKER_BYTES = 64

export function openLogStore(folder: string, onTrouble: (error: unknown) => void): LogStore {
  const { O_APPEND, O_CREAT, O_RDWR, O_WRONLY } = constants
  const path = livePath(folder)
  makeFolder(folder)
  const appendFd = openPrivate(path, O_WRONLY | O_APPEND | O_CREAT)
  const fd = openPrivate(path, O_RDWR)
  const noteFd = openPrivate(notePath(folder), O_RDWR | O_CREAT)
  const note = readNote(noteFd)
  let parts = findParts(folder)

  let base = note?.base ?? parts.at(-1)?.endOffset ?? 0
  let front = note?.front ?? 0
  let token = note?.token ?? newToken()
  let removing: number | undefined
  let lastEnd = 0

  const store: LogStore = {
    folder,
    path,
    appendFd,
    fd,
    parts: () => parts,
    base: () => base,
    front: () => front,
    removing: () => removing,
    marker: () => marker(removing ?? 0),
    isMarked: () => readHead() === `${marker(removing ?? 0)}\n`,
    size,
    read,

    mark(length, copies) {
      if (removing === undefined) {
        parts.push(...copies)
        writeSync(fd, `${marker(length)}\n`, 0, 'latin1')
        removing = length
      }
    },
    settle(length, extra = 0) {
      base += length + extra
      front = 0
      removing = undefined
      token = newToken()
    },
    hollow(length, copies) {
      parts.push(...copies)
      front = length
      removing = undefined
      token = newToken()
    },
    prune(files) {
      const drop = parts.splice(0, Math.max(0, parts.length - files))
      for (const part of drop) removePart(part)
    },
    replacePart(part) {
      parts = parts.filter(({ startOffset }) => startOffset !== part.startOffset)
      parts.push(part)
    },
    save() {
      try {
        writeNote(noteFd, { base, front, token, removing })
      } catch (error) {
        // A rotation goes on without: the cap protects the disk, the note only the offsets.
        onTrouble(error)
      }
    },
    close() {
      for (const each of [appendFd, fd, noteFd]) closeSync(each)
    },
  }
  recover(note)
  size()
  store.save()
  return store

  /** Finds out what the last manager was at when it ended. */
  function recover(last: LogNote | undefined): void {
    const head = readHead()
    const begun = /^-- rotating (\w+) +(\d+) *\n$/.exec(head)
    if (begun?.[1] === token) {
      removing = Number(begun[2])
      return
    }
    if (last?.removing !== undefined) {
      const tail = (parts.at(-1)?.endOffset ?? 0) - (base + last.removing)
      store.settle(last.removing, Math.max(0, tail))
    }
    // Copies of what never left the live file.
    for (const part of parts.filter(({ endOffset }) => endOffset > base + front)) {
      removePart(part)
    }
    parts = parts.filter(({ endOffset }) => endOffset <= base + front)
  }

  function marker(length: number): string {
    return `-- rotating ${token} ${length}`.padEnd(MARKER_BYTES - 1)
  }

  function readHead(): string {
    const head = Buffer.alloc(MARKER_BYTES)
    return head.toString('latin1', 0, readSync(fd, head, 0, MARKER_BYTES, 0))
  }

  /** The offset of the live file's first byte, at this moment. */
  function baseNow(): number {
    if (removing === undefined || store.isMarked()) return base
    return base + removing
  }

  function size(): LogSize {
    let at: number
    let end: number
    do {
      at = baseNow()
      end = at + fstatSync(fd).size
    } while (at !== baseNow())
    if (end < lastEnd && removing === undefined) {
      // Somebody else has cut the file short. What is in it now was written after all we have seen.
      base += lastEnd - at
      front = 0
      end = base + fstatSync(fd).size
      store.save()
    }
    lastEnd = Math.max(end, lastEnd)
    const startOffset = Math.min(parts[0]?.startOffset ?? liveStart(), end)
    return { startOffset, endOffset: end }
  }

  function liveStart(): number {
    return base + (removing ?? front)
  }

  function read(from: number, maxBytes: number): LogPiece {
    const { startOffset, endOffset } = size()
    let offset = Math.min(Math.max(from, startOffset), endOffset)
    const first = parts.find((part) => part.endOffset > offset)
    offset = Math.max(offset, first?.startOffset ?? liveStart())
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(maxBytes, endOffset - offset)))
    let length = 0
    while (length < bytes.length) {
      const got = readOnce(offset + length, bytes.subarray(length))
      if (got === 0) break
      length += got
    }
    return { offset, bytes: bytes.subarray(0, length) }
  }

  /** @returns 0 at the end, and where the next byte is missing. */
  function readOnce(offset: number, into: Buffer): number {
    const part = parts.find((each) => each.endOffset > offset)
    if (part) return offset < part.startOffset ? 0 : readPart(part, offset, into)
    if (offset < liveStart()) return 0
    while (true) {
      const at = baseNow()
      const got = readSync(fd, into, 0, into.length, offset - at)
      if (at === baseNow()) return got
    }
  }

  function readPart(part: LogPart, offset: number, into: Buffer): number {
    const length = Math.min(into.length, part.endOffset - offset)
    let partFd: number
    try {
      partFd = openSync(part.path, constants.O_RDONLY | constants.O_NOFOLLOW)
    } catch {
      // Somebody has removed it: a gap, like any other that a cap makes.
      parts = parts.filter((each) => each !== part)
      return 0
    }
    try {
      return readSync(partFd, into, 0, length, offset - part.startOffset)
    } finally {
      closeSync(partFd)
    }
  }
}

/** The part that would begin at `startOffset` and hold `length` bytes. */
export function partAt(folder: string, startOffset: number, length: number): LogPart {
  return { path: partPath(folder, startOffset), startOffset, endOffset: startOffset + length }
}

function newToken(): string {
  return randomBytes(8).toString('hex')
}
