import { describe, expect, it } from 'vitest'
import type { CheckReport, HealthReport } from '../health-report.ts'
import { renderHealthJson } from './health-json.ts'
import { renderNagios } from './nagios.ts'
import { renderPlain, renderVerbose } from './verbose.ts'

const db: CheckReport = {
  name: 'db',
  status: 'fail',
  message: 'no answer from 10.0.0.7\n[+]db ok',
  critical: true,
  durationMs: 5000,
  checkedAt: '2026-01-01T00:00:00.000Z',
}
const loop: CheckReport = { ...db, name: 'loop', status: 'pass', message: '', durationMs: 2 }
const bad: HealthReport = {
  kind: 'ready',
  status: 'fail',
  healthy: false,
  reportedAt: '2026-01-01T00:00:01.000Z',
  checks: [
    loop,
    db,
    { ...db, name: 'cache', critical: false },
    { ...db, name: 'queue', status: 'unknown', message: 'was not looked at yet' },
    { ...db, name: 'disk', status: 'warn', message: '91 % full | 9 left' },
  ],
  excluded: ['mail'],
  unmatched: ['nothing'],
}
const good: HealthReport = {
  ...bad,
  ...{ kind: 'live', status: 'pass', healthy: true, checks: [loop], excluded: [], unmatched: [] },
}

describe('for Kubernetes', () => {
  it('a plain answer is ok, or all there is to say', () => {
    expect(renderPlain(good)).toBe('ok')
    expect(renderPlain(bad)).toBe(renderVerbose(bad))
  })

  it('a verbose answer has a line for each check, and withholds reasons', () => {
    expect(renderVerbose(good)).toBe('[+]loop ok\nlivez check passed\n')
    expect(renderVerbose(bad)).toBe(
      [
        '[+]loop ok',
        '[-]db failed: reason withheld',
        '[-]cache failed, not critical: reason withheld',
        '[-]queue unknown: reason withheld',
        '[+]disk warning: reason withheld',
        '[+]mail excluded: ok',
        'warn: some health checks cannot be excluded: no matches for "nothing"',
        'readyz check failed',
        '',
      ].join('\n'),
    )
  })

  it('a reason that is shown cannot look like a line of its own', () => {
    expect(renderVerbose(bad, { reasons: true })).toContain(
      '\n[-]db failed: no answer from 10.0.0.7 [+]db ok\n',
    )
  })
})

describe('as health+json', () => {
  it('an answer has the fields of the draft', () => {
    expect(renderHealthJson(good)).toEqual({
      status: 'pass',
      checks: {
        'loop:responseTime': [
          {
            status: 'pass',
            observedValue: 2,
            observedUnit: 'ms',
            time: '2026-01-01T00:00:00.000Z',
          },
        ],
      },
    })
  })

  it('what is unknown fails, for the draft knows no unknown', () => {
    const { status, checks } = renderHealthJson({ ...bad, status: 'unknown' })
    expect(status).toBe('fail')
    expect(checks['queue:responseTime']).toMatchObject([{ status: 'fail' }])
  })

  it('reasons are shown only when asked for', () => {
    expect(JSON.stringify(renderHealthJson(bad))).not.toContain('10.0.0.7')
    expect(renderHealthJson(bad, { reasons: true }).checks['disk:responseTime']).toMatchObject([
      { output: '91 % full | 9 left' },
    ])
  })
})

describe('for Nagios', () => {
  it('a healthy report is OK and exits with 0', () => {
    expect(renderNagios(good)).toEqual({
      exitCode: 0,
      line: 'OK - live: 1 check passes | loop=0.002s',
    })
  })

  it('a report that is not healthy names what is not, in one line', () => {
    expect(renderNagios(bad)).toEqual({
      exitCode: 2,
      line: 'CRITICAL - ready: db fail, cache fail, queue unknown, disk warn | loop=0.002s db=5s cache=5s queue=5s disk=5s',
    })
  })

  it('exit codes are 0, 1, 2 and 3', () => {
    const codes = (['pass', 'warn', 'fail', 'unknown'] as const).map(
      (status) => renderNagios({ ...bad, status }).exitCode,
    )
    expect(codes).toEqual([0, 1, 2, 3])
  })

  it('neither a reason nor a name can break the line or begin the performance data', () => {
    const { line } = renderNagios(
      { ...bad, checks: [...bad.checks, { ...loop, name: "it's = |\nnew" }] },
      { reasons: true },
    )
    expect(line).not.toContain('\n')
    expect(line.split('|')).toHaveLength(2)
    expect(line).toContain('disk warn (91 % full / 9 left)')
    expect(line).toContain("'it''s _ _ new'=0.002s")
  })
})
