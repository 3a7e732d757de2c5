import { execFileSync } from 'node:child_process'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifySelf, type ProcessReaders } from '@conductor/process-identity'
import { fakeClock, temporaryFolder } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkHeartbeat, type HeartbeatCheckOptions } from './check-heartbeat.ts'
import type { DaemonStatus } from './daemon-status.ts'

/** What the fake clock says at 0. */
const NOW = '2026-01-01T00:00:00.000Z'
const clock = fakeClock()

function file(content: unknown): string {
  const path = join(temporaryFolder(onTestFinished), 'daemon.heartbeat')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function at(ageMs: number): string {
  return new Date(Date.parse(NOW) - ageMs).toISOString()
}

const ours = { pid: process.pid, uptime_seconds: 5400, identity: identifySelf() }

async function judged(
  fields: Record<string, unknown>,
  options: HeartbeatCheckOptions = {},
): Promise<DaemonStatus> {
  return checkHeartbeat(file({ timestamp: NOW, ...ours, ...fields }), { clock, ...options })
}

describe('a daemon', () => {
  it('is healthy with a fresh beat of a living process', async () => {
    expect(await judged({ timestamp: at(15_000), status: '3 sessions' })).toEqual({
      status: 'HEALTHY',
      healthy: true,
      message: 'Last heartbeat 15s ago',
      pid: process.pid,
      uptime_seconds: 5400,
      last_heartbeat: '2025-12-31T23:59:45.000Z',
      age_seconds: 15,
      detail: '3 sessions',
    })
  })

  it('is unhealthy without a file', async () => {
    expect(await checkHeartbeat('/nowhere/daemon.heartbeat')).toEqual({
      status: 'UNHEALTHY',
      healthy: false,
      message: 'No heartbeat file found - daemon may not be running',
      reason: 'missing',
    })
  })

  it('is healthy at exactly 60 seconds, and unhealthy after', async () => {
    expect(await judged({ timestamp: at(60_000) })).toMatchObject({ status: 'HEALTHY' })
    expect(await judged({ timestamp: at(60_001) })).toMatchObject({ status: 'UNHEALTHY' })
    expect(await judged({ timestamp: at(75_000) })).toEqual({
      status: 'UNHEALTHY',
      healthy: false,
      reason: 'stale',
      message: 'Last heartbeat 75s ago (threshold: 60s)',
      pid: process.pid,
      last_heartbeat: '2025-12-31T23:58:45.000Z',
      age_seconds: 75,
    })
  })

  it('is unhealthy when its process is gone, however fresh the beat', async () => {
    // Our own pid, of a process that started at another time: the pid was given away again.
    const identity = { ...identifySelf(), startTime: '1' }
    expect(await judged({ identity })).toMatchObject({
      status: 'UNHEALTHY',
      reason: 'dead',
      message: `Process ${process.pid} is gone, last heartbeat 0s ago`,
    })
  })

  it('is judged by its beats where nobody can tell whether its process lives', async () => {
    const identity = { ...identifySelf(), pidNamespace: 'pid:[1]', startTime: '1' }
    expect(await judged({ identity })).toMatchObject({ status: 'HEALTHY' })
    expect(await judged({ identity, timestamp: at(90_000) })).toMatchObject({ reason: 'stale' })
  })

  it('is unhealthy with a beat from the future, clocks that differ a little apart', async () => {
    expect(await judged({ timestamp: at(-5_000) })).toMatchObject({
      status: 'HEALTHY',
      message: 'Last heartbeat 0s ago',
    })
    expect(await judged({ timestamp: at(-18_000_000) })).toMatchObject({
      status: 'UNHEALTHY',
      reason: 'future',
      message: 'Last heartbeat is 18000s in the future',
    })
  })

  it('is unhealthy when it beats and does no work, if that is asked for', async () => {
    const progress = { build: { count: 7, timestamp: at(130_000) } }
    const maxProgressAgeMs = { build: 120_000 }
    expect(await judged({ progress })).toMatchObject({ healthy: true })
    expect(await judged({ progress }, { maxProgressAgeMs })).toMatchObject({
      status: 'UNHEALTHY',
      reason: 'stuck',
      message: 'No progress of build for 130s (threshold: 120s)',
    })
    expect(await judged({ progress }, { maxProgressAgeMs: { build: 130_000 } })).toMatchObject({
      healthy: true,
    })
    expect(await judged({ progress }, { maxProgressAgeMs: { sweep: 1 } })).toMatchObject({
      message: 'No progress is reported of sweep',
    })
  })
})

describe('a beat of the original format', () => {
  const legacy = { pid: process.pid, uptime_seconds: 3600 }

  it('is read, and its pid is not believed when nobody has it', async () => {
    expect(await checkHeartbeat(file({ timestamp: NOW, ...legacy }), { clock })).toMatchObject({
      status: 'HEALTHY',
      uptime_seconds: 3600,
    })
    expect(
      await checkHeartbeat(file({ timestamp: NOW, ...legacy, pid: 2 ** 22 + 1 }), { clock }),
    ).toMatchObject({ status: 'UNHEALTHY', reason: 'dead' })
  })

  it('without a zone is dated by its file, not by a guess', async () => {
    const path = file({ timestamp: '2024-01-15T10:30:45.123456', ...legacy })
    const writtenS = Date.parse(at(20_000)) / 1000
    utimesSync(path, writtenS, writtenS)
    expect(await checkHeartbeat(path, { clock })).toMatchObject({
      message: 'Last heartbeat 20s ago',
      last_heartbeat: at(20_000),
    })
  })

  it.each(['2026-01-01T05:29:50+05:30', '2025-12-31 18:59:50.000000-0500', '2025-12-31T23:59:50Z'])(
    'with a zone is dated by itself: %s',
    async (timestamp) => {
      expect(await judged({ timestamp })).toMatchObject({ message: 'Last heartbeat 10s ago' })
    },
  )
})

describe('a file that is no heartbeat', () => {
  it.each([
    ['', 'the heartbeat file is not JSON'],
    ['{"timestamp": "2026-01-01T00:00:00Z", "pi', 'the heartbeat file is not JSON'],
    ['[]', 'the heartbeat file holds no JSON object'],
    ['null', 'the heartbeat file holds no JSON object'],
    ['{}', 'the heartbeat file has no usable timestamp'],
    ['{"timestamp":"2026-01-01T00:00:00Z"}', 'the heartbeat file has no usable pid'],
    ['{"timestamp":"2026-01-01T00:00:00Z","pid":-1}', 'the heartbeat file has no usable pid'],
    [
      '{"timestamp":"2026-01-01T00:00:00Z","pid":1,"identity":{"pid":1}}',
      'the heartbeat file has no usable identity',
    ],
    [
      JSON.stringify({ timestamp: NOW, ...ours, pid: process.ppid }),
      'the heartbeat file has no usable identity',
    ],
    ['{"timestamp":"2026-13-41T00:00:00","pid":1}', 'the heartbeat file has no usable timestamp'],
  ])('cannot be judged: %s', async (content, problem) => {
    expect(await checkHeartbeat(file(content), { clock })).toEqual({
      status: 'ERROR',
      healthy: false,
      reason: 'unreadable',
      message: `Error checking health: ${problem}`,
    })
  })

  it('cannot be judged where a folder, a pipe or an endless device is in its place', async () => {
    const folder = temporaryFolder(onTestFinished)
    mkdirSync(join(folder, 'folder'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    for (const path of [join(folder, 'folder'), join(folder, 'pipe'), '/dev/zero'])
      expect(await checkHeartbeat(path)).toMatchObject({
        status: 'ERROR',
        message: 'Error checking health: the heartbeat file is not a regular file',
      })
  })

  it('cannot be judged where it is endlessly long', async () => {
    const path = file(`${JSON.stringify({ timestamp: NOW, ...ours })}${' '.repeat(70_000)}`)
    expect(await checkHeartbeat(path, { clock })).toMatchObject({ status: 'ERROR' })
  })

  it('is never healthy, and never an exception, whatever is in it', async () => {
    const path = file('')
    const whole = JSON.stringify({ timestamp: NOW, ...ours })
    const torn = fc.nat(whole.length - 1).map((length) => whole.slice(0, length))
    const others = fc.record(
      { timestamp: fc.anything(), pid: fc.anything(), identity: fc.anything() },
      { requiredKeys: [] },
    )
    const garbage = fc.oneof(
      torn,
      fc.string(),
      fc.json(),
      others.map((each) =>
        JSON.stringify(each, (_, value) => (typeof value === 'bigint' ? 0 : value)),
      ),
    )
    await fc.assert(
      fc.asyncProperty(garbage, async (content) => {
        writeFileSync(path, content)
        expect(await checkHeartbeat(path, { clock })).toMatchObject({ healthy: false })
      }),
      { numRuns: 500 },
    )
  })

  it('is told from a machine that answers nothing', async () => {
    const readers = new Proxy({} as ProcessReaders, {
      get: () => () => {
        throw new Error('no answer')
      },
    })
    expect((await judged({}, { readers })).status).not.toBe('UNHEALTHY')
  })
})

it.each([{ maxAgeMs: 0 }, { clockSkewMs: -1 }, { maxProgressAgeMs: { build: Number.NaN } }])(
  'refuses %j',
  async (options) => {
    await expect(checkHeartbeat('x', options)).rejects.toThrow('[health/BAD_OPTION]')
  },
)
