import { fakeClock } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isHealthError } from './health-error.ts'
import { worstOf } from './health-report.ts'
import type { ProbeResult, ProbeStatus } from './probe-spec.ts'
import { createHealth, type Health, type HealthCheck } from './registry.ts'

function setup(...checks: HealthCheck[]): { health: Health; clock: ReturnType<typeof fakeClock> } {
  const clock = fakeClock()
  const health = createHealth({ clock })
  onTestFinished(() => health.close())
  for (const check of checks) health.add(check)
  return { health, clock }
}

const passes = (): void => {}
const fails = (): void => {
  throw new Error('no answer from 10.0.0.7')
}
const hangs = (): Promise<void> => new Promise(() => {})

/** All that was started runs as far as it can without time passing. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('health', () => {
  it('without checks is a pass: the program answers', async () => {
    expect(await setup().health.check('live')).toEqual({
      kind: 'live',
      status: 'pass',
      healthy: true,
      reportedAt: '2026-01-01T00:00:00.000Z',
      checks: [],
      excluded: [],
      unmatched: [],
    })
  })

  it('tells what each check found, and when', async () => {
    const { health } = setup({ name: 'db', run: fails })
    expect(await health.check('ready')).toMatchObject({
      status: 'fail',
      healthy: false,
      checks: [
        {
          name: 'db',
          status: 'fail',
          message: 'no answer from 10.0.0.7',
          critical: true,
          durationMs: 0,
          checkedAt: '2026-01-01T00:00:00.000Z',
        },
      ],
    })
  })

  it('keeps startup, liveness and readiness apart', async () => {
    const { health } = setup(
      { name: 'loop', kinds: ['live'], run: passes },
      { name: 'migrated', kinds: ['startup', 'ready'], run: fails },
    )
    const names = async (kind: 'startup' | 'live' | 'ready') => {
      const { checks, healthy } = await health.check(kind)
      return [healthy, ...checks.map(({ name }) => name)]
    }
    expect(await names('startup')).toEqual([false, 'migrated'])
    expect(await names('live')).toEqual([true, 'loop'])
    expect(await names('ready')).toEqual([false, 'migrated'])
  })

  it('is degraded, and still healthy, when a check fails that is not critical', async () => {
    const { health } = setup(
      { name: 'db', run: passes },
      { name: 'cache', run: fails, critical: false },
    )
    expect(await health.check('ready')).toMatchObject({ status: 'warn', healthy: true })
  })

  it('leaves out what the caller excludes, and tells what there was not to exclude', async () => {
    const { health } = setup(
      { name: 'db', run: fails },
      { name: 'cache', run: passes },
      { name: 'loop', kinds: ['live'], run: passes },
    )
    expect(await health.check('ready', { exclude: ['db', 'loop', 'x'] })).toMatchObject({
      healthy: true,
      checks: [{ name: 'cache' }],
      excluded: ['db'],
      unmatched: ['loop', 'x'],
    })
  })

  it('is as bad as its worst check, and never healthy when a critical one is unknown', () => {
    const status = fc.constantFrom<ProbeStatus>('pass', 'warn', 'unknown', 'fail')
    const checks = fc.array(fc.record({ status, critical: fc.boolean() }))
    fc.assert(
      fc.property(checks, (checks) => {
        const worst = worstOf(checks)
        const critical = checks.filter((each) => each.critical).map((each) => each.status)
        const healthy = worst === 'pass' || worst === 'warn'
        expect(healthy).toBe(!critical.includes('fail') && !critical.includes('unknown'))
        expect(worst === 'pass').toBe(checks.every((each) => each.status === 'pass'))
      }),
    )
  })
})

describe('a check', () => {
  it('that hangs has failed after its time, and holds nobody up for longer', async () => {
    const { health, clock } = setup(
      { name: 'stuck', run: hangs, timeoutMs: 2_000 },
      { name: 'db', run: passes },
    )
    const asked = health.check('ready')
    await settled()
    clock.advance(2_000)
    expect(await asked).toMatchObject({
      healthy: false,
      checks: [
        { name: 'stuck', status: 'fail', message: 'no answer within 2000 ms' },
        { name: 'db', status: 'pass' },
      ],
    })
    expect(clock.pending).toBe(0)
  })

  it('is told at its time limit that nobody waits any more', async () => {
    let signal: AbortSignal | undefined
    const run = (its: AbortSignal): Promise<void> => {
      signal = its
      return hangs()
    }
    const { health, clock } = setup({ name: 'stuck', run, timeoutMs: 2_000 })
    const asked = health.check('ready')
    await settled()
    expect(signal?.aborted).toBe(false)
    clock.advance(2_000)
    await asked
    expect(signal?.aborted).toBe(true)
  })

  it('is asked once by many at a time, and once a second by many in a row', async () => {
    let asked = 0
    const run = (): void => void asked++
    const { health, clock } = setup({ name: 'db', kinds: ['live', 'ready'], run })
    await Promise.all([health.check('ready'), health.check('ready'), health.check('live')])
    clock.advance(999)
    const { checks } = await health.check('ready')
    expect(asked).toBe(1)
    expect(checks).toMatchObject([{ checkedAt: '2026-01-01T00:00:00.000Z' }])
    clock.advance(1)
    expect((await health.check('ready')).checks).toMatchObject([
      { checkedAt: '2026-01-01T00:00:01.000Z' },
    ])
    expect(asked).toBe(2)
  })

  it('that is removed is asked no more, and its name is free', async () => {
    const { health } = setup({ name: 'db', run: fails })
    expect(health.remove('db')).toBe(true)
    expect(health.remove('db')).toBe(false)
    health.add({ name: 'db', run: passes })
    expect(await health.check('ready')).toMatchObject({ healthy: true })
    await health.close()
    expect((await health.check('ready')).checks).toEqual([])
  })

  it('that is removed holds nothing any more', async () => {
    const { health, clock } = setup({ name: 'loop', probe: { kind: 'loop-lag' } })
    const asked = health.check('ready')
    await settled()
    clock.advance(50)
    await asked
    expect(clock.pending).toBe(1)
    health.remove('loop')
    expect(clock.pending).toBe(0)
  })

  it('can be any probe', async () => {
    const { health } = setup({ name: 'beat', probe: { kind: 'heartbeat', path: '/nowhere' } })
    expect(await health.check('ready')).toMatchObject({
      checks: [{ status: 'fail', message: 'No heartbeat file found - daemon may not be running' }],
    })
  })
})

describe('a watch', () => {
  const last = (status: ProbeStatus, message = ''): ProbeResult => ({
    ...{ status, message, durationMs: 3 },
  })

  it.each([
    ['that has not looked yet is unknown, and so not healthy', 'unknown', undefined, 'unknown'],
    ['of which too few looks are in is unknown', 'unknown', last('pass'), 'unknown'],
    ['is healthy in spite of one bad look', 'healthy', last('fail', 'once'), 'pass'],
    ['is unhealthy in spite of one good look', 'unhealthy', last('pass'), 'fail'],
    ['hands on a warning', 'healthy', last('warn', 'slow'), 'warn'],
  ] as const)('%s', async (_, state, last, status) => {
    const { health } = setup({ name: 'db', watch: { state, last } })
    const report = await health.check('ready')
    expect(report.status).toBe(status)
    expect(report.healthy).toBe(status === 'pass' || status === 'warn')
  })
})

describe('a check is refused', () => {
  it('whose name is there already', () => {
    const { health } = setup({ name: 'db', run: passes })
    const again = (): void => health.add({ name: 'db', kinds: ['live'], run: passes })
    expect(again).toThrow('[health/DUPLICATE_CHECK] db is there already: use another name')
    expect(() => again()).toThrow(expect.toSatisfy((error) => isHealthError(error)))
  })

  it.each<[string, HealthCheck]>([
    ['name is "a b"', { name: 'a b', run: passes }],
    ['name is ""', { name: '', run: passes }],
    ['a has no kinds', { name: 'a', kinds: [], run: passes }],
    ['timeoutMs is 0', { name: 'a', timeoutMs: 0, run: passes }],
    ['cacheMs is -1', { name: 'a', cacheMs: -1, run: passes }],
    // What TypeScript would refuse, and a configuration may hold.
    ['a has the kind alive', { name: 'a', kinds: ['alive' as 'live'], run: passes }],
    ['a: pass one of', { name: 'a' } as HealthCheck],
  ])('with a bad option: %s', (message, check) => {
    expect(() => setup(check)).toThrow(`[health/BAD_OPTION] ${message}`)
  })

  it.each<HealthCheck>([
    { name: 'db', kinds: ['live'], external: true, run: passes },
    {
      name: 'db',
      kinds: ['ready', 'live'],
      probe: { kind: 'tcp', host: 'db.example', port: 5432 },
    },
    { name: 'db', kinds: ['live'], probe: { kind: 'http', url: 'https://db.example/' } },
  ])('that makes liveness depend on another machine: %j', (check) => {
    expect(() => setup(check)).toThrow('[health/BAD_OPTION] db depends on something outside')
    setup({ ...check, kinds: ['ready'] })
    setup({ ...check, external: false })
  })

  it.each<HealthCheck>([
    { name: 'own', kinds: ['live'], probe: { kind: 'tcp', port: 80 } },
    { name: 'own', kinds: ['live'], probe: { kind: 'http', url: 'http://[::1]:80/' } },
    { name: 'own', kinds: ['live'], probe: { kind: 'http', url: 'http://localhost/' } },
    { name: 'own', kinds: ['live'], probe: { kind: 'http', url: 'http://x/', socketPath: '/s' } },
  ])('but not one of this machine: %j', (check) => {
    setup(check)
  })
})
