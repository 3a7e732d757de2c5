import { createRestartPolicy } from '@conductor/restart-policy'
import { duration } from '../life/exit-text.ts'
import type { Why } from '../manager-api.ts'
import type { Blocker } from '../order/blocked-by.ts'
import type { Unit } from '../unit/unit-api.ts'
import { phaseText } from '../unit/unit-info.ts'

/** So many of the delays to come are told. */
const DELAYS = 5

/** Why a process is as it is, what holds it up, and when the next try comes. */
export function whyOf(unit: Unit, blockers: readonly Blocker[], nowMs: number): Why {
  const { name, life, spec, run } = unit
  const { nextTryAt } = unit.info()
  const waits = life.name === 'waiting' ? blockers : []
  const lastDeath = unit.deaths.list().at(-1)
  const text = [
    phaseText(life, nowMs),
    ...waits.map(
      (each) => `${each.text}${each.hopeless ? ', which will not happen by itself' : ''}`,
    ),
    ...(life.name === 'running' && run && !run.ready
      ? ['its readiness check fails, so it does not count as ready']
      : []),
    ...(run?.complaint ? [`the last check said: ${run.complaint}`] : []),
    ...(lastDeath
      ? [
          `last end: ${new Date(lastDeath.at).toISOString()}: ${lastDeath.text}${lastDeath.by ? `, asked by ${lastDeath.by}` : ''}; then: ${lastDeath.decision}`,
          ...lastDeath.lastLines.slice(-3).map((line) => `  | ${line}`),
        ]
      : []),
  ]
  const nextDelays = createRestartPolicy(spec.restart).preview(DELAYS)
  if (nextDelays.length > 0 && life.name !== 'stopped')
    text.push(
      `if it keeps failing, restarts come after ${nextDelays.map(({ minMs, maxMs }) => (minMs === maxMs ? duration(minMs) : `${duration(minMs)} to ${duration(maxMs)}`)).join(', ')}`,
    )
  return {
    name,
    phase: life.name,
    text,
    blockedBy: waits.map((each) => each.name),
    ...(nextTryAt === undefined ? {} : { nextTryAt }),
    ...(life.name === 'backoff'
      ? { rule: life.rule }
      : life.name === 'failed' && life.reason.kind === 'exit'
        ? { rule: life.reason.rule }
        : {}),
    ...(lastDeath ? { lastDeath } : {}),
    nextDelays,
  }
}
