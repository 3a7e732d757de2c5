import { randomBytes } from 'node:crypto'
import { type FileHandle, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerError, systemCodeOf } from '../server-error.ts'
import { fileName, numberedName } from './file-name.ts'

/** Of all files of one session, in bytes. */
const MOST_SESSION_BYTES = 256 * 1024 * 1024
const MOST_SESSION_FILES = 1_000

/** A name that no file gets: those never begin with a dot. */
const UNFINISHED = /^\.[0-9a-f]{16}\.part$/

export interface SessionFilesOptions {
  /** Of one file, in bytes. */
  readonly mostFileBytes: number
  /** For tests (default: 256 MiB). */
  readonly mostSessionBytes?: number | undefined
  /** For tests: opens a new file for writing. */
  readonly openNew?: ((path: string) => Promise<Pick<FileHandle, 'write' | 'close'>>) | undefined
}

export interface SavedFile {
  /** Absolute, for the session's program. */
  readonly path: string
  readonly name: string
  readonly sizeBytes: number
}

/** Files that people hand to a session, in its own folder: they go with it. */
export interface SessionFiles {
  /** The limit of one file, in bytes. */
  readonly mostFileBytes: number
  /**
   * Saves what comes under a name like `name`, mode 0600. It is there whole or not at all, and in the
   * place of no other. A copy that breaks off leaves nothing.
   *
   * @param sessionDir The folder of the session, which must exist.
   * @param sizeBytes What is said to come, where that is known: too much is refused at once.
   * @throws ServerError `FILE_TOO_LARGE`, `FILES_FULL`, `SESSION_NOT_FOUND` when the folder has gone. What
   * `bytes` throws, and what the system says.
   */
  save(
    sessionDir: string,
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    sizeBytes?: number,
  ): Promise<SavedFile>
}

/** What one session has, while somebody adds to it. */
interface Filling {
  readonly known: Promise<void>
  bytes: number
  files: number
  readonly unfinished: Set<string>
}

export function createSessionFiles(options: SessionFilesOptions): SessionFiles {
  const { mostFileBytes, mostSessionBytes = MOST_SESSION_BYTES } = options
  const { openNew = (path: string) => open(path, 'wx', 0o600) } = options
  const fillings = new Map<string, Filling>()

  function fillingOf(dir: string): Filling {
    const known = fillings.get(dir)
    if (known) return known
    const unfinished = new Set<string>()
    const filling: Filling = { known: count(), bytes: 0, files: 0, unfinished }
    fillings.set(dir, filling)
    return filling

    /** What is there, less what a server that died has left half done. */
    async function count(): Promise<void> {
      await makeFolder(dir)
      for (const name of await readdir(dir)) {
        const path = join(dir, name)
        if (unfinished.has(name)) continue
        if (UNFINISHED.test(name)) await rm(path, { force: true })
        else {
          filling.bytes += (await stat(path)).size
          filling.files++
        }
      }
    }
  }

  function checkRoom({ bytes }: Filling, more: number): void {
    if (bytes + more > mostSessionBytes)
      throw new ServerError(
        'FILES_FULL',
        `the files of this session would be over ${inMebibytes(mostSessionBytes)}: remove some from its folder`,
      )
  }

  function checkCount({ files }: Filling): void {
    if (files >= MOST_SESSION_FILES)
      throw new ServerError(
        'FILES_FULL',
        `this session has ${MOST_SESSION_FILES} files: remove some from its folder`,
      )
  }

  function checkSize(sizeBytes: number): void {
    if (sizeBytes > mostFileBytes)
      throw new ServerError(
        'FILE_TOO_LARGE',
        `the file is over ${inMebibytes(mostFileBytes)} (AI_CONDUCTOR_UPLOAD_BYTES)`,
      )
  }

  async function save(
    sessionDir: string,
    wanted: string,
    bytes: AsyncIterable<Uint8Array>,
    sizeBytes = 0,
  ): Promise<SavedFile> {
    checkSize(sizeBytes)
    const dir = join(sessionDir, 'files')
    const filling = fillingOf(dir)
    const partName = `.${randomBytes(8).toString('hex')}.part`
    filling.unfinished.add(partName)
    const part = join(dir, partName)
    let written = 0
    /** What others may not use: what was announced, or what has come if that is more. */
    let taken = 0
    let isCounted = false
    let saved: SavedFile | undefined
    const take = (upTo: number): void => {
      checkSize(upTo)
      const more = Math.max(0, upTo - taken)
      checkRoom(filling, more)
      filling.bytes += more
      taken += more
    }
    try {
      await filling.known
      take(sizeBytes)
      checkCount(filling)
      filling.files++
      isCounted = true
      const file = await openNew(part)
      try {
        for await (const piece of bytes) {
          take(written + piece.length)
          written += piece.length
          await writeAll(file, piece)
        }
      } finally {
        await file.close()
      }
      const name = await linkAs(part, dir, fileName(wanted))
      saved = { path: join(dir, name), name, sizeBytes: written }
      return saved
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw error
      throw new ServerError('SESSION_NOT_FOUND', 'the session has been removed', { cause: error })
    } finally {
      await rm(part, { force: true })
      filling.unfinished.delete(partName)
      filling.bytes -= taken - (saved?.sizeBytes ?? 0)
      if (isCounted && !saved) filling.files--
      if (filling.unfinished.size === 0) fillings.delete(dir)
    }
  }

  return { mostFileBytes, save }
}

/** Not its parents: a session that was removed must not come back as a folder. */
async function makeFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 })
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error
  }
}

async function writeAll(file: Pick<FileHandle, 'write'>, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    const { bytesWritten } = await file.write(piece, done, piece.length - done)
    done += bytesWritten
  }
}

/** A link fails where a name is taken; a rename would replace it. */
async function linkAs(part: string, dir: string, wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = numberedName(wanted, number)
    try {
      await link(part, join(dir, name))
      return name
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error
    }
  }
}

function inMebibytes(bytes: number): string {
  return bytes % (1024 * 1024) === 0 ? `${bytes / 1024 / 1024} MiB` : `${bytes} bytes`
}
