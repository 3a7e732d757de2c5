import type { MetricFamily, MetricSample } from '@conductor/health'

/** What is counted over the life of the server. */
export interface Counters {
  sentBytes: number
  receivedBytes: number
  readonly logins: Record<'welcome' | 'wrong' | 'locked', number>
}

export interface Gauges {
  readonly sessionsByStatus: Readonly<Record<string, number>>
  readonly viewers: number
  readonly connections: number
  /** Of the link to the apps that need this server. */
  readonly liveness: { readonly state: string; readonly clients: number }
  readonly startedAtSeconds: number
  readonly memoryBytes: number
}

export function createCounters(): Counters {
  return { sentBytes: 0, receivedBytes: 0, logins: { welcome: 0, wrong: 0, locked: 0 } }
}

const STATUSES = ['running', 'stalled', 'unreachable', 'lost']

const LIVENESS_STATES = ['unbound', 'idle', 'connected', 'held', 'grace', 'closing', 'fired']

/** The metrics of the server itself. */
export function serverMetrics(counters: Counters, gauges: Gauges): readonly MetricFamily[] {
  return [
    gauge(
      'conductor_sessions',
      'Sessions in the list, by status.',
      STATUSES.map((status) => ({
        labels: { status },
        value: gauges.sessionsByStatus[status] ?? 0,
      })),
    ),
    gauge('conductor_viewers', 'Viewers attached to sessions.', [{ value: gauges.viewers }]),
    gauge('conductor_connections', 'Open WebSockets and event streams.', [
      { value: gauges.connections },
    ]),
    gauge('conductor_liveness_clients', 'Apps that need this server, and end it when they go.', [
      { value: gauges.liveness.clients },
    ]),
    gauge(
      'conductor_liveness_state',
      'What the liveness link does: 1 for its state.',
      LIVENESS_STATES.map((state) => ({
        labels: { state },
        value: state === gauges.liveness.state ? 1 : 0,
      })),
    ),
    counter('conductor_websocket_sent_bytes_total', 'Bytes given to WebSockets.', [
      { value: counters.sentBytes },
    ]),
    counter('conductor_websocket_received_bytes_total', 'Bytes taken from WebSockets.', [
      { value: counters.receivedBytes },
    ]),
    counter(
      'conductor_logins_total',
      'Tries to log in, by outcome.',
      Object.entries(counters.logins).map(([outcome, value]) => ({ labels: { outcome }, value })),
    ),
    gauge('process_start_time_seconds', 'When the server started, since 1970.', [
      { value: gauges.startedAtSeconds },
    ]),
    gauge('process_resident_memory_bytes', 'Memory of the server.', [
      { value: gauges.memoryBytes },
    ]),
  ]
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'gauge', samples }
}

function counter(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'counter', samples }
}
