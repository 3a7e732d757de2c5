import { fakeClock, until } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { fakeSession } from '../testing/fake-session.ts'
import { handOver } from './hand-over.ts'

const READY = '\u001b[?2004h'

function setup(text = 'the task', session = fakeSession('x')) {
  const clock = fakeClock()
  let done = 0
  const stop = handOver({
    session,
    from: session.log.start,
    typed: { text, submit: '\r' },
    ready: { output: READY, timeoutMs: 30_000 },
    clock,
    onDone: () => void done++,
  })
  return { clock, session, stop, typed: () => session.typed.toString(), done: () => done }
}

describe('a prompt', () => {
  it('is typed when the program is ready, and submitted after a pause', async () => {
    const { clock, session, typed, done } = setup()
    session.prints('welcome \u001b[?20')
    clock.advance(1_000)
    expect(typed()).toBe('')
    session.prints('04h> ')
    await until(() => typed() === 'the task')
    await until(() => clock.pending === 1)
    clock.advance(299)
    await new Promise((resolve) => setImmediate(resolve))
    expect(typed()).toBe('the task')
    clock.advance(1)
    await until(() => done() === 1)
    expect(typed()).toBe('the task\r')
    expect(clock.pending).toBe(0)
  })

  it('is typed in the end to one that never says that it is ready', async () => {
    const { clock, typed } = setup()
    clock.advance(29_999)
    expect(typed()).toBe('')
    clock.advance(1)
    await until(() => typed() === 'the task')
  })

  it('of any length is typed once, though the server was followed by another in the middle', async () => {
    const session = fakeSession('x')
    const text = 'x'.repeat(200_000)
    const first = setup(text, session)
    session.prints(READY)
    await until(() => first.clock.pending === 1)
    first.stop()
    const second = setup(text, session)
    await until(() => second.clock.pending === 1)
    second.clock.advance(300)
    await until(() => second.done() === 1)
    expect(second.typed()).toBe(`${text}\r`)
    const third = setup(text, session)
    await until(() => third.done() === 1)
    expect(third.typed()).toBe(`${text}\r`)
    expect(first.done()).toBe(0)
  })

  it('whose arrival nobody can tell is sent again, and typed once', async () => {
    const { clock, session, typed, done } = setup()
    const { input } = session
    let lost = 0
    session.input = async (each) => {
      await input(each)
      if (lost++ === 0) throw Object.assign(new Error('the link dropped'), { code: 'UNREACHABLE' })
    }
    session.prints(READY)
    for (let i = 0; i < 2; i++) {
      await until(() => clock.pending === 1)
      clock.advance(1_000)
    }
    await until(() => done() === 1)
    expect(typed()).toBe('the task\r')
  })

  it('is forgotten with its program', () => {
    const { clock, session, typed } = setup()
    session.exits(1)
    expect(clock.pending).toBe(0)
    session.prints(READY)
    expect(typed()).toBe('')
  })
})
