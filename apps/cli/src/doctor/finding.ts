export type Level = 'pass' | 'warn' | 'fail'

/** What one check has found. */
export interface Finding {
  /** Which check, for programs. */
  readonly check: string
  readonly level: Level
  /** One line, with the facts: what is right, or what is wrong. */
  readonly text: string
  /** What comes of it. Only with `warn` and `fail`. */
  readonly why?: string
  /** What to type, or to write where. Only with `warn` and `fail`. */
  readonly fix?: string
}

/** Makes the findings of one check. */
export interface Findings {
  pass(text: string): Finding
  warn(text: string, why: string, fix: string): Finding
  fail(text: string, why: string, fix: string): Finding
}

export function findings(check: string): Findings {
  const bad = (level: Level) => (text: string, why: string, fix: string) => ({
    ...{ check, level, text, why, fix },
  })
  return { pass: (text) => ({ check, level: 'pass', text }), warn: bad('warn'), fail: bad('fail') }
}
