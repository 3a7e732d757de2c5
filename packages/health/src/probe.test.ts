import { join } from 'node:path'
import { fakeClock, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHeartbeat } from './heartbeat/heartbeat.ts'
import { createProbe, runProbe } from './probe.ts'
import type { ProbeSpec } from './probe-spec.ts'
import { nothingMore } from './testing/servers.ts'

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Keeps this thread busy, as a bad loop would. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

describe('function', () => {
  it('passes when it returns, fails with what it throws, at once or later', async () => {
    const run = (run: () => void | Promise<void>) => runProbe({ kind: 'function', run })
    expect(await run(() => {})).toMatchObject({ status: 'pass', message: '' })
    expect(await run(async () => {})).toMatchObject({ status: 'pass' })
    const thrown = () => {
      throw new Error('first line\nno database')
    }
    expect(await run(thrown)).toMatchObject({ status: 'fail', message: 'no database' })
    expect(await run(() => Promise.reject('text'))).toMatchObject({
      status: 'fail',
      message: 'text',
    })
  })

  it('fails at the limit, frees the timer, and hears nothing late', async () => {
    const clock = fakeClock()
    let end = (): void => {}
    const run = () =>
      new Promise<void>((resolve) => {
        end = resolve
      })
    const look = runProbe({ kind: 'function', run }, { clock, timeoutMs: 100 })
    clock.advance(100)
    const result = await look
    end()
    await settled()
    expect(result).toEqual({
      status: 'fail',
      message: 'no answer within 100 ms',
      durationMs: 100,
    })
    expect(clock.pending).toBe(0)
  })

  it('frees the timer and the listener with the result', async () => {
    const clock = fakeClock()
    const { signal } = new AbortController()
    let listeners = 0
    const [add, remove] = [signal.addEventListener, signal.removeEventListener]
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add.apply(signal, args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove.apply(signal, args)
    }
    await runProbe({ kind: 'function', run: () => {} }, { clock, signal })
    expect([clock.pending, listeners]).toEqual([0, 0])
  })
})

describe('heartbeat', () => {
  it('passes for a beat, fails for none and for an old one', async () => {
    const path = join(temporaryFolder(onTestFinished), 'heartbeat')
    const probe = { kind: 'heartbeat', path, maxAgeMs: 60_000 } as const
    expect(await runProbe(probe)).toMatchObject({
      status: 'fail',
      message: 'No heartbeat file found - daemon may not be running',
    })
    const heartbeat = createHeartbeat({ path })
    onTestFinished(async () => void (await heartbeat.close()))
    await until(async () => (await runProbe(probe)).status === 'pass')
    await until(async () => (await runProbe({ ...probe, maxAgeMs: 1 })).status === 'fail')
  })

  it('cannot tell for what cannot be read', async () => {
    const path = temporaryFolder(onTestFinished)
    expect(await runProbe({ kind: 'heartbeat', path })).toMatchObject({ status: 'unknown' })
  })
})

describe('loop-lag', () => {
  it('passes for a free loop and fails after a block, once', async () => {
    const freed = await nothingMore()
    const probe = createProbe({ kind: 'loop-lag', maxMs: 300 })
    expect(await probe()).toMatchObject({ status: 'pass' })
    block(500)
    await until(() => true)
    const { status, message } = await probe()
    expect(status).toBe('fail')
    expect(message).toMatch(/^the event loop was held up for \d{3} ms, at most 300$/)
    expect(await probe()).toMatchObject({ status: 'pass' })
    probe.close()
    await freed()
  })

  it('sees a block between two looks, and one that lasts until the look', async () => {
    const clock = fakeClock()
    const probe = createProbe({ kind: 'loop-lag', maxMs: 500 })
    const look = async () => {
      const result = probe({ clock })
      clock.advance(50)
      return (await result).message
    }
    expect(await look()).toBe('')
    clock.freeze(700)
    clock.advance(10_000)
    expect(await look()).toBe('the event loop was held up for 650 ms, at most 500')
    clock.freeze(2_050)
    const last = probe({ clock })
    clock.advance(0)
    expect((await last).message).toBe('the event loop was held up for 2000 ms, at most 500')
    clock.freeze(500)
    expect(await look()).toBe('')
    probe.close()
    expect(clock.pending).toBe(0)
  })
})

describe('a bad description', () => {
  it.each<[unknown, RegExp]>([
    [undefined, /probe is undefined: pass an object/],
    [{ kind: 'icmp' }, /probe.kind is 'icmp': pass http, tcp, unix, exec/],
    [{ kind: 'toString' }, /probe.kind is 'toString'/],
    [{ kind: 'http', url: 'localhost:80' }, /probe.url is 'localhost:80': pass an http/],
    [{ kind: 'http', url: 'http://x', method: 'get' }, /probe.method is 'get'/],
    [{ kind: 'http', url: 'http://x', headers: { 'a b': 'x' } }, /probe.headers.a b/],
    [{ kind: 'http', url: 'http://x', headers: { a: 'x\n' } }, /probe.headers.a/],
    [{ kind: 'http', url: 'http://x', status: { min: 300, max: 200 } }, /probe.status.max is 200/],
    [{ kind: 'http', url: 'http://x', exepct: 'ok' }, /probe.exepct is 'ok': these are known: url/],
    [{ kind: 'tcp' }, /probe.port is undefined: pass a whole number from 1 to 65535/],
    [{ kind: 'tcp', port: 65_536 }, /probe.port is 65536/],
    [{ kind: 'tcp', port: 1, expect: '' }, /probe.expect is '': pass a text that is not empty/],
    [{ kind: 'unix', path: 'a\0b' }, /probe.path/],
    [{ kind: 'exec', command: 'a\0b' }, /probe.command/],
    [{ kind: 'exec', command: 'a', args: 'b' }, /probe.args is 'b': pass a list/],
    [{ kind: 'exec', command: 'a', args: [1] }, /probe.args\[0\] is 1/],
    [{ kind: 'exec', command: 'a', env: { 'A=': 'b' } }, /a name in probe.env/],
    [{ kind: 'heartbeat', path: 'a', maxAgeMs: 0 }, /probe.maxAgeMs is 0/],
    [{ kind: 'function', run: 'text' }, /probe.run is 'text': pass a function/],
    [{ kind: 'loop-lag', maxMs: 0.5 }, /probe.maxMs is 0.5/],
  ])('%j is refused at construction', (spec, message) => {
    // What a file may hold is of no type.
    expect(() => createProbe(spec as ProbeSpec)).toThrow(message)
    expect(() => createProbe(spec as ProbeSpec)).toThrow(/^\[health\/BAD_OPTION\] /)
  })

  it('is refused for a socket path that the system would cut, with the limit', () => {
    const limit = process.platform === 'linux' ? 108 : 104
    const path = `/${'x'.repeat(limit - 2)}`
    expect(() => createProbe({ kind: 'unix', path })).not.toThrow()
    const message = `takes ${limit + 1} bytes with its NUL, at most ${limit}`
    expect(() => createProbe({ kind: 'unix', path: `${path}x` })).toThrow(message)
    const umlaut = { kind: 'http', url: 'http://x', socketPath: `${path.slice(2)}ü` } as const
    expect(() => createProbe(umlaut)).not.toThrow()
    expect(() => createProbe({ ...umlaut, socketPath: `${path.slice(1)}ü` })).toThrow(message)
  })

  it('is refused for a time limit that is none', () => {
    const probe = createProbe({ kind: 'function', run: () => {} })
    expect(() => probe({ timeoutMs: 0 })).toThrow('timeoutMs is 0')
  })
})
