import { closeQuietly, errorCode, type LogFs } from './log-fs.ts'

/** A file that is read now and then. `fd` is `undefined` while it is closed. */
export interface ReadFile {
  readonly path: string
  readonly fs: LogFs
  fd: number | undefined
}

/** Keeps few files open, however many are read: the ones read longest ago are closed. */
export interface ReadFiles {
  /** How many are open now. */
  readonly openCount: number
  /** The descriptor of `file`, for use at once and not later. Opens it if it is closed. */
  fdOf(file: ReadFile): number
  close(file: ReadFile): void
}

/**
 * @param maxOpen Files that stay open. Opening one again takes some microseconds, so that a session
 * that is idle needs none, and nobody has to measure who is idle.
 */
export function createReadFiles(maxOpen: number): ReadFiles {
  // A Set keeps the order of insertion: the first is the one used longest ago.
  const open = new Set<ReadFile>()

  function fdOf(file: ReadFile): number {
    if (file.fd === undefined) {
      for (const oldest of open) {
        if (open.size < maxOpen) break
        close(oldest)
      }
      file.fd = openHard(file)
    } else open.delete(file)
    open.add(file)
    return file.fd
  }

  /** When descriptors run out, ours are the first to go. */
  function openHard({ fs, path }: ReadFile): number {
    try {
      return fs.open(path, 'read')
    } catch (error) {
      const code = errorCode(error)
      if (open.size === 0 || (code !== 'EMFILE' && code !== 'ENFILE')) throw error
      for (const each of open) close(each)
      return fs.open(path, 'read')
    }
  }

  function close(file: ReadFile): void {
    open.delete(file)
    if (file.fd === undefined) return
    closeQuietly(file.fs, file.fd)
    file.fd = undefined
  }

  return {
    get openCount() {
      return open.size
    },
    fdOf,
    close,
  }
}

/** For all logs of this process. */
export const sharedReadFiles: ReadFiles = createReadFiles(64)
