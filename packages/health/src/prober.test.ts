import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { fakeClock, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CheckSpec, ProbeResult } from './probe-spec.ts'
import { type WatchOptions, watchProbe } from './prober.ts'
import { echoProcess, nothingMore } from './testing/servers.ts'

/** Lets every promise that can go on do so. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A watch of a function whose answers the test gives. */
function setup(timing: Omit<CheckSpec, 'probe'> = {}, options: WatchOptions = {}) {
  const clock = fakeClock()
  const calls: {
    pass(): Promise<void>
    fail(why?: string): Promise<void>
    readonly signal: AbortSignal
  }[] = []
  const changes: string[] = []
  const results: ProbeResult[] = []
  const run = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      calls.push({
        signal,
        async pass() {
          resolve()
          await settled()
        },
        async fail(why = 'no') {
          reject(new Error(why))
          await settled()
        },
      })
    })
  const watch = watchProbe(
    { periodMs: 10_000, timeoutMs: 2_000, ...timing, probe: { kind: 'function', run } },
    {
      clock,
      onResult: (result) => results.push(result),
      onChange: (next, previous, { message }) => changes.push(`${previous} > ${next}: ${message}`),
      ...options,
    },
  )
  onTestFinished(() => watch.close())
  const call = (index: number) => {
    const found = calls[index]
    if (!found) throw new Error(`there were ${calls.length} calls`)
    return found
  }
  return { clock, calls, call, changes, results, watch }
}

