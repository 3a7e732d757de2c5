import { fakeClock, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fakeSession } from '../testing/fake-session.ts'
import { testServer } from '../testing/test-server.ts'
import { attach } from '../testing/test-socket.ts'
import { createCatchUp } from './catch-up.ts'

const catchUpBytes = 1_000

describe('a viewer that is far behind', () => {
  it('gets the screen in place of the output, and what follows without a seam', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const program = server.runtime.last()
    program.prints('x'.repeat(5_000))
    program.shows = 'the screen'
    const viewer = await attach(server, id, { catchUpBytes })
    expect(await viewer.frame('attached')).toMatchObject({ from: 0, answers: 'session' })
    const { bytes, ...snapshot } = await viewer.frame('snapshot')
    expect(snapshot).toMatchObject({ channel: 1, offset: 5_000, cols: 80, rows: 24 })
    expect(Buffer.from(bytes).toString()).toBe('the screen')
    program.prints('after')
    await until(() => viewer.output.toString() === 'after')
  })

  it('gets all of the output when it did not ask for less, is not so far behind, or there is no screen', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const program = server.runtime.last()
    const text = 'x'.repeat(5_000)
    program.prints(text)
    const blind = await attach(server, id, { catchUpBytes })
    await until(() => blind.output.toString() === text)
    program.shows = 'the screen'
    const plain = await attach(server, id)
    const near = await attach(server, id, { catchUpBytes: 5_000 })
    for (const viewer of [plain, near]) await until(() => viewer.output.toString() === text)
  })

  it('because of a flood gets the screen as soon as it has shown what it has', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const program = server.runtime.last()
    program.shows = 'the screen'
    const viewer = await attach(server, id, { catchUpBytes })
    await viewer.frame('attached')
    const flood = 'x'.repeat(3 * 1024 * 1024)
    program.prints(flood)
    await until(() => viewer.output.length >= 1024 * 1024)
    viewer.say({ type: 'ack', channel: 1, offset: 300_000 })
    const { offset } = await viewer.frame('snapshot')
    expect(offset).toBe(flood.length)
    viewer.say({ type: 'ack', channel: 1, offset })
    program.prints('after')
    await until(() => viewer.output.toString().endsWith('after'))
    expect(viewer.output.length).toBeLessThan(flood.length)
  })
})

describe('a snapshot', () => {
  it('is asked for once in 3 s, and not waited for longer than that', async () => {
    const clock = fakeClock()
    const session = fakeSession('s1')
    session.prints('x'.repeat(5_000))
    let asked = 0
    const slow = {
      log: session.log,
      snapshot() {
        asked++
        return new Promise<undefined>(() => {})
      },
    }
    const catchUp = createCatchUp({ session: slow, catchUpBytes, clock })
    const first = catchUp.from(0)
    expect(await catchUp.from(0)).toBeUndefined()
    clock.advance(3_000)
    expect(await first).toBeUndefined()
    void catchUp.from(0)
    expect(asked).toBe(2)
    catchUp.close()
    expect(clock.pending).toBe(0)
  })

  it('that is too large for a frame is tried with fewer lines', async () => {
    const session = fakeSession('s1')
    session.prints('x'.repeat(5_000))
    const asked: (number | undefined)[] = []
    const large = {
      log: session.log,
      async snapshot({ scrollbackLines = 0 } = {}) {
        asked.push(scrollbackLines)
        const bytes = Buffer.alloc(scrollbackLines === 0 ? 10 : 1024 * 1024)
        return { cols: 80, rows: 24, offset: 5_000, exact: true, bytes }
      },
    }
    const catchUp = createCatchUp({ session: large, catchUpBytes, clock: fakeClock() })
    expect((await catchUp.from(0))?.bytes.length).toBe(10)
    expect(asked).toEqual([1_000, 200, 0])
  })
})
