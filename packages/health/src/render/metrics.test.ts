import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HealthReport } from '../health-report.ts'
import type { DaemonStatus } from '../heartbeat/daemon-status.ts'
import { parseExposition } from '../testing/exposition.ts'
import { type MetricFamily, renderMetrics } from './metrics.ts'
import { daemonMetrics, healthMetrics, renderPrometheus } from './prometheus.ts'

const restarts: MetricFamily = {
  name: 'conductor_restarts_total',
  help: 'How often a process was started again.',
  type: 'counter',
  samples: [
    { labels: { reason: 'signal', process: 'web' }, value: 3 },
    { labels: { process: 'a "b"\\c\nd', reason: '' }, value: 0 },
  ],
}

const report: HealthReport = {
  kind: 'ready',
  status: 'fail',
  healthy: false,
  reportedAt: '2026-01-01T00:00:01.000Z',
  checks: [
    {
      ...{ name: 'db', status: 'fail', message: 'secret', critical: true, durationMs: 12 },
      checkedAt: '2026-01-01T00:00:00.500Z',
    },
    { name: 'watch', status: 'unknown', message: '', critical: true, durationMs: 0 },
  ],
  excluded: [],
  unmatched: [],
}

const daemon: DaemonStatus = {
  status: 'HEALTHY',
  healthy: true,
  message: 'Last heartbeat 15s ago',
  pid: 12345,
  uptime_seconds: 60.5,
  last_heartbeat: '2026-01-01T00:00:00.000Z',
  age_seconds: 15,
}

describe('metrics', () => {
  it('are written with their help, type, sorted labels and escapes', () => {
    expect(renderMetrics([restarts])).toBe(
      [
        '# HELP conductor_restarts_total How often a process was started again.',
        '# TYPE conductor_restarts_total counter',
        'conductor_restarts_total{process="web",reason="signal"} 3',
        'conductor_restarts_total{process="a \\"b\\"\\\\c\\nd",reason=""} 0',
        '',
      ].join('\n'),
    )
  })

  it('without samples are left out', () => {
    expect(renderMetrics([{ ...restarts, samples: [] }])).toBe('')
  })

  it('are valid, and come back as they went, whatever is in help, labels and values', () => {
    const name = fc
      .stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/)
      .filter((each) => !each.endsWith('_total'))
    const labels = fc.dictionary(
      fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,5}$/),
      fc.string({ unit: 'binary' }),
    )
    const samples = fc.uniqueArray(fc.record({ labels, value: fc.double() }), {
      minLength: 1,
      selector: ({ labels }) => JSON.stringify(Object.entries(labels).sort()),
    })
    const family = fc.record({
      ...{ name, samples, help: fc.string({ unit: 'binary' }) },
      type: fc.constant('gauge' as const),
    })
    const families = fc.uniqueArray(family, { selector: (each) => each.name })
    fc.assert(
      fc.property(families, (families) => {
        const parsed = parseExposition(renderMetrics(families))
        expect([...parsed.keys()]).toEqual(families.map((each) => each.name))
        for (const { name, help, samples } of families) {
          expect(parsed.get(name)?.help).toBe(help)
          // -0 is written as 0.
          expect(parsed.get(name)?.samples).toEqual(
            samples.map(({ labels, value }) => ({ labels: { ...labels }, value: value + 0 })),
          )
        }
      }),
      { numRuns: 50 },
    )
  })

  const { name } = restarts
  it.each<[string, MetricFamily[]]>([
    ['"a-b" is no name', [{ ...restarts, name: 'a-b' }]],
    ['conductor_restarts_total is there twice', [restarts, restarts]],
    ['a_total is a gauge', [{ ...restarts, name: 'a_total', type: 'gauge' }]],
    ['a is a counter', [{ ...restarts, name: 'a' }]],
    [
      `${name}{a="1",b="2"} is there twice`,
      [
        {
          ...restarts,
          samples: [
            { labels: { a: '1', b: '2' }, value: 1 },
            { labels: { b: '2', a: '1' }, value: 1 },
          ],
        },
      ],
    ],
    [
      `${name} has the label "__a"`,
      [{ ...restarts, samples: [{ labels: { __a: '' }, value: 1 }] }],
    ],
    [
      `${name} has the label "a b"`,
      [{ ...restarts, samples: [{ labels: { 'a b': '' }, value: 1 }] }],
    ],
    [`${name} is -1`, [{ ...restarts, samples: [{ value: -1 }] }]],
    [`${name} is NaN`, [{ ...restarts, samples: [{ value: Number.NaN }] }]],
  ])('are refused where they would not be valid: %s', (message, families) => {
    expect(() => renderMetrics(families)).toThrow(`[health/BAD_OPTION] ${message}`)
  })
})

