import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { isProcessIdentity, type ProcessIdentity } from '@conductor/process-identity'
import { isRestartState } from '@conductor/restart-policy'
import type { Life } from '../life/life.ts'
import type { BackgroundProcessConfig } from '../plugins/background-process-config.ts'
import type { ProcessSpec } from '../spec/process-spec.ts'
import { codeOf } from '../system-error.ts'

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

const FILE = 'process.jsonl'

/** Then it is written anew with its last line alone. */
const LONGEST_BYTES = 256 * 1_024

/**
 * Appends it as a line; the last whole line is the record.
 *
 * Not a file that replaces another: ext4 writes such a one out to the disk at once, which takes some
 * 50 times as long (`auto_da_alloc`). Nothing is synced either: after a power cut nothing of it runs.
 *
 * @throws the system's error
 * @see https://docs.kernel.org/admin-guide/ext4.html auto_da_alloc
 */
export function writeRecord(folder: string, record: ProcessRecord): void {
  const path = join(folder, FILE)
  // What a full disk has cut in two before it must not run into it.
  const line = Buffer.from(`\n${JSON.stringify(record)}\n`)
  const fd = openFile(path, folder)
  try {
    if (fstatSync(fd).size < LONGEST_BYTES) {
      if (writeSync(fd, line) === line.length) return
      throw Object.assign(new Error(`${path}: the disk is full`), { code: 'ENOSPC' })
    }
  } finally {
    closeSync(fd)
  }
  writeFileSync(`${path}.tmp`, line, { mode: 0o600 })
  renameSync(`${path}.tmp`, path)
}

function openFile(path: string, folder: string): number {
  try {
    return openSync(path, 'a', 0o600)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return openSync(path, 'a', 0o600)
  }
}

/**
 * What an earlier manager left.
 *
 * @returns `undefined` when there is nothing, `damaged` when no line is one of ours.
 */
export function readRecord(folder: string): ProcessRecord | 'damaged' | undefined {
  let text: string
  try {
    text = readFileSync(join(folder, FILE), 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  // A line that a full disk cut in two is passed over.
  const lines = text.split('\n').reverse()
  for (const line of lines) {
    const value = parse(line)
    if (isRecord(value)) return value
  }
  return lines.every((line) => line === '') ? undefined : 'damaged'
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
