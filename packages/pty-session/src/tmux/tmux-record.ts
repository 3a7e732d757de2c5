import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isProcessIdentity, type ProcessIdentity } from '@conductor/process-identity'
import { isMissing } from '../log/log-fs.ts'
import type { PtyExit } from '../pty/options.ts'
import { PtySessionError } from '../pty-session-error.ts'
import type { SessionOptions } from '../types.ts'

const FILE = 'session.json'

/** What must be known to take a session over. Not its arguments and environment: they may be secret. */
export type TmuxSessionOptions = Pick<
  SessionOptions,
  'id' | 'logDir' | 'cols' | 'rows' | 'historyBytes' | 'fsync'
>

/** A pane, and who runs in it: a name or a number alone could one day mean another one. */
export interface TmuxPane {
  /** As in `%7`: tmux uses it once in the life of a server. */
  readonly id: string
  readonly tmux: ProcessIdentity
  /** The program. */
  readonly leader: ProcessIdentity
  /** The device number of its terminal. */
  readonly terminal: number
}

export interface TmuxRecord {
  readonly v: 1
  readonly name: string
  readonly options: TmuxSessionOptions
  /** Absent while the session is being made. */
  readonly pane?: TmuxPane | undefined
  /** How the program ended, from when that is known until the log knows it as well. */
  readonly exit?: PtyExit | undefined
}

/** The folder of one session in tmux: `session.json`, for a moment `launch`, and `spool`. */
export interface TmuxFolder {
  readonly dir: string
  readonly spool: string
}

/** Where a host in `dir` keeps what it must know about its sessions in tmux. */
export function tmuxRoot(dir: string): string {
  return join(dir, 'tmux')
}

export function tmuxFolder(root: string, name: string): TmuxFolder {
  const dir = join(root, name)
  return { dir, spool: join(dir, 'spool') }
}

/** @throws PtySessionError `SPAWN_FAILED` when there is one, which belongs to a session that may live. */
export function makeTmuxFolder({ dir, spool }: TmuxFolder): void {
  mkdirSync(dirname(dir), { recursive: true, mode: 0o700 })
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (cause) {
    throw new PtySessionError('SPAWN_FAILED', `${dir} belongs to an earlier session`, { cause })
  }
  mkdirSync(spool, { mode: 0o700 })
}

export function removeTmuxFolder({ dir }: TmuxFolder): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
}

export function writeTmuxRecord({ dir }: TmuxFolder, record: TmuxRecord): void {
  const path = join(dir, FILE)
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** Whether anything is left of earlier sessions in `root`. */
export function hasTmuxRecords(root: string): boolean {
  return folders(root).length > 0
}

/**
 * Every session that has a folder in `root`. A record that cannot be read is told, and left alone; a
 * folder without one is of a session of which nothing had begun.
 */
export function readTmuxRecords(root: string, onTrouble: (error: unknown) => void): TmuxRecord[] {
  return folders(root).flatMap((name) => {
    try {
      const folder = tmuxFolder(root, name)
      if (!existsSync(join(folder.dir, FILE))) {
        removeTmuxFolder(folder)
        return []
      }
      const value: unknown = JSON.parse(readFileSync(join(root, name, FILE), 'utf8'))
      if (isRecord(value) && value.name === name) return [value]
      throw new Error(`${join(root, name, FILE)} is not the record of a session in tmux`)
    } catch (error) {
      onTrouble(error)
      return []
    }
  })
}

function folders(root: string): string[] {
  try {
    return readdirSync(root)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function isRecord(value: unknown): value is TmuxRecord {
  if (typeof value !== 'object' || value === null) return false
  const { v, options, pane } = value as Partial<TmuxRecord>
  if (v !== 1 || typeof options?.id !== 'string' || typeof options.logDir !== 'string') return false
  if (pane === undefined) return true
  const { id, terminal, tmux, leader } = pane
  const isPlace = typeof id === 'string' && typeof terminal === 'number'
  return isPlace && isProcessIdentity(tmux) && isProcessIdentity(leader)
}
