import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  read,
  readSync,
  write,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { type LogPart, openPrivate, removePart } from './log-files.ts'
import { type LogStore, partAt } from './log-store.ts'
import { type Rotation, shrinkFile } from './shrink-file.ts'

/** What a rotation has just done. Tests end the process there. */
export type RotationStep = 'copied' | 'marked' | 'noted' | 'removed' | 'settled' | 'pruned'

export interface RotateOptions {
  readonly store: LogStore
  /** Of one part; a multiple of every usual block size. */
  readonly partBytes: number
  readonly files: number
  readonly onTrouble: (what: string, error: unknown) => void
  readonly onStep: (step: RotationStep) => void
}

const COPY_BYTES = 1024 * 1024
const readAsync = promisify(read)
const writeAsync = promisify(write)

/**
 * Moves whole parts from the front of the live file into files of their own, while others append.
 *
 * 1. copy the parts, those that would be dropped at once left out
 * 2. mark the front of the live file: it is read from the copies now
 * 3. note what is to be removed
 * 4. remove it
 * 5. note the new base
 * 6. drop the oldest parts
 *
 * A manager killed between 1 and 2 leaves copies of what is still in place, and the next one drops
 * them; between 2 and 4, the next one goes on at 3; after that, nothing but a note is missing.
 *
 * @param rotation How it is tried first.
 * @returns How it was done, to start with the next time.
 */
export async function rotateLog(rotation: Rotation, options: RotateOptions): Promise<Rotation> {
  const { store, partBytes, files, onTrouble, onStep } = options
  let length = store.removing()
  let copies: LogPart[] = []

  if (length === undefined) {
    const front = store.front()
    // Less than the size: no file system collapses a file to nothing.
    const pieces = Math.floor((fstatSync(store.fd).size - front - 1) / partBytes)
    if (pieces < 1) return rotation
    length = front + pieces * partBytes
    for (let piece = Math.max(0, pieces - files); piece < pieces; piece++) {
      const copy = await copyPart(front + piece * partBytes)
      if (copy) copies.push(copy)
    }
    onStep('copied')
    // Somebody has cut the file short meanwhile: what was copied is not where it was.
    if (fstatSync(store.fd).size <= length) {
      for (const copy of copies) removePart(copy)
      return rotation
    }
  }
  const used = await remove(rotation, length)
  store.save()
  onStep('settled')
  store.prune(files)
  onStep('pruned')
  return used

  async function remove(how: Rotation, bytes: number): Promise<Rotation> {
    if (how === 'punch') {
      store.hollow(bytes, copies)
      store.save()
      onStep('noted')
    } else {
      store.mark(bytes, copies)
      onStep('marked')
      store.save()
      onStep('noted')
    }
    copies = []
    if (how === 'truncate') truncate(bytes)
    else if ((await shrinkFile(how, store.fd, store.marker(), bytes)) === 'unsupported')
      return await remove(how === 'collapse' ? 'punch' : 'truncate', bytes)
    onStep('removed')
    if (how === 'collapse') {
      if (store.isMarked()) throw new Error('the file has not become shorter')
      store.settle(bytes)
    }
    return how
  }

  /** Without a pause between the last read, which finds the end, and the cut. */
  function truncate(bytes: number): void {
    const buffer = Buffer.allocUnsafe(64 * 1024)
    const last = store.parts().at(-1)
    const isNext = last?.endOffset === store.base() + bytes
    const part = isNext ? last : partAt(store.folder, store.base() + bytes, 0)
    let extra = 0
    let fd: number | undefined
    try {
      if (files > 0) fd = openPrivate(part.path, constants.O_WRONLY | constants.O_CREAT)
    } catch (error) {
      onTrouble('the last bytes could not be kept', error)
    }
    while (true) {
      const got = readSync(store.fd, buffer, 0, buffer.length, bytes + extra)
      if (got === 0) break
      try {
        const at = part.endOffset - part.startOffset + extra
        if (fd !== undefined) writeSync(fd, buffer, 0, got, at)
      } catch (error) {
        onTrouble('the last bytes could not be kept', error)
        closeSync(fd ?? -1)
        fd = undefined
      }
      extra += got
    }
    ftruncateSync(store.fd, 0)
    if (fd !== undefined) {
      closeSync(fd)
      store.replacePart({ ...part, endOffset: part.endOffset + extra })
    }
    store.settle(bytes, extra)
  }

  /** @returns Nothing if it cannot be kept: the cap protects the disk, also a full one. */
  async function copyPart(position: number): Promise<LogPart | undefined> {
    const part = partAt(store.folder, store.base() + position, partBytes)
    let fd: number | undefined
    try {
      const { O_CREAT, O_TRUNC, O_WRONLY } = constants
      fd = openPrivate(part.path, O_WRONLY | O_CREAT | O_TRUNC)
      const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, partBytes))
      for (let done = 0; done < partBytes; ) {
        const wanted = Math.min(buffer.length, partBytes - done)
        const { bytesRead } = await readAsync(store.fd, buffer, 0, wanted, position + done)
        if (bytesRead === 0) throw new Error('the log has become shorter')
        for (let put = 0; put < bytesRead; ) {
          put += (await writeAsync(fd, buffer, put, bytesRead - put, done + put)).bytesWritten
        }
        done += bytesRead
      }
      return part
    } catch (error) {
      onTrouble('a rotated part could not be kept', error)
      removePart(part)
      return undefined
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  }
}
