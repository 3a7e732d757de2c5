import type { MetricFamily, MetricSample } from '@conductor/health'
import type { Death, Phase, ProcessInfo, ProcessManager } from '@conductor/process-manager'

const PHASES: readonly Phase[] = [
  ...(['stopped', 'waiting', 'starting', 'running', 'stopping', 'backoff', 'failed'] as const),
]

/** The metrics of managed processes: moments and not ages, so that they stay true between two scrapes. */
export interface ProcessMetrics {
  families(): readonly MetricFamily[]
  /** Counts no more. */
  close(): void
}

/** @param manager Its ends are counted from now on, as those of any counter that begins with its program. */
export function createProcessMetrics(manager: ProcessManager): ProcessMetrics {
  const exits = new Map<string, Map<string, number>>()
  const close = manager.subscribe((event) => {
    if (event.type === 'removed')
      for (const name of [...exits.keys()])
        if (name === event.name || name.startsWith(`${event.name}@`)) exits.delete(name)
    if (event.type !== 'death') return
    const byCause = exits.get(event.name) ?? new Map<string, number>()
    const cause = causeOf(event.death)
    exits.set(event.name, byCause.set(cause, (byCause.get(cause) ?? 0) + 1))
  })

  return { families: () => familiesOf(manager.list(), exits), close }
}

function familiesOf(
  processes: readonly ProcessInfo[],
  exits: ReadonlyMap<string, ReadonlyMap<string, number>>,
): readonly MetricFamily[] {
  /** One sample for each process; none where nothing is known. */
  const perProcess = (read: (info: ProcessInfo) => number | undefined): MetricSample[] =>
    processes.flatMap((info) => {
      const value = read(info)
      return value === undefined ? [] : [{ labels: { process: info.name }, value }]
    })
  const gauge = (name: string, help: string, samples: MetricSample[]): MetricFamily => ({
    ...{ name: `conductor_process_${name}`, help, type: 'gauge', samples },
  })
  const counter = (name: string, help: string, samples: MetricSample[]): MetricFamily => ({
    ...gauge(name, help, samples),
    type: 'counter',
  })
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1_000)

  return [
    gauge(
      'state',
      'What a process does: 1 for the state it is in, 0 for the others.',
      processes.flatMap(({ name, phase }) =>
        PHASES.map((state) => ({
          labels: { process: name, state },
          value: state === phase ? 1 : 0,
        })),
      ),
    ),
    gauge(
      'up',
      'Whether a process runs.',
      perProcess(({ phase }) => Number(phase === 'running')),
    ),
    gauge(
      'ready',
      'Whether a process runs and is ready.',
      perProcess(({ ready }) => Number(ready)),
    ),
    counter(
      'restarts_total',
      'Restarts since a process was added.',
      perProcess(({ restarts }) => restarts),
    ),
    counter(
      'exits_total',
      'Ends of a process since the server started, by cause.',
      [...exits].flatMap(([process, byCause]) =>
        [...byCause].map(([cause, value]) => ({ labels: { process, cause }, value })),
      ),
    ),
    gauge(
      'start_time_seconds',
      'When a process started, since 1970.',
      perProcess(({ startedAt }) => seconds(startedAt)),
    ),
    gauge(
      'backoff_until_timestamp_seconds',
      'When a process that waits is tried again, since 1970.',
      perProcess(({ nextTryAt }) => seconds(nextTryAt)),
    ),
    gauge(
      'resident_memory_bytes',
      'Memory of a process and all its descendants.',
      perProcess(({ usage }) => usage?.rssBytes),
    ),
    gauge(
      'cpu_percent',
      'CPU of a process and all its descendants, of one core.',
      perProcess(({ usage }) => usage?.cpuPercent),
    ),
  ]
}

/** The kinds of a death, with the clean exit told from the others. */
function causeOf({ exit }: Death): string {
  return exit.kind === 'code' && exit.code === 0 ? 'clean' : exit.kind
}
