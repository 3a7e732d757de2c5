import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import type { ServerLink } from '../server/server-link.ts'

/** What a group of commands needs to be on the command line. */
export interface Cli {
  readonly program: Command
  readonly context: Context
  /** Runs a command to its end; what it resolves to is the exit code. */
  readonly run: (command: Promise<ExitCode>) => Promise<void>
  /** The `--state-dir` of this command line, as it was written. */
  readonly stateDirFlag: () => string | undefined
  /** The state folder, absolute. @throws CliError `BAD_FILE`. */
  readonly stateDir: () => string
  /** The server of that folder, asked in the name of a command. */
  readonly link: (command: string) => ServerLink
}

export interface Json {
  readonly json?: boolean
}

export interface JsonWait extends Json {
  readonly wait: boolean
}

export function json(): Option {
  return new Option('--json', 'print JSON')
}

export function noWait(): Option {
  return new Option('--no-wait', 'do not wait until it is done')
}

export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a whole number, as in 20.')
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

/** Milliseconds of `10s`, `500ms`, `2m`. */
export function duration(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? []
  if (amount !== undefined) return Number(amount) * (UNIT_MS[unit] ?? Number.NaN)
  throw new InvalidArgumentError('Write a duration, as in 10s, 500ms or 2m.')
}
