import { closeSync, type FSWatcher, openSync, readSync, unlinkSync, watch } from 'node:fs'
import { isMissing } from '../log/log-fs.ts'
import { CHUNK_BYTES, chunkPath, hasEnd } from './spool.ts'

/** Read at a time, and before others get their turn, in bytes. */
const READ_BYTES = 64 * 1024
const BURST_BYTES = 256 * 1024

export interface SpoolReaderOptions {
  readonly dir: string
  /** The place in the program's output to begin at. */
  readonly offset: number
  /** The chunk is borrowed: after the call its bytes change. */
  readonly onData: (chunk: Buffer) => void
  /** Everything was given to `onData`, and the spooler says that nothing follows. */
  readonly onEnd: () => void
  readonly onTrouble: (error: unknown) => void
}

export interface SpoolReader {
  readonly offset: number
  readonly held: boolean
  /** Reads what is there. For when no word of new bytes may have come. */
  poke(): void
  pause(): void
  resume(): void
  /** A new spooler goes on after the end. */
  reopen(): void
  close(): void
}

/**
 * Follows what the spooler writes (see perl.ts). A chunk is removed when the one behind it has been
 * read as well: by then its bytes are in the log, and whoever takes over begins where the log ends.
 */
export function createSpoolReader(options: SpoolReaderOptions): SpoolReader {
  const { dir, onData, onEnd, onTrouble } = options
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  let { offset } = options
  let fd: number | undefined
  let life: 'reading' | 'held' | 'ended' | 'closed' = 'reading'
  let due = false
  const watcher = watchQuietly()

  /** Without a watch (the system's limit is reached) the owner's pokes are all there is. */
  function watchQuietly(): FSWatcher | undefined {
    try {
      const made = watch(dir, () => pump())
      made.on('error', onTrouble)
      return made
    } catch (error) {
      onTrouble(error)
      return undefined
    }
  }

  function later(): void {
    if (due) return
    due = true
    setImmediate(() => {
      due = false
      pump()
    })
  }

  function pump(): void {
    try {
      for (let burst = 0; life === 'reading'; ) {
        // Asked before reading: what the spooler wrote before it said so is then read for certain.
        const over = hasEnd(dir)
        const got = readOn()
        if (got > 0) {
          burst += got
          offset += got
          onData(buffer.subarray(0, got))
          if (offset % CHUNK_BYTES === 0) moveOn()
          if (burst >= BURST_BYTES) {
            later()
            return
          }
        } else {
          if (over) finish()
          return
        }
      }
    } catch (error) {
      // Tried again with the next poke: EMFILE, EIO.
      onTrouble(error)
    }
  }

  function readOn(): number {
    const within = offset % CHUNK_BYTES
    try {
      fd ??= openSync(chunkPath(dir, Math.floor(offset / CHUNK_BYTES)), 'r')
    } catch (error) {
      if (isMissing(error)) return 0
      throw error
    }
    return readSync(fd, buffer, 0, Math.min(READ_BYTES, CHUNK_BYTES - within), within)
  }

  function moveOn(): void {
    letGo()
    const done = Math.floor(offset / CHUNK_BYTES) - 2
    if (done < 0) return
    try {
      unlinkSync(chunkPath(dir, done))
    } catch (error) {
      if (!isMissing(error)) onTrouble(error)
    }
  }

  function letGo(): void {
    if (fd !== undefined) closeSync(fd)
    fd = undefined
  }

  function finish(): void {
    life = 'ended'
    onEnd()
  }

  later()
  return {
    get offset() {
      return offset
    },
    get held() {
      return life === 'held'
    },
    poke: pump,
    pause() {
      if (life === 'reading') life = 'held'
    },
    resume() {
      if (life !== 'held') return
      life = 'reading'
      later()
    },
    reopen() {
      if (life === 'ended') life = 'reading'
      later()
    },
    close() {
      life = 'closed'
      watcher?.close()
      letGo()
    },
  }
}
