import { decisionText, exitText } from '../life/exit-text.ts'
import type { LifeEffect } from '../life/life.ts'
import type { ProcessLog } from '../logs/process-log.ts'
import type { Death } from '../manager-api.ts'
import { memberText, type Run } from './run.ts'

/** Enough to see what it said at the end. */
const LAST_LINES = 50
const LAST_BYTES = 16 * 1_024

export interface DeathFacts {
  readonly name: string
  readonly at: number
  readonly effect: Extract<LifeEffect, { type: 'died' }>
  /** Absent when it could not be launched; then `launchError` says why. */
  readonly run: Run | undefined
  readonly log: ProcessLog
  /** Where its output ends in the log. */
  readonly end: number | undefined
  readonly launchError: Error | undefined
}

/** Writes the line of the tally. */
export function makeDeath(facts: DeathFacts): Death {
  const { name, at, effect, run, log, end, launchError } = facts
  const { exit, seen, by, decision } = effect
  const survivors = run?.survivors ?? []
  return {
    at,
    name,
    ...(run ? { pid: run.record.identity.pid, startedAt: run.record.startedAt } : {}),
    exit,
    text: textOf(),
    ...(by === undefined ? {} : { by }),
    decision: decisionText(decision),
    lastLines: run && end !== undefined ? lastLines(log, run.record.logFrom, end) : [],
    ...(survivors.length === 0 ? {} : { survivors: survivors.map(memberText) }),
  }

  function textOf(): string {
    if (exit.kind === 'spawn-error' && launchError) return launchError.message
    const complaint = run?.complaint
    const why = complaint && ['probe', 'timeout'].includes(exit.kind) ? `: ${complaint}` : ''
    // What ended it is told first; then how it left, unless that is the same.
    return `${exitText(exit)}${why}${seen && seen !== exit ? `, and ${exitText(seen)}` : ''}`
  }
}

/** The last lines between two offsets, decoded for people. */
export function lastLines(log: ProcessLog, from: number, end: number): string[] {
  const start = Math.max(from, end - LAST_BYTES)
  const { offset, bytes } = log.read({ from: start, maxBytes: end - start })
  const text = bytes.subarray(0, Math.max(0, end - offset)).toString('utf8')
  const lines = text.replace(/\n$/, '').split('\n')
  // A first line that the limit cut is no line.
  if (start > from) lines.shift()
  return lines.filter((line) => line !== '').slice(-LAST_LINES)
}
