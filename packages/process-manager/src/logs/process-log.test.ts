import { once } from 'node:events'
import { statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LogPiece } from './log-store.ts'
import { openProcessLog, type ProcessLog, type ProcessLogOptions } from './process-log.ts'
import { firstWrongByte, memoryFolder, readAll, startWriter } from './testing/log-writer.ts'

const MIB = 1024 * 1024

function open(options: Partial<ProcessLogOptions> = {}): ProcessLog {
  const folder = options.folder ?? join(temporaryFolder(onTestFinished), 'web')
  const log = openProcessLog({
    onTrouble: (error) => {
      throw error
    },
    ...options,
    folder,
  })
  onTestFinished(() => log.close())
  return log
}

function _put(log: ProcessLog, text: string | Buffer): void {
  writeSync(log.fd, typeof text === 'string' ? Buffer.from(text) : text)
}

function isQuiet(log: ProcessLog, maxBytes: number): boolean {
  return statSync(log.path).blocks * 512 <= maxBytes + 64 * 1024
}

/** Collects what a follower sees, until the test ends. */
function collect(log: ProcessLog, from: number): LogPiece[] {
  const pieces: LogPiece[] = []
  const end = new AbortController()
  onTestFinished(() => end.abort())
  void (async () => {
    for await (const piece of log.follow({ from, signal: end.signal })) pieces.push(piece)
  })()
  return pieces
}

describe('a log', () => {
  it('is the output of the daemon, byte by byte, private', async () => {
    const log = open()
    const child = startWriter(log, onTestFinished, { totalBytes: 1280, blockBytes: 1280 })
    await once(child, 'exit')
    expect(log.size()).toEqual({ startOffset: 0, endOffset: 1280 })
    expect(firstWrongByte(0, readAll(log).bytes)).toBe(-1)
    expect(statSync(log.path).mode & 0o777).toBe(0o600)
    expect(statSync(join(log.path, '..')).mode & 0o777).toBe(0o700)
  })

  for (const [where, rotation, folderOf] of [
    ['on disk', undefined, () => join(temporaryFolder(onTestFinished), 'web')],
    ['in memory', 'punch', () => memoryFolder(onTestFinished)],
  ] as const) {
    it(`keeps to its cap under a flood, without a hole or a repeat, ${where}`, async (test) => {
      const folder = folderOf()
      if (!folder) return test.skip()
      const log = open({ folder, maxBytes: 4 * MIB, files: 2 })
      const seen = collect(log, 0)
      const totalBytes = 200 * MIB
      await once(startWriter(log, onTestFinished, { totalBytes }), 'exit')
      await until(() => isQuiet(log, 4 * MIB), { timeoutMs: 20_000 })
      await until(() => log.size().startOffset >= totalBytes - 12 * MIB - 64 * 1024)
      const { offset, bytes } = readAll(log)
      expect(offset + bytes.length).toBe(totalBytes)
      expect(bytes.length).toBeLessThanOrEqual(3 * 4 * MIB + 64 * 1024)
      expect(bytes.length).toBeGreaterThanOrEqual(2 * 4 * MIB)
      expect(firstWrongByte(offset, bytes)).toBe(-1)
      if (rotation) expect(log.rotation).toBe(rotation)
      // The follower: every byte under its own offset, to the end; gaps only forward.
      await until(() => {
        const last = seen.at(-1)
        return last && last.offset + last.bytes.length === totalBytes
      })
      let next = 0
      for (const piece of seen) {
        expect(piece.offset).toBeGreaterThanOrEqual(next)
        expect(firstWrongByte(piece.offset, piece.bytes)).toBe(-1)
        next = piece.offset + piece.bytes.length
      }
    })
  }
})
