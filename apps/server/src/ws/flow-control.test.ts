import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testServer } from '../testing/test-server.ts'
import { attach } from '../testing/test-socket.ts'

describe('flow control', () => {
  it('stops at the window until the viewer acknowledges, and then goes on to the end', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const bytes = Buffer.alloc(5 * 1024 * 1024, 'y')
    server.runtime.last().prints(bytes)
    const viewer = await attach(server, id)
    const { windowBytes } = await viewer.frame('welcome')
    await until(() => viewer.output.length >= windowBytes)
    expect(viewer.output.length).toBeLessThanOrEqual(windowBytes + 64 * 1024)
    await until(() => {
      viewer.say({ type: 'ack', channel: 1, offset: viewer.output.length })
      return viewer.output.length === bytes.length
    })
  })

  it('does not wait for the acknowledgement of bytes that the cap has dropped', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const program = server.runtime.last()
    program.prints(Buffer.alloc(5 * 1024 * 1024, 'y'))
    program.drops(4.5 * 1024 * 1024)
    const viewer = await attach(server, id)
    await viewer.frame('gap')
    await until(() => viewer.output.length === 512 * 1024)
  })

  it('sends again from where a viewer has a hole', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    server.runtime.last().prints('0123456789')
    const viewer = await attach(server, id)
    await until(() => viewer.output.length === 10)
    viewer.say({ type: 'repeat', channel: 1, have: 7 })
    await until(() => viewer.output.toString() === '0123456789789')
    viewer.say({ type: 'repeat', channel: 1, have: 11 })
    expect(await viewer.whenClosed()).toBe(4400)
  })

  it('keeps nothing for a viewer that does not read, and nobody else waits for it', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const program = server.runtime.last()
    const stalled = await attach(server, id)
    await stalled.frame('attached')
    stalled.ws.pause()
    const quick = await attach(server, id)
    await quick.frame('attached')
    const piece = Buffer.alloc(1024 * 1024, 'z')
    for (let i = 0; i < 16; i++) program.prints(piece)
    await until(
      () => {
        quick.say({ type: 'ack', channel: 1, offset: quick.output.length })
        return quick.output.length === 16 * piece.length
      },
      { timeoutMs: 20_000 },
    )
    expect(stalled.output.length).toBeLessThan(2 * 1024 * 1024)
    stalled.ws.resume()
    await until(
      () => {
        stalled.say({ type: 'ack', channel: 1, offset: stalled.output.length })
        return stalled.output.length === 16 * piece.length
      },
      { timeoutMs: 20_000 },
    )
  })
})

describe('silence', () => {
  it('ends a connection that answers no ping, and never one that does', async () => {
    const server = await testServer(onTestFinished, { config: { silenceMs: 300 } })
    const id = await server.session()
    const dead = await attach(server, id)
    const alive = await attach(server, id)
    alive.ws.on('message', () => {
      const ping = alive.frames.at(-1)
      if (ping?.type === 'ping') alive.say({ type: 'pong', time: ping.time })
    })
    expect(await dead.whenClosed()).toBe(1006)
    await until(() => alive.frames.filter(({ type }) => type === 'ping').length > 4)
    expect(alive.closed).toBeUndefined()
    alive.say({ type: 'ping', time: 77 })
    expect(await alive.frame('pong')).toMatchObject({ time: 77 })
  })
})
