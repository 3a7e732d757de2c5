export type Level = 'pass' | 'warn' | 'fail'

/** What one check has found. */
export interface Finding {
  /** Which check, for programs. */
  readonly check: string
  readonly level: Level
  /** One line, with the facts; with `warn` and `fail` also what to do. */
  readonly text: string
}

/** Makes the findings of one check. */
export function findings(check: string): Record<Level, (text: string) => Finding> {
  const make = (level: Level) => (text: string) => ({ check, level, text })
  return { pass: make('pass'), warn: make('warn'), fail: make('fail') }
}
