import type { ProcessJson } from '@conductor/api-types'

/** A process that runs and is well, but for what a test says. */
export function processOf(name: string, over: Partial<ProcessJson> = {}): ProcessJson {
  return {
    name,
    phase: 'running',
    ready: true,
    pid: 42,
    spec: { name, command: 'node' },
    failedHealthChecks: 0,
    restarts: 0,
    lastStateChange: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    adopted: false,
    ...over,
  }
}
