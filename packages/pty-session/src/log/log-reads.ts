import { OUTPUT_HEADROOM } from '@conductor/protocol'
import { PtySessionError } from '../pty-session-error.ts'
import type { LogRead } from '../types.ts'
import { bufferFor, type TrackedBlock, trackBlock } from './block-buffers.ts'
import { isMissing, type LogFs, readUpTo } from './log-fs.ts'
import { BLOCK_BYTES, outPath, segmentNumbers } from './log-layout.ts'
import { messageOf } from './log-meta.ts'
import { type ReadFile, sharedReadFiles } from './read-files.ts'
import { sharedRecentBlocks } from './recent-blocks.ts'

/** Files of one log that are open at most: one for who follows, one for who is far behind. */
const FILES_PER_LOG = 2

export interface LogReadsOptions {
  readonly fs: LogFs
  readonly dir: string
  readonly segmentBytes: number
  /** The descriptor of a segment that is open anyway, because it is being written. */
  readonly openFd?: ((segment: number) => number | undefined) | undefined
}

/** The bytes between `start` and `end`, in blocks. Both only grow. */
export interface LogReads {
  start: number
  end: number
  /** @throws PtySessionError `LOG_UNREADABLE` or `LOG_CORRUPT`; a later try may succeed. */
  read(offset: number): LogRead
  /** Gives back memory and descriptors. Reading is still possible and takes them again. */
  release(): void
}

const NOTHING_YET: LogRead = { kind: 'end' }

export function createLogReads(options: LogReadsOptions): LogReads {
  const { fs, dir, segmentBytes, openFd } = options
  const files: { readonly segment: number; readonly file: ReadFile }[] = []

  function read(offset: number): LogRead {
    if (!(Number.isSafeInteger(offset) && offset >= 0))
      throw new PtySessionError('BAD_OPTION', `${offset} is not an offset`)
    if (offset < reads.start) return { kind: 'gap', from: offset, to: reads.start }
    if (offset >= reads.end) return NOTHING_YET
    const segment = Math.floor(offset / segmentBytes)
    const end = Math.min(
      reads.end,
      (segment + 1) * segmentBytes,
      (Math.floor(offset / BLOCK_BYTES) + 1) * BLOCK_BYTES,
    )
    const recent = sharedRecentBlocks.find(reads, offset)
    // One that was read before the log had grown is not all there is.
    if (recent && recent.block.end - recent.block.start === end - offset) return recent.take()
    try {
      const tracked = readBlock(segment, offset, end - offset)
      const block = tracked.take()
      sharedRecentBlocks.keep(reads, tracked)
      return block
    } catch (error) {
      if (isMissing(error)) return gapBehind(segment, offset)
      if (error instanceof PtySessionError) throw error
      throw unreadable(segment, error)
    }
  }

  function readBlock(segment: number, offset: number, length: number): TrackedBlock {
    const fd = openFd?.(segment) ?? sharedReadFiles.fdOf(fileOf(segment))
    const buffer = bufferFor(length)
    const at = offset - segment * segmentBytes
    const got = readUpTo(fs, fd, buffer, OUTPUT_HEADROOM, length, at)
    if (got === 0)
      throw new PtySessionError(
        'LOG_CORRUPT',
        `${outPath(dir, segment)} has fewer bytes than its index told: somebody else has cut it`,
      )
    return trackBlock(offset, buffer, OUTPUT_HEADROOM + got)
  }

  function fileOf(segment: number): ReadFile {
    const known = files.find((each) => each.segment === segment)
    if (known) return known.file
    const file: ReadFile = { path: outPath(dir, segment), fs, fd: undefined }
    files.push({ segment, file })
    if (files.length > FILES_PER_LOG) {
      const oldest = files.shift()
      if (oldest) sharedReadFiles.close(oldest.file)
    }
    return file
  }

  /** The cap has taken the segment before we were told so. */
  function gapBehind(segment: number, offset: number): LogRead {
    try {
      const kept = segmentNumbers(fs.exists(dir) ? fs.list(dir) : [], segmentBytes)
      const next = kept.find((each) => each > segment)
      reads.start = next === undefined ? reads.end : Math.min(next * segmentBytes, reads.end)
    } catch (error) {
      throw unreadable(segment, error)
    }
    return { kind: 'gap', from: offset, to: reads.start }
  }

  function unreadable(segment: number, cause: unknown): PtySessionError {
    const path = outPath(dir, segment)
    return new PtySessionError('LOG_UNREADABLE', `cannot read ${path}: ${messageOf(cause)}`, {
      cause,
    })
  }

  const reads: LogReads = {
    start: 0,
    end: 0,
    read,
    release() {
      for (const { file } of files) sharedReadFiles.close(file)
      files.length = 0
      sharedRecentBlocks.forget(reads)
    },
  }
  return reads
}
