import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { identifySelf } from '@conductor/process-identity'
import { type FakeClock, fakeClock, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type HealthError, isHealthError } from '../health-error.ts'
import type { Beat } from './beat.ts'
import { checkHeartbeat } from './check-heartbeat.ts'
import { createHeartbeat, type Heartbeat, type HeartbeatOptions } from './heartbeat.ts'

interface Setup {
  readonly heartbeat: Heartbeat
  readonly clock: FakeClock
  readonly path: string
  readonly folder: string
  readonly troubles: HealthError[]
  /** The beat in the file, once it has this number. */
  beat(seq: number): Promise<Beat>
}

function setup(options: Partial<HeartbeatOptions> = {}): Setup {
  const folder = temporaryFolder(onTestFinished)
  const path = join(folder, 'daemon.heartbeat')
  const clock = fakeClock()
  const troubles: HealthError[] = []
  const onTrouble = (error: HealthError) => void troubles.push(error)
  const heartbeat = createHeartbeat({ path, clock, onTrouble, ...options })
  onTestFinished(() => heartbeat.close())
  const read = (): Beat => JSON.parse(readFileSync(path, 'utf8'))
  const beat = async (seq: number) => {
    await until(() => read().seq === seq && clock.pending === 1)
    return read()
  }
  return { heartbeat, clock, path, folder, troubles, beat }
}

describe('a heartbeat', () => {
  it('beats at once, and then every 30 seconds', async () => {
    const { clock, beat } = setup()
    expect(await beat(1)).toEqual({
      timestamp: '2026-01-01T00:00:00.000Z',
      pid: process.pid,
      uptime_seconds: 0,
      v: 2,
      seq: 1,
      intervalMs: 30_000,
      identity: identifySelf(),
    })
    clock.advance(29_999)
    expect(clock.pending).toBe(1)
    clock.advance(1)
    expect(await beat(2)).toMatchObject({
      timestamp: '2026-01-01T00:00:30.000Z',
      uptime_seconds: 30,
    })
  })

  it('can be read by everybody and written by its owner alone', async () => {
    const { beat, path } = setup()
    await beat(1)
    expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask())
  })

  it('replaces the file whole: whoever had the old one open still reads the old one', async () => {
    const { beat, path, heartbeat, folder } = setup()
    await beat(1)
    const before = statSync(path).ino
    await heartbeat.beat()
    expect(statSync(path).ino).not.toBe(before)
    expect(readdirSync(folder)).toEqual(['daemon.heartbeat'])
  })

  it('beats once after the program was held up for long, or the machine slept', async () => {
    const { clock, beat } = setup()
    await beat(1)
    clock.freeze(3_600_000)
    clock.suspend(3_600_000)
    clock.advance(0)
    expect(await beat(2)).toMatchObject({ timestamp: '2026-01-01T02:00:00.000Z' })
    expect(clock.pending).toBe(1)
  })

  it.each([-7_200_000, 7_200_000])(
    'is right again with the next beat after the date was set by %i ms, whoever judges it',
    async (jumpMs) => {
      const { clock, beat, path } = setup()
      await beat(1)
      clock.advance(10_000)
      clock.suspend(jumpMs)
      clock.advance(20_000)
      expect(await beat(2)).toMatchObject({ uptime_seconds: 30 })
      expect(await checkHeartbeat(path, { clock })).toMatchObject({
        status: 'HEALTHY',
        age_seconds: 0,
        uptime_seconds: 30,
      })
    },
  )

  it('counts the interval from a beat that was asked for', async () => {
    const { clock, heartbeat, beat } = setup()
    await beat(1)
    clock.advance(20_000)
    await heartbeat.beat()
    clock.advance(20_000)
    expect(await beat(2)).toMatchObject({ uptime_seconds: 20 })
    clock.advance(10_000)
    await beat(3)
  })

  it('answers many calls during a beat with one beat, which has what was reported before', async () => {
    const { heartbeat, beat } = setup()
    heartbeat.progress('build')
    await Promise.all([heartbeat.beat(), heartbeat.beat(), heartbeat.beat()])
    expect(await beat(2)).toMatchObject({ progress: { build: { count: 1 } } })
  })

  it('tells the work that was done, when last, and what is still to be done for the first time', async () => {
    const { heartbeat, clock, beat } = setup({ progress: ['build', 'sweep'] })
    await beat(1)
    clock.advance(10_000)
    heartbeat.progress('build')
    heartbeat.progress('build')
    await heartbeat.beat()
    expect((await beat(2)).progress).toEqual({
      build: { count: 2, timestamp: '2026-01-01T00:00:10.000Z' },
      sweep: { count: 0, timestamp: '2026-01-01T00:00:00.000Z' },
    })
  })

  it('tells what the program says of itself', async () => {
    const { beat } = setup({ status: () => '3 sessions' })
    expect(await beat(1)).toMatchObject({ status: '3 sessions' })
  })

  it('beats although the program cannot say anything', async () => {
    const boom = new Error('boom')
    const { beat, troubles } = setup({
      status: () => {
        throw boom
      },
    })
    expect(await beat(1)).not.toHaveProperty('status')
    expect(troubles).toEqual([expect.objectContaining({ cause: boom })])
  })
})