describe('watchProbe', () => {
  it('looks, tells, waits for the period, and looks again', async () => {
    const { clock, calls, call, changes, results, watch } = setup({ initialDelayMs: 500 })
    expect([watch.state, watch.last, watch.failures]).toEqual(['unknown', undefined, 0])
    clock.advance(499)
    expect(calls).toHaveLength(0)
    clock.advance(1)
    clock.advance(1_500)
    await call(0).pass()
    expect(watch.last).toEqual({ status: 'pass', message: '', durationMs: 1_500 })
    expect(changes).toEqual(['unknown > healthy: '])
    clock.advance(9_999)
    expect(calls).toHaveLength(1)
    clock.advance(1)
    await call(1).fail('busy')
    expect([watch.state, watch.failures, watch.last?.message]).toEqual(['healthy', 1, 'busy'])
    expect(results).toHaveLength(2)
  })

  it('never looks twice at a time, and does not call what ignores its limit again', async () => {
    const { clock, calls, call, watch } = setup({ failureThreshold: 2 })
    clock.advance(0)
    clock.advance(2_000)
    await settled()
    expect(watch.last).toMatchObject({ status: 'fail', message: 'no answer within 2000 ms' })
    expect(call(0).signal.aborted).toBe(true)
    clock.advance(10_000)
    clock.advance(2_000)
    await settled()
    expect(calls).toHaveLength(1)
    expect([watch.state, watch.failures]).toEqual(['unhealthy', 2])
    expect(watch.last?.message).toBe(
      'no answer within 2000 ms: the look before this one has not come to its end',
    )
    // It comes to its end at last, which is no result any more, while the next look waits for it.
    clock.advance(10_000)
    await call(0).pass()
    expect(watch.state).toBe('unhealthy')
    expect(calls).toHaveLength(2)
    await call(1).pass()
    expect(watch.state).toBe('healthy')
  })

  it('shares a look that is asked for while one is under way', async () => {
    const { clock, calls, call, watch } = setup()
    clock.advance(0)
    const [first, second] = [watch.runNow(), watch.runNow()]
    await settled()
    expect(calls).toHaveLength(1)
    await call(0).pass()
    expect(await first).toBe(await second)
    expect(await first).toBe(watch.last)
  })

  it('looks at once when it is asked to, also from inside a listener', async () => {
    const asked: Promise<ProbeResult>[] = []
    const { clock, calls, call, watch } = setup(
      { initialDelayMs: 60_000 },
      { onResult: () => void (asked.length < 1 && asked.push(watch.runNow())) },
    )
    const look = watch.runNow()
    await call(0).fail('first')
    expect(await look).toMatchObject({ status: 'fail', message: 'first' })
    expect(calls).toHaveLength(2)
    await call(1).fail('second')
    expect(await asked[0]).toMatchObject({ message: 'second' })
    clock.advance(9_999)
    expect(calls).toHaveLength(2)
  })

  it('calls a look off in a pause, and looks at once after it', async () => {
    const { clock, calls, call, results, watch } = setup()
    clock.advance(0)
    const look = watch.runNow()
    watch.pause()
    expect(call(0).signal.aborted).toBe(true)
    expect(await look).toMatchObject({ status: 'unknown', message: 'called off' })
    await call(0).fail()
    clock.advance(100_000)
    expect([calls.length, results.length, clock.pending]).toEqual([1, 0, 0])
    watch.resume()
    clock.advance(0)
    await call(1).pass()
    expect(watch.state).toBe('healthy')
  })

  it('counts nothing that it missed while the machine slept', async () => {
    const { clock, calls, call, results, watch } = setup({ failureThreshold: 1 })
    clock.advance(0)
    await call(0).pass()
    clock.freeze(8 * 3_600_000)
    clock.advance(0)
    expect(calls).toHaveLength(2)
    // The next sleep comes in the middle of a look: its answer gets its time once more.
    clock.freeze(8 * 3_600_000)
    clock.advance(0)
    await settled()
    expect([watch.state, results.length]).toEqual(['healthy', 1])
    await call(1).pass()
    expect([watch.state, results.length]).toEqual(['healthy', 2])
  })

  it('does not spare a look for ever', async () => {
    const { clock, watch } = setup()
    clock.advance(0)
    clock.freeze(3_600_000)
    clock.advance(0)
    clock.freeze(3_600_000)
    clock.advance(0)
    await settled()
    expect(watch.failures).toBe(1)
  })

  it('is closed for good, by close, by a signal, or at the end of a block', async () => {
    const off = new AbortController()
    const { clock, call, calls, results, watch } = setup({}, { signal: off.signal })
    clock.advance(0)
    off.abort()
    expect(call(0).signal.aborted).toBe(true)
    await call(0).pass()
    watch.resume()
    expect(await watch.runNow()).toMatchObject({ status: 'unknown', message: 'closed' })
    clock.advance(100_000)
    expect([calls.length, results.length, clock.pending]).toEqual([1, 0, 0])
    await watch.close()
    await watch[Symbol.asyncDispose]()

    const never = setup({}, { signal: AbortSignal.abort() })
    never.clock.advance(100_000)
    expect([never.calls.length, never.clock.pending]).toEqual([0, 0])
  })

  it('refuses a timing that is none, and a field that it does not know', () => {
    const watch = (timing: object) => () => setup(timing)
    expect(watch({ periodMs: 0 })).toThrow('[health/BAD_OPTION] check.periodMs is 0')
    expect(watch({ initialDelayMs: -1 })).toThrow('check.initialDelayMs is -1')
    expect(watch({ timeoutMs: Number.NaN })).toThrow('check.timeoutMs is NaN')
    expect(watch({ successThreshold: 0 })).toThrow('check.successThreshold is 0')
    expect(watch({ failureThreshold: 1.5 })).toThrow('check.failureThreshold is 1.5')
    expect(watch({ interval: 5 })).toThrow('check.interval is 5: these are known: probe, initial')
  })

  it('has one timer for each check that waits', () => {
    const clock = fakeClock()
    const probe = { kind: 'unix', path: '/nowhere' } as const
    for (let count = 0; count < 100; count++) {
      const watch = watchProbe({ probe, initialDelayMs: 1_000 }, { clock })
      onTestFinished(() => watch.close())
    }
    expect(clock.pending).toBe(100)
  })

  it('sees a real daemon stop answering and come back, and leaves nothing', async () => {
    const path = join(temporaryFolder(onTestFinished), 's')
    const child = await echoProcess(onTestFinished, path)
    const freed = await nothingMore()
    const seen: string[] = []
    const watch = watchProbe(
      {
        probe: { kind: 'unix', path, send: 'ping', expect: 'ping' },
        ...{ periodMs: 20, timeoutMs: 300, failureThreshold: 2 },
      },
      { onChange: (next) => seen.push(next) },
    )
    await until(() => watch.state === 'healthy')
    child.kill('SIGSTOP')
    await until(() => watch.state === 'unhealthy')
    child.kill('SIGCONT')
    await until(() => watch.state === 'healthy')
    expect(seen).toEqual(['healthy', 'unhealthy', 'healthy'])
    await watch.close()
    await freed()
  })

  it('costs a fraction of a millisecond of processor time for each look, and nothing in between', async () => {
    const path = join(temporaryFolder(onTestFinished), 's')
    const program = `require('node:net').createServer((socket) => socket.on('error', () => {}).resume())
      .listen(${JSON.stringify(path)}, () => console.log('listening'))`
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    let looks = 0
    const watches = Array.from({ length: 100 }, () =>
      watchProbe(
        { probe: { kind: 'unix', path }, periodMs: 100 },
        { onResult: ({ status }) => (looks += status === 'pass' ? 1 : 0) },
      ),
    )
    await until(() => looks >= 500)
    const [from, looksBefore] = [process.cpuUsage(), looks]
    await until(() => looks >= looksBefore + 1_500, { everyMs: 50, timeoutMs: 20_000 })
    const { user, system } = process.cpuUsage(from)
    const usPerLook = (user + system) / (looks - looksBefore)
    await Promise.all(watches.map((watch) => watch.close()))
    // Plain Node takes 100 µs, which is 0.03 % of a processor for 100 checks each 30 s. A busy
    // machine under the test runner takes several times that, and the limit leaves room for it.
    expect(usPerLook).toBeLessThan(1_000)
  })
})
