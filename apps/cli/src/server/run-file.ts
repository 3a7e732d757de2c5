import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isProcessIdentity, type ProcessIdentity } from '@conductor/process-identity'
import { CliError } from '../cli-error.ts'

/** What `running.json` says of a server. Whether it is true is another question. */
export interface RunFile {
  readonly pid: number
  /** Empty until the server listens. */
  readonly url: string
  readonly identity: ProcessIdentity
  /** ISO 8601, UTC. */
  readonly startedAt: string | undefined
}

/** @throws CliError `BAD_FILE` when it is none, or cannot be read. */
export function readRunFile(stateDir: string): RunFile | undefined {
  const path = runFilePath(stateDir)
  const text = readIfThere(path)
  if (text === undefined) return undefined
  try {
    const read = JSON.parse(text) as Partial<Record<keyof RunFile, unknown>>
    const { pid, url, identity, startedAt } = read
    if (typeof pid === 'number' && typeof url === 'string' && isProcessIdentity(identity))
      return {
        pid,
        url,
        identity,
        startedAt: typeof startedAt === 'string' ? startedAt : undefined,
      }
  } catch {
    // As below.
  }
  throw new CliError('BAD_FILE', `${path} is no run-file; remove it, if no server runs there`)
}

export function runFilePath(stateDir: string): string {
  return join(stateDir, 'running.json')
}

/** @throws CliError `BAD_FILE` when it is there and cannot be read. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new CliError('BAD_FILE', `cannot read ${path}: ${String(code ?? cause)}`, { cause })
  }
}
