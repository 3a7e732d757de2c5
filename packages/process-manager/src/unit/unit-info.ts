import { duration, exitText } from '../life/exit-text.ts'
import type { Life } from '../life/life.ts'
import type { ProcessInfo, ProcessStateName } from '../manager-api.ts'
import type { BackgroundProcessConfig } from '../plugins/background-process-config.ts'
import type { Unit } from './unit-api.ts'

/** The document's five states. */
const STATES: Readonly<Record<Life['name'], ProcessStateName>> = {
  stopped: 'stopped',
  waiting: 'starting',
  starting: 'starting',
  running: 'running',
  stopping: 'stopping',
  backoff: 'error',
  failed: 'error',
}

export interface InfoFacts {
  readonly unit: Unit
  readonly config: BackgroundProcessConfig | undefined
  readonly launches: number
  readonly lastError: string | undefined
  readonly changedAt: number
  readonly epochMs: number
}

/** What everybody may know of a process. */
export function infoOf(facts: InfoFacts): ProcessInfo {
  const { unit, config, launches, lastError, changedAt, epochMs } = facts
  const { life, run } = unit
  const readyAt = life.name === 'running' ? life.policy.readyMs : null
  const nextTryMs = life.name === 'backoff' || life.name === 'failed' ? life.deadlineMs : undefined
  return {
    name: unit.name,
    state: STATES[life.name],
    phase: life.name,
    ready: life.name === 'running' && (run?.ready ?? false),
    spec: unit.given,
    ...(config ? { config } : {}),
    failedHealthChecks: run?.failedHealthChecks ?? 0,
    ...(run?.lastCheckAt === undefined ? {} : { lastCheckAt: run.lastCheckAt }),
    restartAttempts: life.policy.attempt,
    restarts: Math.max(0, launches - 1),
    ...(lastError === undefined ? {} : { lastError }),
    lastStateChange: changedAt,
    adopted: run?.adopted ?? false,
    ...(run ? { pid: run.record.identity.pid, startedAt: run.record.startedAt } : {}),
    ...(readyAt === null ? {} : { readyAt: Math.round(readyAt) }),
    ...(nextTryMs === undefined ? {} : { nextTryAt: Math.round(nextTryMs + epochMs) }),
    ...(run?.usage ? { usage: run.usage } : {}),
  }
}

/** Why it is in the state it is in, in one sentence. */
export function phaseText(life: Life, nowMs: number): string {
  switch (life.name) {
    case 'stopped':
      return life.completed ? 'it has completed' : 'nobody asked for it to run'
    case 'waiting':
      return 'it waits for what it depends on'
    case 'starting':
      return `it runs and is not ready yet; it has ${duration(life.deadlineMs - nowMs)} left for that`
    case 'running':
      return 'it runs'
    case 'stopping':
      return life.killed
        ? 'it is being killed'
        : `it was told to go; it is killed in ${duration(life.deadlineMs - nowMs)}`
    case 'backoff':
      return `it ${exitText(life.exit)}; the next try comes in ${duration(life.deadlineMs - nowMs)}`
    case 'failed':
      return failedText(life, nowMs)
  }
}

function failedText(life: Extract<Life, { name: 'failed' }>, nowMs: number): string {
  const { reason, deadlineMs } = life
  switch (reason.kind) {
    case 'survivors':
      return 'something of it survived SIGKILL, so nothing is started beside it'
    case 'cannot-tell':
      return 'whether its earlier run still lives cannot be told, so nothing is started beside it'
    case 'exit':
      return `it ${exitText(reason.exit)}, and was given up (${reason.rule})${deadlineMs === undefined ? '; start it again when the cause is gone' : `; one more try comes in ${duration(deadlineMs - nowMs)}`}`
  }
}
