import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ensurePrivateFolder,
  hostSocketPath,
  listenAt,
  MAX_SOCKET_PATH_BYTES,
  probe,
} from './endpoint.ts'

function listener(): Server {
  const server = createServer((socket) => socket.end())
  onTestFinished(() => void server.close())
  return server
}

/** A socket whose listener was killed: the file stays, nobody is behind it. */
async function staleSocket(path: string): Promise<void> {
  const program = `require('net').createServer().listen(${JSON.stringify(path)},()=>console.log('up'))`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('exit', resolve))
}

describe('host endpoint', () => {
  it('is taken by one and refused to the next, who leaves it as it was', async () => {
    const path = join(temporaryFolder(onTestFinished), 'host.sock')
    await listenAt(listener(), path)
    const { ino } = lstatSync(path)
    await expect(listenAt(listener(), path)).rejects.toThrow('HOST_HELD')
    expect(lstatSync(path).ino).toBe(ino)
    expect(await probe(path)).toBe('alive')
  })

  it('is taken over from a listener that was killed', async () => {
    const path = join(temporaryFolder(onTestFinished), 'host.sock')
    await staleSocket(path)
    expect(await probe(path)).toBe('dead')
    await listenAt(listener(), path)
    expect(await probe(path)).toBe('alive')
  })

  it('goes to exactly one of two that find the same dead one at once, and stays theirs', async () => {
    const dir = temporaryFolder(onTestFinished)
    const stale = join(dir, 'stale')
    await staleSocket(stale)
    for (let round = 0; round < 20; round++) {
      const path = join(dir, `${round}.sock`)
      linkSync(stale, path)
      const both = await Promise.allSettled([
        listenAt(listener(), path),
        listenAt(listener(), path),
      ])
      const refused = both.filter((each) => each.status === 'rejected')
      expect(refused.map(({ reason }) => reason.code)).toEqual(['HOST_HELD'])
      expect(await probe(path)).toBe('alive')
    }
    expect(readdirSync(dir).filter((name) => name.endsWith('x'))).toEqual([])
  })

  it('is left to who published while it was proved that the one before is dead', async () => {
    const dir = temporaryFolder(onTestFinished)
    const path = join(dir, 'host.sock')
    await staleSocket(path)
    const slow = listenAt(listener(), path)
    // Between the proof and what follows from it, another one is there.
    const other = listener()
    await new Promise<void>((resolve) => other.listen(join(dir, 'other'), resolve))
    renameSync(join(dir, 'other'), path)
    const { ino } = lstatSync(path)
    await expect(slow).rejects.toThrow('HOST_HELD')
    expect(lstatSync(path).ino).toBe(ino)
  })

  it('is not unlinked when an older listener closes after a newer one took it', async () => {
    const path = join(temporaryFolder(onTestFinished), 'host.sock')
    const older = listener()
    await listenAt(older, path)
    await new Promise((resolve) => older.close(resolve))
    await listenAt(listener(), path)
    older.close()
    expect(existsSync(path)).toBe(true)
    expect(await probe(path)).toBe('alive')
  })

  it('can be opened by its user only', async () => {
    const path = join(temporaryFolder(onTestFinished), 'host.sock')
    await listenAt(listener(), path)
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
  })

  it('lies outside a folder whose path is too long for a socket, always at the same place', () => {
    const long = join('/tmp', 'x'.repeat(MAX_SOCKET_PATH_BYTES))
    const path = hostSocketPath(long)
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES)
    expect(hostSocketPath(long)).toBe(path)
    expect(hostSocketPath(`${long}y`)).not.toBe(path)
    expect(hostSocketPath('/tmp/short')).toBe('/tmp/short/host.sock')
  })

  it('is not put into a folder that others can write to, nor behind a link', () => {
    const root = temporaryFolder(onTestFinished)
    const open = join(root, 'open')
    mkdirSync(open, { mode: 0o777 })
    chmodSync(open, 0o777)
    expect(() => ensurePrivateFolder(open)).toThrow('BAD_OPTION')
    symlinkSync(root, join(root, 'link'))
    expect(() => ensurePrivateFolder(join(root, 'link'))).toThrow('BAD_OPTION')
    writeFileSync(join(root, 'file'), '')
    expect(() => ensurePrivateFolder(join(root, 'file'))).toThrow()
  })
})
