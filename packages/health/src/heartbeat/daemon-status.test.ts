import { describe, expect, it } from 'vitest'
import { type DaemonStatus, daemonExitCode, renderDaemonStatus } from './daemon-status.ts'

const healthy: DaemonStatus = {
  status: 'HEALTHY',
  healthy: true,
  message: 'Last heartbeat 15s ago',
  pid: 12345,
  uptime_seconds: 5400.9,
  last_heartbeat: '2026-01-01T00:00:00.000Z',
  age_seconds: 15,
}
const unhealthy: DaemonStatus = {
  status: 'UNHEALTHY',
  healthy: false,
  message: 'Last heartbeat 75s ago (threshold: 60s)',
  reason: 'stale',
  pid: 12345,
}
const unreadable: DaemonStatus = {
  status: 'ERROR',
  healthy: false,
  message: 'Error checking health: the heartbeat file is not JSON',
  reason: 'unreadable',
}

describe('a printed status', () => {
  it('of a healthy daemon is the one of the guide', () => {
    expect(renderDaemonStatus(healthy)).toBe(
      '✅ Daemon Status: HEALTHY\nMessage: Last heartbeat 15s ago\nPID: 12345\nUptime: 1h 30m\n',
    )
  })

  it('of an unhealthy one says what to do', () => {
    expect(renderDaemonStatus(unhealthy, 'conductor stop && conductor start')).toBe(
      [
        '❌ Daemon Status: UNHEALTHY',
        'Message: Last heartbeat 75s ago (threshold: 60s)',
        'PID: 12345',
        '',
        'Daemon may need to be restarted',
        'Run: conductor stop && conductor start',
        '',
      ].join('\n'),
    )
  })

  it('of one that cannot be judged says so', () => {
    expect(renderDaemonStatus(unreadable)).toBe(
      [
        '⚠️ Daemon Status: ERROR',
        'Message: Error checking health: the heartbeat file is not JSON',
        '',
        'Daemon may need to be restarted',
        '',
      ].join('\n'),
    )
  })
})

it('the exit code is 0, 1 or 3', () => {
  expect([healthy, unhealthy, unreadable].map(daemonExitCode)).toEqual([0, 1, 3])
})
