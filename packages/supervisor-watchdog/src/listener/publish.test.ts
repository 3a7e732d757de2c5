import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { knock } from './knock.ts'
import { publish, withdraw } from './publish.ts'

function server(): Server {
  const made = createServer((socket) => socket.on('error', () => {}).resume())
  onTestFinished(() => void made.close())
  return made
}

const ask = (path: string) => knock(path, 'test')
const place = () => join(temporaryFolder(onTestFinished), 'supervise.sock')

/** Another process that listens there. */
async function foreign(path: string, backlog = 511) {
  const options = JSON.stringify({ path, backlog })
  const program = `require('net').createServer().listen(${options},()=>console.log('up'))`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  await once(child.stdout, 'data')
  return {
    stop: () => child.kill('SIGSTOP'),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

describe('publish', () => {
  it('listens for its user only, and leaves one name in the folder', async () => {
    const path = place()
    await publish(server(), path)
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(path, '..'))).toEqual(['supervise.sock'])
    expect(await ask(path)).toBe('alive')
  })

  it('makes its folder for its user only', async () => {
    const path = join(temporaryFolder(onTestFinished), 'new', 'supervise.sock')
    await publish(server(), path)
    expect(lstatSync(join(path, '..')).mode & 0o777).toBe(0o700)
  })

  it('leaves a living owner alone, also one that is stopped', async () => {
    const path = place()
    const owner = await foreign(path)
    const { ino } = lstatSync(path)
    await expect(publish(server(), path)).rejects.toThrow('HELD')
    owner.stop()
    await expect(publish(server(), path)).rejects.toThrow('HELD')
    expect(lstatSync(path).ino).toBe(ino)
  })

  it('does not take a full queue for death', async () => {
    const path = place()
    const owner = await foreign(path, 1)
    owner.stop()
    const waiting: Socket[] = []
    onTestFinished(() => {
      for (const each of waiting) each.destroy()
    })
    // The system tells how long the queue is by refusing, with EAGAIN on Linux.
    let refused = false
    while (!refused && waiting.length < 20) {
      const socket = connect(path)
      waiting.push(socket)
      refused = await new Promise((resolve) => {
        socket.once('connect', () => resolve(false)).once('error', () => resolve(true))
      })
    }
    await expect(publish(server(), path)).rejects.toThrow(refused ? 'UNREACHABLE' : 'HELD')
    expect(existsSync(path)).toBe(true)
  })

  it('takes over from an owner that was killed', async () => {
    const path = place()
    await (await foreign(path)).kill()
    expect(existsSync(path)).toBe(true)
    await publish(server(), path)
    expect(await ask(path)).toBe('alive')
    expect(readdirSync(join(path, '..'))).toEqual(['supervise.sock'])
  })

  it('lets one of many have what was left behind', async () => {
    for (let round = 0; round < 20; round++) {
      const path = place()
      const stale = createServer()
      // The private name goes with the server, the public one stays behind.
      await publish(stale, path)
      await new Promise((resolve) => stale.close(resolve))
      const servers = Array.from({ length: 8 }, server)
      const results = await Promise.allSettled(servers.map((each) => publish(each, path)))
      const won = results.flatMap((each, at) => (each.status === 'fulfilled' ? [at] : []))
      expect(won).toHaveLength(1)
      const heard = once(servers[won[0] ?? 0] as Server, 'connection')
      expect(await ask(path)).toBe('alive')
      await heard
    }
  })

  it('leaves alone what cannot be told to be stale', async () => {
    const path = place()
    writeFileSync(path, 'precious')
    await expect(publish(server(), path)).rejects.toThrow('NOT_BOUND')
    const link = place()
    symlinkSync(path, link)
    await expect(publish(server(), link)).rejects.toThrow('NOT_BOUND')
    expect(existsSync(path) && existsSync(link)).toBe(true)
  })

  it('refuses a folder that others can write to, or that is a link', async () => {
    const root = temporaryFolder(onTestFinished)
    const open = join(root, 'open')
    mkdirSync(open)
    chmodSync(open, 0o777)
    symlinkSync(root, join(root, 'link'))
    await expect(publish(server(), join(open, 's'))).rejects.toThrow('UNSAFE_FOLDER')
    await expect(publish(server(), join(root, 'link', 's'))).rejects.toThrow('UNSAFE_FOLDER')
    expect(readdirSync(open)).toEqual([])
  })

  it('never removes a successor: not by closing, not by withdrawing', async () => {
    const path = place()
    const older = server()
    const ours = (await publish(older, path)) ?? ''
    const hidden = withdraw(path, ours)
    expect(hidden).toBeDefined()
    await publish(server(), path)
    const { ino } = lstatSync(path)
    expect(withdraw(path, ours)).toBeUndefined()
    await new Promise((resolve) => older.close(resolve))
    expect(lstatSync(path).ino).toBe(ino)
    expect(await ask(path)).toBe('alive')
  })
})