describe('a heartbeat that cannot write', () => {
  it('reports it, throws nothing from the timer, and beats again when it can', async () => {
    const { clock, beat, folder, troubles } = setup()
    await beat(1)
    rmSync(folder, { recursive: true })
    clock.advance(30_000)
    await until(() => troubles.length === 1 && clock.pending === 1)
    expect(troubles[0]).toMatchObject({ code: 'UNWRITABLE', cause: { code: 'ENOENT' } })
    await mkdir(folder)
    clock.advance(30_000)
    expect(await beat(3)).toMatchObject({ uptime_seconds: 60 })
  })

  it('rejects the call that asked for a beat', async () => {
    const { heartbeat, beat, folder } = setup()
    await beat(1)
    rmSync(folder, { recursive: true })
    await expect(heartbeat.beat()).rejects.toSatisfy((error) => isHealthError(error, 'UNWRITABLE'))
  })

  it('leaves no half-written file beside it', async () => {
    const { heartbeat, beat, path, folder } = setup()
    await beat(1)
    rmSync(path)
    await mkdir(join(path, 'in-the-way'), { recursive: true })
    await expect(heartbeat.beat()).rejects.toThrow('[health/UNWRITABLE]')
    expect(readdirSync(folder)).toEqual(['daemon.heartbeat'])
  })
})

describe('a heartbeat that is closed', () => {
  it('removes its file and its timer, and beats no more', async () => {
    const { heartbeat, clock, beat, folder } = setup()
    await beat(1)
    await heartbeat.close()
    await heartbeat.close()
    expect(readdirSync(folder)).toEqual([])
    expect(clock.pending).toBe(0)
    await expect(heartbeat.beat()).rejects.toSatisfy((error) => isHealthError(error, 'CLOSED'))
  })

  it('waits for the beats that are under way', async () => {
    const { heartbeat, folder, clock } = setup()
    const asked = heartbeat.beat()
    await heartbeat.close()
    await asked
    expect(readdirSync(folder)).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('leaves the file of another process alone', async () => {
    const { heartbeat, beat, path } = setup()
    const first = await beat(1)
    const other = { ...first, identity: { ...first.identity, startTime: '1' } }
    writeFileSync(path, JSON.stringify(other))
    await heartbeat.close()
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(other)
  })
})

it.each([0, 1.5, Number.NaN, 2 ** 31])('an interval of %d ms is refused', (intervalMs) => {
  expect(() => createHeartbeat({ path: 'x', intervalMs })).toThrow('[health/BAD_OPTION] intervalMs')
})

it('no path is refused', () => {
  expect(() => createHeartbeat({ path: '' })).toThrow('[health/BAD_OPTION] path')
})
