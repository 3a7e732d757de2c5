import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { fakeClock, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { linkPath } from '../endpoint.ts'
import { openListener } from '../listener/listener.ts'
import { createWatchdog, createWatchdogOver, type WatchdogOptions } from './watchdog.ts'

const GRACE_MS = 5_000

function setup(options: Partial<WatchdogOptions> = {}, makeServer: () => Server = createServer) {
  const clock = fakeClock()
  const path = options.path ?? linkPath(join(temporaryFolder(onTestFinished), 'running.json'))
  const fired: string[][] = []
  const troubles: string[] = []
  const watchdog = createWatchdogOver((...args) => openListener(...args, makeServer), {
    path,
    graceMs: GRACE_MS,
    clock,
    // What the folder holds when it fires tells whether somebody could still come.
    onExpire: () => fired.push(names()),
    onTrouble: ({ code }) => troubles.push(code),
    ...options,
  })
  onTestFinished(() => watchdog.close())
  const names = () => readdirSync(join(path, '..'))
  /** Time passes until it listens. */
  async function bound(): Promise<void> {
    await until(() => {
      clock.advance(200)
      return watchdog.listening
    })
  }
  function client(says?: string | Buffer): Socket {
    const socket = connect(path)
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    if (says !== undefined) socket.write(says)
    return socket
  }
  const count = (n: number) => until(() => watchdog.clients.length === n)
  const state = (name: string) => until(() => watchdog.state.name === name)
  return { clock, path, watchdog, fired, troubles, names, bound, client, count, state }
}

describe('a watchdog on a real socket', () => {
  it('counts clients that say nothing, and fires when nobody can come any more', async () => {
    const { clock, watchdog, fired, bound, client, count, state, names } = setup()
    await bound()
    const one = client()
    const two = client()
    await count(2)
    one.destroy()
    await count(1)
    clock.advance(1e6)
    two.destroy()
    await state('grace')
    expect(names()).toEqual(['supervise.sock'])
    clock.advance(GRACE_MS)
    await state('fired')
    expect(fired).toEqual([[]])
    expect(watchdog.listening).toBe(false)
    await watchdog.close()
    expect(clock.pending).toBe(0)
  })

  it('knows who says who it is, and takes garbage for silence', async () => {
    const { watchdog, bound, client, count } = setup()
    await bound()
    client('{"pid":42,"name":"desk')
    await count(1)
    const second = client('{"pid":-1,"name":"bad\\u0007"}\n')
    await count(2)
    client(Buffer.alloc(1_000_000, 0x7b))
    await count(3)
    client('{"pid":43,"name":"cli"}\n{"pid":44}\nanything')
    await until(() => watchdog.clients.at(-1)?.pid === 43)
    expect(watchdog.clients).toEqual([{}, {}, {}, { pid: 43, name: 'cli' }])
    second.destroy()
    await count(3)
  })

  it('stays for a client that connected in the last moment, who need not connect again', async () => {
    const { clock, watchdog, fired, bound, client, count, state, names } = setup()
    await bound()
    client().once('connect', function (this: Socket) {
      this.destroy()
    })
    await state('grace')
    // The system has connected it when this returns, and nobody has accepted it yet.
    const late = client()
    clock.advance(GRACE_MS)
    expect(watchdog.state.name).toBe('closing')
    expect(names()).not.toContain('supervise.sock')
    await state('connected')
    await count(1)
    expect(names()).toEqual(['supervise.sock'])
    expect(late.destroyed).toBe(false)
    client()
    await count(2)
    expect(fired).toEqual([])
  })

  it('gives up its place to a lease that is taken while it closes', async () => {
    const { clock, watchdog, bound, client, count, state, names } = setup()
    await bound()
    client().once('connect', function (this: Socket) {
      this.destroy()
    })
    await state('grace')
    clock.advance(GRACE_MS)
    const release = watchdog.hold('work')
    expect(names()).toEqual(['supervise.sock'])
    client()
    await count(1)
    release()
    expect(watchdog.state.name).toBe('connected')
  })

  it('is not armed by a second daemon that looks, which takes its place when it has gone', async () => {
    const first = setup()
    await first.bound()
    const second = setup({ path: first.path })
    second.clock.advance(0)
    await until(() => second.troubles.includes('HELD'))
    for (let each = 0; each < 5; each++) {
      second.clock.advance(1_000)
      await until(() => first.watchdog.clients.length === 0)
    }
    expect(second.troubles).toEqual(['HELD'])
    expect(second.watchdog.state.name).toBe('unbound')
    await until(() => first.watchdog.state.name === 'idle')
    await first.watchdog.close()
    await second.bound()
    second.client()
    await second.count(1)
  })

  it('does not remove the socket of a successor when it closes, or fires', async () => {
    const first = setup()
    await first.bound()
    const held = first.client()
    await first.count(1)
    rmSync(first.path)
    const second = setup({ path: first.path })
    await second.bound()
    const { ino } = lstatSync(first.path)
    held.destroy()
    await first.state('grace')
    first.clock.advance(GRACE_MS)
    await first.state('fired')
    await first.watchdog.close()
    expect(lstatSync(first.path).ino).toBe(ino)
    second.client()
    await second.count(1)
  })

  it('fires, and closes, when its folder has been removed', async () => {
    const { clock, path, bound, client, count, state, watchdog } = setup({ onExpire: () => {} })
    await bound()
    const socket = client()
    await count(1)
    rmSync(join(path, '..'), { recursive: true })
    clock.advance(1e6)
    expect(watchdog.state.name).toBe('connected')
    socket.destroy()
    await state('grace')
    clock.advance(GRACE_MS)
    await state('fired')
    await watchdog.close()
  })

  it('waits 200 ms after a failed accept, and goes on with the clients it has', async () => {
    const servers: Server[] = []
    const { clock, watchdog, troubles, bound, client, count, path } = setup({}, () => {
      const made = createServer()
      servers.push(made)
      return made
    })
    await bound()
    client()
    await count(1)
    servers[0]?.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
    expect(watchdog.listening).toBe(false)
    expect(troubles).toEqual(['NOT_ACCEPTED'])
    clock.advance(199)
    expect(servers).toHaveLength(1)
    clock.advance(1)
    await until(() => watchdog.listening)
    client()
    await count(2)
    expect(readdirSync(join(path, '..'))).toEqual(['supervise.sock'])
  })

  it('says once why it cannot listen, and lives', async () => {
    const folder = temporaryFolder(onTestFinished)
    const path = join(folder, 'x'.repeat(120))
    const { clock, watchdog } = setup({ path })
    const told = setup({ path, onTrouble: ({ message }) => expect(message).toMatch(/bytes.*\d+;/) })
    told.clock.advance(1e6)
    clock.advance(1e6)
    expect(watchdog).toMatchObject({ state: { name: 'unbound' }, listening: false, armed: false })
    expect(clock.pending).toBe(0)
    await watchdog.close()
  })

  it('tries again where the system refused', async () => {
    const folder = temporaryFolder(onTestFinished)
    let fails = 3
    const { troubles, bound } = setup({ path: join(folder, 'supervise.sock') }, () => {
      if (fails-- <= 0) return createServer()
      return Object.assign(createServer(), {
        listen() {
          throw Object.assign(new Error('no descriptors'), { code: 'EMFILE' })
        },
      })
    })
    await bound()
    expect(troubles).toEqual(['NOT_BOUND'])
  })

  it('can be closed while it is opening, and leaves nothing', async () => {
    const { clock, watchdog, names } = setup()
    clock.advance(0)
    await watchdog.close()
    expect(names()).toEqual([])
    expect(watchdog.state.name).toBe('closed')
  })

  it('hangs up on its clients when it is closed', async () => {
    const { watchdog, bound, client, count } = setup()
    await bound()
    const socket = client()
    await count(1)
    await watchdog.close()
    await until(() => socket.destroyed)
  })

  it.each([
    { path: 'relative.sock' },
    { path: '/a/../b' },
    { path: '' },
    { graceMs: -1 },
    { graceMs: Number.NaN },
  ])('throws for %o', (wrong) => {
    const right = { path: '/tmp/nowhere/supervise.sock', onExpire: () => {} }
    expect(() => createWatchdog({ ...right, ...wrong })).toThrow('BAD_OPTION')
  })
})
