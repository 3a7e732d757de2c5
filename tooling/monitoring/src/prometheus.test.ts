import { spawnSync } from 'node:child_process'
import { binary, titled, whyMissing } from '@conductor/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentPath, readDocument } from './documents.ts'
import { metricsOf, unknownMetrics } from './expressions.ts'
import { type Prometheus, startPrometheus } from './prometheus.ts'
import { alertExpressions, panelExpressions } from './rules.ts'
import { type Server, startProcesses, startServer } from './server.ts'

const missing = whyMissing('prometheus', 'promtool')
const ends: (() => void | Promise<void>)[] = []
let server: Server

beforeAll(async () => {
  server = await startServer((end) => ends.push(end))
  await startProcesses((end) => ends.push(end), server)
}, 60_000)

afterAll(async () => {
  for (const end of ends.reverse()) await end()
}, 60_000)

function promtool(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(binary('promtool'), args, {
    input,
    encoding: 'utf8',
  })
  return { status, said: `${stdout}${stderr}` }
}

describe('the documents of monitoring', () => {
  it('have alerts that read only what the server exports', async () => {
    const alerts = alertExpressions(readDocument('monitoring/alerts.yaml'))
    expect(alerts.length).toBeGreaterThan(5)
    const exported = metricsOf(await server.metrics())
    expect(unknownMetrics(Object.values(Object.fromEntries(alerts)), exported)).toEqual([])
  })

  it('have panels that read only what the server exports', async () => {
    const panels = panelExpressions(readDocument('monitoring/grafana.json'))
    expect(panels.length).toBeGreaterThan(10)
    expect(unknownMetrics(panels, metricsOf(await server.metrics()))).toEqual([])
  })

  it('have a test for each alert that says when it fires and when not', () => {
    const tests = readDocument('monitoring/alerts.test.yaml')
    for (const [name] of alertExpressions(readDocument('monitoring/alerts.yaml'))) {
      const cases = tests.split('- alertname: ').filter((part) => part.startsWith(`${name}\n`))
      const quiet = cases.filter((part) => part.includes('exp_alerts: []'))
      expect({ name, fires: cases.length > quiet.length, quiet: quiet.length > 0 }).toEqual({
        ...{ name, fires: true, quiet: true },
      })
    }
  })
})

describe.skipIf(missing !== undefined)(titled('Prometheus', missing), () => {
  let prometheus: Prometheus
  beforeAll(async () => {
    prometheus = await startPrometheus((end) => ends.push(end), server.address)
  }, 60_000)

  it('finds nothing to complain about in what the server exports', async () => {
    const result = promtool(['check', 'metrics'], await server.metrics())
    expect(result).toEqual({ status: 0, said: '' })
  })

  it('takes the alerts, and each fires when its test says so', () => {
    expect(promtool(['check', 'rules', documentPath('monitoring/alerts.yaml')])).toMatchObject({
      status: 0,
      said: expect.stringContaining('SUCCESS'),
    })
    expect(promtool(['test', 'rules', documentPath('monitoring/alerts.test.yaml')])).toMatchObject({
      status: 0,
      said: expect.stringContaining('SUCCESS'),
    })
  })

  it('scrapes the server from its own machine without a login', async () => {
    const [sample] = await prometheus.whenThere('up{job="conductor"} == 1')
    expect(sample?.metric['instance']).toBe(server.address)
    expect((await prometheus.whenThere('conductor_sessions')).length).toBeGreaterThan(1)
  })

  it('knows memory, state and ends of real processes', async () => {
    const [memory] = await prometheus.whenThere(
      'conductor_process_resident_memory_bytes{process="stays"}',
    )
    expect(Number(memory?.value[1])).toBeGreaterThan(50_000)
    const states = await prometheus.whenThere('conductor_process_state == 1')
    expect(
      Object.fromEntries(states.map(({ metric }) => [metric['process'], metric['state']])),
    ).toEqual({ stays: 'running', falls: 'backoff' })
    const [ends] = await prometheus.whenThere('conductor_process_exits_total{process="falls"}')
    expect(ends).toMatchObject({ metric: { cause: 'code' }, value: [expect.anything(), '1'] })
  })

  it('draws every panel, each with data, and can work out every alert', async () => {
    for (const panel of panelExpressions(readDocument('monitoring/grafana.json')))
      await prometheus.whenThere(
        panel.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*'),
      )
    for (const [, alert] of alertExpressions(readDocument('monitoring/alerts.yaml')))
      await prometheus.query(alert)
  })
})