describe('health as metrics', () => {
  it('says of each check which status it has, how long it took and when', () => {
    expect(renderPrometheus([report])).toBe(
      [
        '# HELP conductor_health Whether the answer to this question is yes: 1 healthy, 0 not.',
        '# TYPE conductor_health gauge',
        'conductor_health{kind="ready"} 0',
        '# HELP conductor_health_check_status What each check has found: 1 for the status it has, 0 for the others.',
        '# TYPE conductor_health_check_status gauge',
        'conductor_health_check_status{check="db",kind="ready",status="pass"} 0',
        'conductor_health_check_status{check="db",kind="ready",status="warn"} 0',
        'conductor_health_check_status{check="db",kind="ready",status="fail"} 1',
        'conductor_health_check_status{check="db",kind="ready",status="unknown"} 0',
        'conductor_health_check_status{check="watch",kind="ready",status="pass"} 0',
        'conductor_health_check_status{check="watch",kind="ready",status="warn"} 0',
        'conductor_health_check_status{check="watch",kind="ready",status="fail"} 0',
        'conductor_health_check_status{check="watch",kind="ready",status="unknown"} 1',
        '# HELP conductor_health_check_duration_seconds How long the last look of each check took.',
        '# TYPE conductor_health_check_duration_seconds gauge',
        'conductor_health_check_duration_seconds{check="db",kind="ready"} 0.012',
        'conductor_health_check_duration_seconds{check="watch",kind="ready"} 0',
        '# HELP conductor_health_check_timestamp_seconds When each check looked last, in seconds since 1970.',
        '# TYPE conductor_health_check_timestamp_seconds gauge',
        'conductor_health_check_timestamp_seconds{check="db",kind="ready"} 1767225600.5',
        '',
      ].join('\n'),
    )
  })

  it('says of a daemon whether it is healthy, when it beat and when it started', () => {
    const parsed = parseExposition(renderMetrics(daemonMetrics(daemon, { prefix: 'devloop' })))
    expect([...parsed].map(([name, { samples }]) => [name, samples[0]?.value])).toEqual([
      ['devloop_daemon_health', 1],
      ['devloop_daemon_heartbeat_timestamp_seconds', 1_767_225_600],
      ['devloop_daemon_start_time_seconds', 1_767_225_539.5],
    ])
  })

  it('says of a daemon without a file only that it is not healthy', () => {
    const missing = { status: 'UNHEALTHY', healthy: false, message: '', reason: 'missing' } as const
    const parsed = parseExposition(renderMetrics(daemonMetrics(missing)))
    expect([...parsed.keys()]).toEqual(['conductor_daemon_health'])
    expect(parsed.get('conductor_daemon_health')?.samples).toEqual([{ labels: {}, value: 0 }])
  })
})

const hasPromtool = spawnSync('promtool', ['--version']).status === 0

describe('promtool', () => {
  // It comes with Prometheus: `apt-get install prometheus`.
  it.skipIf(!hasPromtool)(
    'finds nothing to complain about (skipped: promtool is not installed)',
    () => {
      const strange = fc.sample(fc.string({ unit: 'binary' }), 500)
      const input = renderMetrics([
        restarts,
        {
          ...{ name: 'conductor_strange', help: 'Any text "at" \\ all.\nReally.', type: 'gauge' },
          samples: [...new Set(strange)].map((text) => ({ labels: { text }, value: 1 })),
        },
        ...healthMetrics([report, { ...report, kind: 'live' }]),
        ...daemonMetrics(daemon),
      ])
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input })
      expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' })
    },
  )
})
