import { writeSync } from 'node:fs'
import { type Clock, systemClock } from '@conductor/machine'
import { ProcessManagerError } from '../process-manager-error.ts'
import { reasonOf } from '../system-error.ts'
import { followLines } from './log-lines.ts'
import { type LogPiece, type LogSize, openLogStore } from './log-store.ts'
import { type RotationStep, rotateLog } from './rotate-log.ts'
import { likelyRotation, type Rotation } from './shrink-file.ts'
import { watchGrowth } from './watch-growth.ts'

export const DEFAULT_LOG_MAX_BYTES: number = 10 * 1024 * 1024
export const DEFAULT_LOG_FILES = 3

/** Sizes are multiples of this, which is a multiple of the block size of every usual file system. */
const GRAIN_BYTES = 64 * 1024
const PIECE_BYTES = 64 * 1024

export interface ProcessLogOptions {
  /** Absolute. Made with mode 0700 if there is none. */
  readonly folder: string
  /** Size at which the live file is rotated, in bytes, rounded up to 64 KiB (default: 10 MiB). */
  readonly maxBytes?: number | undefined
  /** Rotated files that are kept beside the live one, 0 to 1,000 (default: 3). */
  readonly files?: number | undefined
  /**
   * How bytes leave the live file (default: what the file system can do). `truncate` spares whoever
   * cannot have holes in files, and may lose bytes.
   */
  readonly rotation?: Rotation | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
  /** Told what went wrong with the log, while the daemon goes on (default: nobody). */
  readonly onTrouble?: ((trouble: ProcessManagerError) => void) | undefined
  /** For tests: what a rotation has just done. */
  readonly onStep?: ((step: RotationStep) => void) | undefined
}

/**
 * The stdout and stderr of one daemon, as one file that rotates.
 *
 * The daemon writes into the file itself: nothing is copied while it writes, and it goes on while no
 * manager runs. Offsets count all bytes ever written; they stay the same over rotations and managers.
 */
export interface ProcessLog {
  /** To be given to the child as stdout and stderr. Open until `close()`. */
  readonly fd: number
  /** The live file, `<folder>/daemon.log`. The parts before it are `daemon.log.<offset>`, so that
   * `cat daemon.log.0* daemon.log` is the whole log, in order. */
  readonly path: string
  /** How bytes leave the live file; what is expected until the first rotation has shown it. */
  readonly rotation: Rotation
  /** Which bytes are there. */
  size(): LogSize
  /**
   * The last lines, at once; also those of the parts before.
   *
   * @param options.lines Default: 20. A last line without an end counts as one.
   * @param options.maxBytes Cuts the first of them, if need be (default: 64 KiB).
   */
  tail(options?: TailOptions): Buffer
  /**
   * @param options.from An offset; if that byte is gone, the first one that is there.
   * @param options.maxBytes Fewer bytes come at the end, and before a gap (default: 64 KiB).
   */
  read(options: { readonly from: number; readonly maxBytes?: number | undefined }): LogPiece
  /**
   * What is there from an offset on, and then what is written, until the log is closed or `signal`
   * aborts. It is a cursor: a slow reader costs nothing, and sees a jump of `offset` if it is too slow.
   *
   * @param options.from Default: `end`.
   */
  follow(options?: FollowOptions): AsyncIterable<LogPiece>
  /**
   * Hears each line from an offset on: without its end, decoded as UTF-8, cut every 8 KiB.
   *
   * @returns The unsubscribe.
   */
  watchLines(from: number, listener: (line: string) => void): () => void
  /** Appends a line of the manager's own: `-- <time> <text>`, on a line of its own. */
  note(text: string): void
  /**
   * Ends followers, waits for a rotation that has begun, and closes files; the daemon has its own.
   * Nothing can be read through this log after that.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface TailOptions {
  readonly lines?: number | undefined
  readonly maxBytes?: number | undefined
}

export interface FollowOptions {
  readonly from?: number | 'end' | { readonly lines: number } | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens the log of one daemon, finishes what an earlier manager could not, and rotates from now on.
 *
 * The log is at most `maxBytes * (files + 1)` long, and what the daemon writes between two looks and
 * during one rotation, some 0.2 s. While no manager runs it only grows. Whoever rotates it as well must
 * cut it in place (logrotate's `copytruncate`): a renamed file is still the one the daemon writes to.
 *
 * @throws ProcessManagerError `BAD_SPEC` for an option; `UNWRITABLE` if the folder or a file cannot be
 * made, or something else, as a link, is where a file should be.
 */
export function openProcessLog(options: ProcessLogOptions): ProcessLog {
  const { folder, maxBytes = DEFAULT_LOG_MAX_BYTES, files = DEFAULT_LOG_FILES } = options
  const { clock = systemClock, onTrouble = () => {}, onStep = () => {} } = options
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw new ProcessManagerError('BAD_SPEC', `logs.maxBytes is ${maxBytes}: give bytes, from 1`)
  }
  if (!Number.isInteger(files) || files < 0 || files > 1_000) {
    throw new ProcessManagerError('BAD_SPEC', `logs.files is ${files}: give 0 to 1000`)
  }
  const partBytes = Math.ceil(maxBytes / GRAIN_BYTES) * GRAIN_BYTES
  const store = openLogStore(folder, (error) => trouble('its note cannot be written', error))
  store.prune(files)
  let rotation = options.rotation ?? likelyRotation(folder)
  let rotating: Promise<void> | undefined
  let closing: Promise<void> | undefined
  let isClosed = false
  let seenEnd = -1
  const waiting = new Set<() => void>()
  const watch = watchGrowth(store.path, clock, look)

