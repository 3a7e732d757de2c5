import type { Clock } from '@conductor/machine'
import type { ProbeStatus } from '../probe-spec.ts'

/** What one look has found. */
export interface Verdict {
  readonly status: ProbeStatus
  readonly message: string
}

/** What a kind of probe is handed for one look. */
export interface LookContext {
  /** Fires at the time limit, when the look is called off, and after its result. */
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Says how far it has come, in case that is all there will be to say. The last one counts. */
  progress(seen: () => string): void
}

/**
 * One kind of probe, with its spec. A rejection says that it could not look, which is `unknown`.
 *
 * It settles when all it holds is free, at the latest soon after `signal`. What it found by then
 * interests nobody any more.
 */
export interface Looker {
  look(context: LookContext): Promise<Verdict>
  /** Frees what it holds between two looks. */
  close?(): void
}

export const PASS: Verdict = { status: 'pass', message: '' }

export const fail = (message: string): Verdict => ({ status: 'fail', message })

/** We ourselves were not able, or not allowed, to look: that says nothing about the other side. */
const OUR_OWN_FAULT = [
  'EACCES',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EPERM',
] as const

/** What the system's refusal of a connection says. */
export function refusal(error: unknown): Verdict {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return {
    status: OUR_OWN_FAULT.some((each) => each === code) ? 'unknown' : 'fail',
    message: errorText(error),
  }
}

/** One line about whatever was thrown. */
export function errorText(error: unknown): string {
  // A name with several addresses: each try has its own error, and the whole has no text.
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map(errorText).join('; ')
  if (error instanceof Error) return lastLine(error.message) || error.name
  return lastLine(String(error))
}

/** Longer messages are cut: they end up in logs, tables and status lines. */
const LONGEST_MESSAGE = 300

/** What people should not be shown, as it moves cursors and changes colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const UNPRINTABLE = /\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u001f\u007f-\u009f]/g

/** The last line with anything in it, fit to be printed. */
export function lastLine(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.replace(UNPRINTABLE, '').trim())
  const line = lines.findLast((each) => each !== '') ?? ''
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line
}
