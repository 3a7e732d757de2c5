import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isProcessIdentity, type ProcessIdentity } from '@conductor/process-identity'
import { isRestartState } from '@conductor/restart-policy'
import type { Life } from '../life/life.ts'
import type { BackgroundProcessConfig } from '../plugins/background-process-config.ts'
import type { ProcessSpec } from '../spec/process-spec.ts'

/** The run that is alive, or was when this was written. Moments are milliseconds since 1970. */
export interface RunRecord {
  readonly identity: ProcessIdentity
  /** In the environment of its whole tree. */
  readonly cookie: string
  readonly cgroup?: string
  readonly startedAt: number
  /** Absent until it is ready. */
  readonly readyAt?: number
  /** Where its output begins in the log. */
  readonly logFrom: number
}

/** What the next manager has to know of a process. Written before anything happens that it tells of. */
export interface ProcessRecord {
  readonly v: 1
  /** Of the instance: `web@2`. */
  readonly name: string
  readonly spec: ProcessSpec
  readonly config?: BackgroundProcessConfig
  /** Where it is in its life. A deadline in here is in milliseconds since 1970, too. */
  readonly life: Life
  readonly run?: RunRecord
  readonly launches: number
}

const FILE = 'process.json'

/** Writes it whole or not at all. Not synced to the disk: after a power cut nothing of it runs anyway. */
export function writeRecord(folder: string, record: ProcessRecord): void {
  const path = join(folder, FILE)
  const temporary = `${path}.tmp`
  const text = `${JSON.stringify(record)}\n`
  try {
    writeFileSync(temporary, text, { mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(temporary, text, { mode: 0o600 })
  }
  renameSync(temporary, path)
}

/**
 * What an earlier manager left.
 *
 * @returns `undefined` when there is nothing, `damaged` when it is nothing of ours.
 */
export function readRecord(folder: string): ProcessRecord | 'damaged' | undefined {
  let text: string
  try {
    text = readFileSync(join(folder, FILE), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const value = parse(text)
  return isRecord(value) ? value : 'damaged'
}

export function removeRecord(folder: string): void {
  rmSync(join(folder, FILE), { force: true })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is ProcessRecord {
  if (typeof value !== 'object' || value === null) return false
  // Every field that is used before it is checked elsewhere is looked at below.
  const { v, name, spec, life, run, launches } = value as Partial<
    Record<keyof ProcessRecord, unknown>
  >
  return (
    v === 1 &&
    typeof name === 'string' &&
    typeof spec === 'object' &&
    spec !== null &&
    isLife(life) &&
    typeof launches === 'number' &&
    (run === undefined || isRun(run))
  )
}

const NAMES = ['stopped', 'waiting', 'starting', 'running', 'stopping', 'backoff', 'failed']

/** The fields that a state needs; what hangs on them was written by the same hand. */
function isLife(value: unknown): value is Life {
  if (typeof value !== 'object' || value === null) return false
  const { name, policy, deadlineMs, next, reason, exit } = value as Readonly<
    Record<string, unknown>
  >
  return (
    typeof name === 'string' &&
    NAMES.includes(name) &&
    isRestartState(policy) &&
    (deadlineMs === undefined || typeof deadlineMs === 'number') &&
    (name !== 'stopping' || typeof next === 'object') &&
    (name !== 'failed' || typeof reason === 'object') &&
    (name !== 'backoff' || (typeof exit === 'object' && deadlineMs !== undefined))
  )
}

function isRun(value: unknown): value is RunRecord {
  if (typeof value !== 'object' || value === null) return false
  const { identity, cookie, cgroup, startedAt, readyAt, logFrom } = value as Partial<
    Record<keyof RunRecord, unknown>
  >
  return (
    isProcessIdentity(identity) &&
    typeof cookie === 'string' &&
    (cgroup === undefined || typeof cgroup === 'string') &&
    typeof startedAt === 'number' &&
    (readyAt === undefined || typeof readyAt === 'number') &&
    typeof logFrom === 'number'
  )
}
