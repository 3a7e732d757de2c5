import { HealthError } from './health-error.ts'

/** The most that a timer can wait, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1

/** @throws HealthError `BAD_OPTION` unless `value` is whole milliseconds within the limits. */
export function checkMs(name: string, value: number, fromMs = 1, toMs: number = LONGEST_MS): void {
  if (Number.isSafeInteger(value) && value >= fromMs && value <= toMs) return
  throw new HealthError(
    'BAD_OPTION',
    `${name} is ${value}: pass whole milliseconds from ${fromMs} to ${toMs}`,
  )
}
