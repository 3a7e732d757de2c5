import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@conductor/machine'
import { identifySelf } from '@conductor/process-identity'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ran } from '../testing/run.ts'

/** A state folder whose heartbeat is so old, of a process that lives unless `pid` says otherwise. */
function beating(ageSeconds: number, over: object = {}): string {
  const dir = temporaryFolder(onTestFinished)
  const identity = identifySelf()
  const timestamp = new Date(systemClock.date() - ageSeconds * 1_000).toISOString()
  const beat = { timestamp, pid: identity.pid, uptime_seconds: 5_400, v: 2, identity, ...over }
  writeFileSync(join(dir, 'daemon.heartbeat'), JSON.stringify(beat))
  return dir
}

const dead = () => ({ ...{ pid: spawnSync('true').pid, identity: undefined } })

describe('check', () => {
  it.each([
    [15, 0, /^OK - Last heartbeat 1[56]s ago \| age=1[56]s;60;120;0 uptime=5400s\n$/],
    [70, 1, /^WARNING - .* \| age=7[01]s;60;120;0/],
    [130, 2, /^CRITICAL - .* \| age=13[01]s;60;120;0/],
  ])('of a beat %i s old exits %i with one line', async (age, code, line) => {
    const { out, err, exitCode } = await ran('/', ['check', beating(age)])
    expect([exitCode, err]).toEqual([code, ''])
    expect(out).toMatch(line)
  })

  it('takes other thresholds, and a wrong one is unknown', async () => {
    const dir = beating(15)
    const wide = await ran('/', ['check', dir, '--warning', '5', '--critical', '100'])
    expect(wide).toMatchObject({ exitCode: 1, out: expect.stringContaining(';5;100;0') })
    const wrong = await ran('/', ['check', dir, '--warning', 'soon'])
    expect(wrong).toMatchObject({ exitCode: 3, out: expect.stringMatching(/^UNKNOWN - --warning/) })
  })

  it('is critical for a process that is gone, however fresh its beat, and where there is no file', async () => {
    expect(await ran('/', ['check', beating(1, dead())])).toMatchObject({
      exitCode: 2,
      out: expect.stringMatching(/^CRITICAL - .*is gone/),
    })
    const nothing = temporaryFolder(onTestFinished)
    expect((await ran('/', ['check', nothing])).exitCode).toBe(2)
  })

  it('prints JSON for programs, and looks into the state folder unless told', async () => {
    const env = { AI_CONDUCTOR_STATE_DIR: beating(1) }
    const { out, exitCode } = await ran('/', ['check', '--json'], { env })
    expect(exitCode).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      healthy: true,
      exit_code: 0,
      line: /* */ expect.any(String),
    })
  })
})

describe('daemon-status', () => {
  it('prints what the document prints, and exits 0', async () => {
    const { out, exitCode } = await ran('/', ['daemon-status', beating(15)])
    expect(exitCode).toBe(0)
    expect(out).toMatch(
      /^✅ Daemon Status: HEALTHY\nMessage: Last heartbeat 1[56]s ago\nPID: \d+\nUptime: 1h 30m\n$/,
    )
  })

  it('exits 1 for a stale beat, one from the future, a process that is gone, and no file', async () => {
    for (const dir of [beating(61), beating(-3_600), beating(1, dead())]) {
      const { out, exitCode } = await ran('/', ['daemon-status', dir])
      expect([exitCode, out]).toEqual([1, expect.stringContaining('Run: conductor serve')])
    }
    const nothing = temporaryFolder(onTestFinished)
    expect((await ran('/', ['daemon-status', nothing])).exitCode).toBe(1)
  })

  it('exits 3 for a file that cannot be judged, and prints JSON for programs', async () => {
    const dir = temporaryFolder(onTestFinished)
    writeFileSync(join(dir, 'daemon.heartbeat'), '{"timestamp":')
    const { out, exitCode } = await ran('/', ['daemon-status', dir, '--json'])
    expect(exitCode).toBe(3)
    expect(JSON.parse(out)).toMatchObject({ status: 'ERROR', healthy: false })
  })
})
