import type { CheckJson, ProbeJson, ProcessJson, ProcessSpecJson } from '@conductor/api-types'
import { ageText } from '../../ui/measures.ts'
import type { Tone } from '../../ui/state-mark.tsx'

// A process in words. Pure, so that a test reads as what a person sees.

/** What it does, in a word or a few, and how good that is. */
export function stateOf(
  process: Pick<ProcessJson, 'phase' | 'ready' | 'nextTryAt'>,
  nowMs: number,
): { readonly word: string; readonly tone: Tone } {
  const next = process.nextTryAt ? Date.parse(process.nextTryAt) - nowMs : undefined
  const when = next === undefined ? '' : next > 0 ? `, tries in ${ageText(next)}` : ', tries now'
  switch (process.phase) {
    case 'running':
      return process.ready
        ? { word: 'running', tone: 'good' }
        : { word: 'running, not ready', tone: 'warn' }
    case 'waiting':
      return { word: 'waiting', tone: 'busy' }
    case 'starting':
      return { word: 'starting', tone: 'busy' }
    case 'stopping':
      return { word: 'stopping', tone: 'busy' }
    case 'backoff':
      return { word: `failed${when}`, tone: 'warn' }
    case 'failed':
      return { word: `given up${when}`, tone: 'danger' }
    case 'stopped':
      return { word: 'stopped', tone: 'idle' }
  }
}

/** What its checks say. */
export function healthOf(process: ProcessJson): { readonly word: string; readonly tone: Tone } {
  const { phase, ready, failedHealthChecks: failed, spec } = process
  if (phase !== 'running') return { word: '–', tone: 'none' }
  if (failed > 0)
    return { word: `${failed} failed ${failed === 1 ? 'check' : 'checks'}`, tone: 'danger' }
  if (!ready) return { word: 'not ready', tone: 'warn' }
  return spec.liveness || spec.readiness
    ? { word: 'passes', tone: 'good' }
    : { word: 'no check', tone: 'none' }
}

/** How long it runs; nothing while it does not. */
export function uptimeText(process: ProcessJson, nowMs: number): string {
  const runs = process.pid !== undefined && process.startedAt !== undefined
  return runs ? ageText(nowMs - Date.parse(process.startedAt ?? '')) : '–'
}

/** What is looked at, as a person would write it. */
export function probeText(probe: ProbeJson): string {
  switch (probe.kind) {
    case 'http':
      return `GET ${probe.url ?? ''}`
    case 'tcp':
      return `tcp ${probe.host ?? '127.0.0.1'}:${probe.port ?? ''}`
    case 'unix':
      return `socket ${probe.path ?? ''}`
    case 'exec':
      return `runs ${[probe.command, ...(probe.args ?? [])].join(' ')}`
    case 'heartbeat':
      return `heartbeat ${probe.path ?? ''}`
    default:
      return probe.kind
  }
}

export function checkText({ probe, periodMs, failureThreshold }: CheckJson): string {
  const every = periodMs === undefined ? '' : `, every ${ageText(periodMs)}`
  const times = failureThreshold === undefined ? '' : `, ${failureThreshold} failures in a row`
  return `${probeText(probe)}${every}${times}`
}

/** What makes it ready. */
export function readyText({ ready }: ProcessSpecJson): string {
  switch (ready?.kind) {
    case undefined:
      return 'as soon as it runs'
    case 'socket':
      return 'when its socket accepts'
    case 'check':
      return ready.check ? `when ${probeText(ready.check.probe)} passes` : 'when its check passes'
    case 'fd':
      return 'when it says so on READY_FD'
    case 'log':
      return `when it writes a line like ${ready.pattern ?? ''}`
    case 'delay':
      return `after ${ageText(ready.delayMs ?? 0)}`
  }
}

/** The ports that its checks look at: where it most likely listens. */
export function portsOf({ ready, liveness, readiness }: ProcessSpecJson): readonly number[] {
  const probes = [ready?.check?.probe, liveness?.probe, readiness?.probe]
  const ports = probes.flatMap((probe) => (probe ? (portOf(probe) ?? []) : []))
  return [...new Set(ports)].sort((a, b) => a - b)
}

function portOf({ kind, port, url }: ProbeJson): number | undefined {
  if (kind === 'tcp') return port
  if (kind !== 'http' || !url || !URL.canParse(url)) return undefined
  const parsed = new URL(url)
  return Number(parsed.port) || (parsed.protocol === 'https:' ? 443 : 80)
}

/** The command line, as a person would type it. */
export function commandText({ command, args = [] }: ProcessSpecJson): string {
  const quoted = (word: string): string =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
  return [command, ...args].map(quoted).join(' ')
}

/** Names of all groups, in the order in which they come. */
export function groupsOf(processes: readonly ProcessJson[]): readonly string[] {
  return [...new Set(processes.flatMap(({ spec }) => spec.groups ?? []))]
}

/** `2 running, 1 given up`: the worst last. */
export function countsText(processes: readonly ProcessJson[]): string {
  const count = (wanted: readonly ProcessJson['phase'][]): number =>
    processes.filter(({ phase }) => wanted.includes(phase)).length
  const parts: readonly (readonly [number, string])[] = [
    [count(['running']), 'running'],
    [count(['starting', 'waiting']), 'starting'],
    [count(['stopping']), 'stopping'],
    [count(['stopped']), 'stopped'],
    [count(['backoff']), 'failed'],
    [count(['failed']), 'given up'],
  ]
  return parts
    .filter(([n]) => n > 0)
    .map(([n, word]) => `${n} ${word}`)
    .join(', ')
}