  const log: ProcessLog = {
    fd: store.appendFd,
    path: store.path,
    get rotation() {
      return rotation
    },
    size: () => store.size(),
    read: ({ from, maxBytes = PIECE_BYTES }) => store.read(from, maxBytes),
    tail: (wanted) => lastLines(wanted).bytes,
    follow({ from = 'end', signal } = {}) {
      if (typeof from === 'number') return follow(from, signal)
      if (from === 'end') return follow(store.size().endOffset, signal)
      return follow(lastLines({ lines: from.lines, maxBytes: partBytes }).offset, signal)
    },
    watchLines(from, listener) {
      const end = new AbortController()
      followLines(follow(from, end.signal), (line) => {
        if (!end.signal.aborted) listener(line)
      }).catch((error) => trouble('a listener to its lines failed', error))
      return () => end.abort()
    },
    note(text) {
      const time = new Date(clock.date()).toISOString()
      const line = text.replaceAll(/[\r\n]+/g, ' ')
      try {
        writeSync(store.appendFd, `${isInLine() ? '\n' : ''}-- ${time} ${line}\n`)
      } catch (error) {
        trouble('a note could not be written', error)
      }
    },
    async close() {
      if (!isClosed) {
        isClosed = true
        watch.close()
        wakeAll()
        closing = Promise.resolve(rotating).then(() => store.close())
      }
      await closing
    },
    [Symbol.asyncDispose]: () => log.close(),
  }
  return log

  /** @returns Whether something was written since the last look. */
  function look(): boolean {
    const { endOffset } = store.size()
    rotateIfDue(endOffset)
    if (endOffset === seenEnd) return false
    seenEnd = endOffset
    wakeAll()
    return true
  }

  function rotateIfDue(endOffset: number): void {
    const liveBytes = endOffset - store.base() - store.front()
    if (rotating || isClosed) return
    if (store.removing() === undefined && liveBytes <= partBytes) return
    rotating = rotateLog(rotation, {
      store,
      partBytes,
      files,
      onStep,
      onTrouble: trouble,
    }).then(
      (used) => {
        rotating = undefined
        rotation = used
        // The daemon may have written more than the cap meanwhile, and then fallen silent.
        if (!isClosed) look()
      },
      (error) => {
        rotating = undefined
        trouble('it cannot be rotated', error)
      },
    )
  }

  function trouble(what: string, cause: unknown): void {
    const text = `The log ${folder}: ${what} (${reasonOf(cause)}): make space, or see the cause`
    onTrouble(new ProcessManagerError('UNWRITABLE', text, { cause }))
  }

  function wakeAll(): void {
    for (const wake of [...waiting]) wake()
  }

  async function* follow(from: number, signal?: AbortSignal): AsyncGenerator<LogPiece, void> {
    let cursor = from
    let inARow = 0
    while (!isClosed && !signal?.aborted) {
      const piece = store.read(cursor, PIECE_BYTES)
      cursor = piece.offset + piece.bytes.length
      if (piece.bytes.length === 0) {
        inARow = 0
        await growth(signal)
        continue
      }
      yield piece
      // Reading is a system call and no wait: in a flood nobody else would ever have a turn.
      if (++inARow > 1) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  function growth(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        waiting.delete(wake)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      waiting.add(wake)
      signal?.addEventListener('abort', wake)
    })
  }

  function lastLines({ lines = 20, maxBytes = PIECE_BYTES }: TailOptions = {}): LogPiece {
    const { endOffset } = store.size()
    const { offset, bytes } = readTo(endOffset, maxBytes)
    let cut = bytes.length
    // The end of the last line ends it, and begins none.
    if (bytes[cut - 1] === 0x0a) cut--
    for (let left = lines; left > 0 && cut >= 0; left--)
      cut = cut > 0 ? bytes.lastIndexOf(0x0a, cut - 1) : -1
    const start = lines > 0 ? cut + 1 : bytes.length
    return { offset: offset + start, bytes: bytes.subarray(start) }
  }

  /** The last bytes in one piece, also behind a gap. */
  function readTo(endOffset: number, maxBytes: number): LogPiece {
    let piece = store.read(Math.max(0, endOffset - maxBytes), maxBytes)
    while (piece.offset + piece.bytes.length < endOffset) {
      const next = store.read(piece.offset + piece.bytes.length, maxBytes)
      if (next.bytes.length === 0) break
      piece = next
    }
    return piece
  }

  function isInLine(): boolean {
    const { startOffset, endOffset } = store.size()
    return endOffset > startOffset && store.read(endOffset - 1, 1).bytes[0] !== 0x0a
  }
}
