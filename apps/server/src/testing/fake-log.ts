import type { ProcessLog } from '@conductor/process-manager'

/** A log in memory that the test writes and rotates. */
export interface FakeLog extends ProcessLog {
  writes(bytes: string | Uint8Array): void
  /** Drops what comes before `offset`. */
  rotatesTo(offset: number): void
}

export function fakeLog(): FakeLog {
  let start = 0
  let bytes = Buffer.alloc(0)
  let closed = false
  const waiting = new Set<() => void>()
  const wakeAll = () => {
    for (const wake of [...waiting]) wake()
  }

  const log: FakeLog = {
    fd: -1,
    path: '/nowhere/daemon.log',
    rotation: 'copy' as ProcessLog['rotation'],
    size: () => ({ startOffset: start, endOffset: start + bytes.length }),
    tail: ({ lines = 20 } = {}) => bytes.subarray(offsetOfLine(lines) - start),
    read({ from, maxBytes = 65_536 }) {
      const offset = Math.min(Math.max(from, start), start + bytes.length)
      return { offset, bytes: bytes.subarray(offset - start, offset - start + maxBytes) }
    },
    async *follow({ from = 'end', signal } = {}) {
      let cursor =
        from === 'end'
          ? start + bytes.length
          : typeof from === 'number'
            ? from
            : offsetOfLine(from.lines)
      while (!closed && !signal?.aborted) {
        const piece = log.read({ from: cursor })
        cursor = piece.offset + piece.bytes.length
        if (piece.bytes.length > 0) yield piece
        else
          await new Promise<void>((resolve) => {
            waiting.add(resolve)
            signal?.addEventListener('abort', () => resolve())
          })
      }
    },
    watchLines: () => () => {},
    note: (text) => log.writes(`-- ${text}\n`),
    async close() {
      closed = true
      wakeAll()
    },
    [Symbol.asyncDispose]: () => log.close(),
    writes(more) {
      bytes = Buffer.concat([bytes, Buffer.from(more as Uint8Array)])
      wakeAll()
    },
    rotatesTo(offset) {
      bytes = bytes.subarray(offset - start)
      start = offset
    },
  }
  return log

  function offsetOfLine(lines: number): number {
    const parts = bytes.toString('latin1').split(/(?<=\n)/)
    return start + bytes.length - parts.slice(-lines).join('').length
  }
}
