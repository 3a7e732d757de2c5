import { fstatSync } from 'node:fs'

/**
 * Whether what is written to `fd` stays where others may read it later: a file, or the journal, whose
 * device and inode systemd tells in `JOURNAL_STREAM`.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#%24JOURNAL_STREAM
 */
export function isKeptStream(fd: number, journalStream: string | undefined): boolean {
  try {
    const stream = fstatSync(fd)
    return stream.isFile() || `${stream.dev}:${stream.ino}` === journalStream
  } catch {
    // Closed: nobody reads it.
    return false
  }
}
