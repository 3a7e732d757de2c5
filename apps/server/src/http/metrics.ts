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
  readonly startedAtSeconds: number
  readonly memoryBytes: number
}

export function createCounters(): Counters {
  return { sentBytes: 0, receivedBytes: 0, logins: { welcome: 0, wrong: 0, locked: 0 } }
}

type Sample = readonly [labels: string, value: number]

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/ version 0.0.4 */
export function renderMetrics(counters: Counters, gauges: Gauges): string {
  const statuses = ['running', 'stalled', 'unreachable', 'lost']
  return [
    metric('conductor_sessions', 'gauge', 'Sessions in the list, by status.', [
      ...statuses.map((s): Sample => [`{status="${s}"}`, gauges.sessionsByStatus[s] ?? 0]),
    ]),
    metric('conductor_viewers', 'gauge', 'Viewers attached to sessions.', [['', gauges.viewers]]),
    metric('conductor_connections', 'gauge', 'Open WebSockets and event streams.', [
      ['', gauges.connections],
    ]),
    metric('conductor_websocket_sent_bytes_total', 'counter', 'Bytes given to WebSockets.', [
      ['', counters.sentBytes],
    ]),
    metric('conductor_websocket_received_bytes_total', 'counter', 'Bytes taken from WebSockets.', [
      ['', counters.receivedBytes],
    ]),
    metric('conductor_logins_total', 'counter', 'Tries to log in, by outcome.', [
      ['{outcome="welcome"}', counters.logins.welcome],
      ['{outcome="wrong"}', counters.logins.wrong],
      ['{outcome="locked"}', counters.logins.locked],
    ]),
    metric('process_start_time_seconds', 'gauge', 'When the server started, since 1970.', [
      ['', gauges.startedAtSeconds],
    ]),
    metric('process_resident_memory_bytes', 'gauge', 'Memory of the server.', [
      ['', gauges.memoryBytes],
    ]),
  ].join('')
}

function metric(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  samples: readonly Sample[],
): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}
