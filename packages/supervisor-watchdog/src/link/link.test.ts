import { existsSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { fakeClock, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { linkPath } from '../endpoint.ts'
import { createWatchdog } from '../watchdog/watchdog.ts'
import { createLink, type LinkOptions } from './link.ts'
import { shouldKillOnExit, shouldLink } from './policy.ts'

function setup(options: Partial<LinkOptions> = {}) {
  const clock = fakeClock()
  const path = linkPath(join(temporaryFolder(onTestFinished), 'running.json'))
  const changes: boolean[] = []
  const troubles: unknown[] = []
  const link = createLink({ path, clock, onTrouble: (error) => troubles.push(error), ...options })
  link.subscribe((connected) => changes.push(connected))
  onTestFinished(() => link.close())
  return { clock, path, link, changes, troubles }
}

async function listen(
  path: string,
  onSocket: (socket: Socket) => void = () => {},
): Promise<Server> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return server
}

/** Of this process; 0 where that cannot be seen. */
const openFiles = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0)

describe('a link', () => {
  it('tries after 200 ms, twice as long each time, and every 2 s from then on, for ever', async () => {
    const { clock, link, troubles } = setup()
    clock.advance(0)
    for (const [at, waitMs] of [200, 400, 800, 1_600, 2_000, 2_000, 2_000].entries()) {
      await until(() => link.state.name === 'waiting')
      expect(troubles).toHaveLength(at + 1)
      clock.advance(waitMs - 1)
      expect(link.state.name).toBe('waiting')
      clock.advance(1)
      expect(link.state.name).toBe('opening')
    }
    expect(link).toMatchObject({ connected: false, everConnected: false })
  })

  it('connects when the daemon comes, again when it drops, and begins with 200 ms', async () => {
    const { clock, path, link, changes } = setup()
    for (let each = 0; each < 4; each++) {
      clock.advance(2_000)
      await until(() => link.state.name === 'waiting')
    }
    const sockets: Socket[] = []
    const server = await listen(path, (socket) => sockets.push(socket))
    clock.advance(2_000)
    await until(() => link.connected && sockets.length === 1)
    sockets[0]?.destroy()
    await until(() => link.state.name === 'waiting')
    clock.advance(199)
    expect(link.state.name).toBe('waiting')
    clock.advance(1)
    await until(() => sockets.length === 2 && link.connected)
    expect(changes).toEqual([true, false, true])
    expect(link.everConnected).toBe(true)
    server.close()
  })

  it('says who it is, and throws away what it hears', async () => {
    const { clock, path, link } = setup({ hello: { pid: 7, name: 'desk' } })
    let heard = ''
    let wrote = 0
    await listen(path, (socket) => {
      socket.on('data', (chunk) => {
        heard += chunk
      })
      // More than the buffers of both sides hold: it ends only if somebody reads.
      socket.write(Buffer.alloc(8_000_000), () => wrote++)
    })
    clock.advance(0)
    await until(() => wrote === 1 && heard.endsWith('\n'))
    expect(JSON.parse(heard)).toEqual({ pid: 7, name: 'desk' })
    expect(link.connected).toBe(true)
  })

  it('says nothing to a daemon that wants to hear nothing', async () => {
    const { clock, path, link } = setup({ hello: false })
    let heard = 0
    let ended = false
    await listen(path, (socket) => {
      socket.on('data', (chunk) => (heard += chunk.length))
      socket.on('end', () => (ended = true))
    })
    clock.advance(0)
    await until(() => link.connected)
    await link.close()
    await until(() => ended)
    expect(heard).toBe(0)
  })

  it.each(['waiting', 'opening', 'open'])('is let go of for good while it is %s', async (name) => {
    const { clock, path, link, changes } = setup()
    if (name === 'open') await listen(path)
    clock.advance(0)
    if (name !== 'opening') await until(() => link.state.name === name)
    link.dispose()
    link.dispose()
    await link.close()
    clock.advance(1e6)
    expect(link).toMatchObject({ state: { name: 'closed' }, connected: false })
    expect(clock.pending).toBe(0)
    expect(changes).toEqual(name === 'open' ? [true, false] : [])
  })

  it('tells nobody who has unsubscribed', async () => {
    const { clock, path, link } = setup()
    await listen(path)
    link.subscribe(() => expect.unreachable())()
    clock.advance(0)
    await until(() => link.connected)
  })

  it('tells of a path that is too long, and does not try', async () => {
    const path = `/tmp/${'x'.repeat(120)}`
    const { clock, troubles } = setup({ path })
    clock.advance(1e6)
    expect(troubles).toEqual([expect.objectContaining({ code: 'PATH_TOO_LONG' })])
    expect(clock.pending).toBe(0)
    expect(existsSync(path.slice(0, 107))).toBe(false)
  })

  it.each([
    { path: 'relative' },
    { retryMs: 0 },
    { retryMs: 300, retryLongestMs: 200 },
    { hello: { name: 'x'.repeat(101) } },
    { hello: { name: 'two\nlines' } },
  ])('throws for %o', (wrong) => {
    expect(() => createLink({ path: '/tmp/nowhere.sock', ...wrong })).toThrow('BAD_OPTION')
  })

  it('that flaps 1,000 times leaks nothing, and fires once', async () => {
    const clock = fakeClock()
    const path = linkPath(join(temporaryFolder(onTestFinished), 'running.json'))
    let fired = 0
    const watchdog = createWatchdog({ path, clock, onExpire: () => fired++ })
    onTestFinished(() => watchdog.close())
    await until(() => {
      clock.advance(0)
      return watchdog.listening
    })
    const filesBefore = openFiles()
    for (let each = 0; each < 1_000; each++) {
      const link = createLink({ path, clock })
      clock.advance(0)
      await until(() => watchdog.clients[0]?.pid === process.pid, { everyMs: 0 })
      await link.close()
      await until(() => watchdog.clients.length === 0, { everyMs: 0 })
    }
    expect(clock.pending).toBe(1)
    expect(watchdog.state.name).toBe('grace')
    expect(fired).toBe(0)
    // A few are Node's own.
    expect(openFiles() - filesBefore).toBeLessThan(10)
    clock.advance(5_000)
    await until(() => fired > 0)
    clock.advance(1e6)
    await watchdog.close()
    expect(fired).toBe(1)
    expect(clock.pending).toBe(0)
    rmSync(path, { force: true })
  })
})

describe('the policy of links', () => {
  it('links to what was spawned, and to what an app owns', () => {
    expect(shouldLink({ spawned: true })).toBe(true)
    expect(shouldLink({ spawned: true, runFileOwner: 'persistent' })).toBe(true)
    expect(shouldLink({ spawned: false, runFileOwner: 'app' })).toBe(true)
    expect(shouldLink({ spawned: false, runFileOwner: 'persistent' })).toBe(false)
    expect(shouldLink({ spawned: false })).toBe(false)
  })

  it('kills at the end only what was spawned, may not stay, and never heard of us', () => {
    for (const spawned of [true, false])
      for (const everConnected of [true, false])
        for (const keep of [true, false])
          expect(shouldKillOnExit({ spawned, everConnected, keep })).toBe(
            spawned && !everConnected && !keep,
          )
  })
})
