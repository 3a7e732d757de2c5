import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PtySession } from '../types.ts'
import { createDeframer, frame } from './framing.ts'
import { type Said, serveHostPeer } from './host-peer.ts'
import { decodeFromHost, encodeToHost, HOST_PROTOCOL } from './messages.ts'

/** A host with one session, of which only the log's end is real, and a server that is connected. */
async function setup() {
  const path = join(temporaryFolder(onTestFinished), 's')
  const log = { start: 0, end: 0 }
  let tell: ((message: Said) => void) | undefined
  let hostSide: Socket | undefined
  const listener = createServer((socket) => {
    hostSide = socket
    serveHostPeer(socket, {
      welcome: (version) => ({ type: 'failed', code: 'TEST', text: String(version) }),
      // Growth asks for nothing but the log.
      find: () => ({ log }) as unknown as PtySession,
      answer: () => Promise.resolve(undefined),
      join: (joined) => {
        tell = joined
      },
      leave: () => {},
      onTrouble: (error) => {
        throw error
      },
    })
  })
  await new Promise<void>((resolve) => listener.listen(path, resolve))
  const server = connect(path)
  onTestFinished(() => {
    server.destroy()
    listener.close()
  })
  const ends: number[] = []
  const deframer = createDeframer((bytes) => {
    const message = decodeFromHost(bytes)
    if (message.type === 'grew') ends.push(message.end)
  })
  server.on('data', (chunk) => deframer.push(chunk))
  server.write(frame(encodeToHost({ type: 'hello', ...HOST_PROTOCOL })))
  await until(() => tell !== undefined)
  return {
    server,
    ends,
    waitingBytes: () => hostSide?.writableLength ?? 0,
    grow() {
      log.end++
      tell?.({ type: 'grew', index: 1, start: 0, end: log.end })
      return log.end
    },
  }
}

describe('a server that is connected to a host', () => {
  // From the level at which a socket counts as full to half of it, and beyond.
  it.each([1, 6_000, 40_000])(
    'hears the last end of a log, also after it has not listened for %d bytes',
    async (fullBytes) => {
      const { server, ends, waitingBytes, grow } = await setup()
      server.pause()
      let end = 0
      while (waitingBytes() < Math.min(fullBytes, 16_000)) {
        for (let i = 0; i < 100; i++) end = grow()
        await new Promise(setImmediate)
      }
      for (let i = 0; i < (fullBytes > 16_000 ? 5_000 : 0); i++) end = grow()
      // However long it does not listen, what waits for it stays small.
      expect(waitingBytes()).toBeLessThan(64 * 1024)
      server.resume()
      await until(() => ends.at(-1) === end, { what: `the server hears of ${end}` })
      end = grow()
      await until(() => ends.at(-1) === end)
    },
  )
})
