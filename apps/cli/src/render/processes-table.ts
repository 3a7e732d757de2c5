import type { ProcessJson } from '../server/process-json.ts'
import type { Style } from './style.ts'
import { type Cell, renderTable } from './table.ts'
import { renderBytes, renderDuration } from './units.ts'

const HEADINGS = [
  'NAME',
  'STATE',
  'READY',
  'PID',
  'UPTIME',
  'RESTARTS',
  'CPU',
  'MEMORY',
  'NEXT TRY',
]

/** What `conductor ps` prints. A dash: nothing to tell. */
export function renderProcesses(
  processes: readonly ProcessJson[],
  nowMs: number,
  style: Style,
): string {
  return renderTable(
    HEADINGS,
    processes.map((process) => rowOf(process, nowMs, style)),
  )
}

function rowOf(process: ProcessJson, nowMs: number, style: Style): Cell[] {
  const { name, phase, ready, pid, startedAt, restarts, usage, nextTryAt } = process
  const since = pid === undefined || startedAt === undefined ? undefined : Date.parse(startedAt)
  return [
    { text: name, paint: (text) => style('bold', text) },
    { text: phase, paint: (text) => paintPhase(process, text, style) },
    { text: ready ? 'yes' : 'no' },
    { text: pid === undefined ? '-' : String(pid) },
    { text: since === undefined ? '-' : renderDuration(nowMs - since) },
    { text: String(restarts) },
    { text: usage?.cpuPercent === undefined ? '-' : `${usage.cpuPercent.toFixed(1)}%` },
    { text: usage === undefined ? '-' : renderBytes(usage.rssBytes) },
    { text: nextTryAt === undefined ? '-' : `in ${renderDuration(Date.parse(nextTryAt) - nowMs)}` },
  ]
}

function paintPhase({ phase, ready }: ProcessJson, text: string, style: Style): string {
  if (phase === 'running') return style(ready ? 'green' : 'yellow', text)
  if (phase === 'failed' || phase === 'backoff') return style('red', text)
  return phase === 'stopped' ? style('dim', text) : style('yellow', text)
}
