import { describe, expect, it } from 'vitest'
import type { DaemonStatus } from '../heartbeat/daemon-status.ts'
import { nagiosCheck } from './nagios.ts'

/** What a check says of a beat of this age. */
function beatAt(age_seconds: number): DaemonStatus {
  const facts = { pid: 12345, last_heartbeat: '2026-01-01T00:00:00.000Z', age_seconds }
  return age_seconds <= 60
    ? { status: 'HEALTHY', healthy: true, message: '', uptime_seconds: 5400.7, ...facts }
    : { status: 'UNHEALTHY', healthy: false, message: '', reason: 'stale', ...facts }
}

describe('the Nagios check', () => {
  it('says what the script of the guide says, and performance data', () => {
    expect(nagiosCheck(beatAt(15.9))).toEqual({
      exitCode: 0,
      line: 'OK - Last heartbeat 15s ago | age=15s;60;120;0 uptime=5400s',
    })
  })

  it.each([
    [60, 0, 'OK - Last heartbeat 60s ago'],
    [60.9, 0, 'OK - Last heartbeat 60s ago'],
    [61, 1, 'WARNING - Last heartbeat 61s ago'],
    [120, 1, 'WARNING - Last heartbeat 120s ago'],
    [121, 2, 'CRITICAL - Last heartbeat 121s ago'],
    [-2, 0, 'OK - Last heartbeat 0s ago'],
  ])('a beat %d s old exits with %d', (age, exitCode, text) => {
    const result = nagiosCheck(beatAt(age))
    expect(result.exitCode).toBe(exitCode)
    expect(result.line.split(' | ')[0]).toBe(text)
  })

  it('is critical without a file', () => {
    const missing: DaemonStatus = {
      ...{ status: 'UNHEALTHY', healthy: false, reason: 'missing' },
      message: 'No heartbeat file found - daemon may not be running',
    }
    expect(nagiosCheck(missing)).toEqual({
      exitCode: 2,
      line: 'CRITICAL - No heartbeat file found',
    })
  })

  it.each(['dead', 'future', 'stuck'] as const)(
    'is critical, however fresh the beat, when the daemon is %s',
    (reason) => {
      const daemon = {
        ...beatAt(1),
        status: 'UNHEALTHY',
        healthy: false,
        reason,
        message: 'Why',
      } as const
      expect(nagiosCheck(daemon)).toMatchObject({
        exitCode: 2,
        line: expect.stringMatching(/^CRITICAL - Why \| age=1s;60;120;0/),
      })
    },
  )

  it('is unknown when the file cannot be judged', () => {
    const message = 'Error checking health: EACCES | no'
    expect(nagiosCheck({ status: 'ERROR', healthy: false, reason: 'unreadable', message })).toEqual(
      { exitCode: 3, line: 'UNKNOWN - Error checking health: EACCES / no' },
    )
  })

  it.each([
    ['10', [0, 10], [11]],
    ['10:', [10, 99], [9]],
    ['~:10', [0, 10], [11]],
    [':10', [0, 10], [11]],
    ['10:20', [10, 20], [9, 21]],
    ['@10:20', [9, 21], [10, 20]],
    ['2.5', [2], [3]],
  ])('knows the range %s', (warning, quiet, alerts) => {
    const codes = (ages: number[]): number[] =>
      ages.map((age) => nagiosCheck(beatAt(age), { warning, critical: '1000' }).exitCode)
    expect(codes(quiet)).toEqual(quiet.map(() => 0))
    expect(codes(alerts)).toEqual(alerts.map(() => 1))
  })

  it.each(['', '@', 'x', '20:10', '1;2', '10:20:30', '10 ', '1e3'])(
    'refuses the range "%s"',
    (range) => {
      expect(() => nagiosCheck(beatAt(1), { critical: range })).toThrow(
        `[health/BAD_OPTION] critical is "${range}"`,
      )
    },
  )
})
