import { renderMetrics } from '@conductor/health'
import { expect, it } from 'vitest'
import { fakeManager } from '../testing/fake-manager.ts'
import { createProcessMetrics } from './process-metrics.ts'

it('tells the state of each process, its moments, and its ends by cause', async () => {
  const manager = fakeManager()
  const metrics = createProcessMetrics(manager)
  await manager.add({ name: 'web', command: 'x' })
  await manager.start('web')
  manager.change('web', { startedAt: 5_500, usage: { rssBytes: 9, processes: 1 }, restarts: 3 })
  manager.dies('web')
  manager.dies('web', { exit: { kind: 'code', code: 0 } })
  manager.dies('web', { exit: { kind: 'signal', signal: 'SIGKILL' } })
  manager.dies('web', { exit: { kind: 'signal', signal: 'SIGSEGV' } })
  await manager.add({ name: 'db', command: 'x' })
  manager.change('db', { phase: 'backoff', state: 'error', nextTryAt: 9_000 })

  const lines = renderMetrics(metrics.families()).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'conductor_process_state{process="web",state="running"} 1',
      'conductor_process_state{process="web",state="backoff"} 0',
      'conductor_process_state{process="db",state="backoff"} 1',
      'conductor_process_up{process="web"} 1',
      'conductor_process_up{process="db"} 0',
      'conductor_process_ready{process="web"} 1',
      'conductor_process_restarts_total{process="web"} 3',
      'conductor_process_exits_total{cause="code",process="web"} 1',
      'conductor_process_exits_total{cause="clean",process="web"} 1',
      'conductor_process_exits_total{cause="signal",process="web"} 2',
      'conductor_process_start_time_seconds{process="web"} 5.5',
      'conductor_process_backoff_until_timestamp_seconds{process="db"} 9',
      'conductor_process_resident_memory_bytes{process="web"} 9',
    ]),
  )
  expect(lines.filter((line) => line.startsWith('conductor_process_cpu_percent{'))).toEqual([])

  await manager.remove('web')
  expect(renderMetrics(metrics.families())).not.toContain('"web"')
  metrics.close()
})
