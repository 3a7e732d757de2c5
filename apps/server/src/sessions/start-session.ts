import { isPtySessionError, type PtySession } from '@conductor/pty-session'
import { makePrivateFolder } from '../private-file.ts'
import { asShortage, ServerError } from '../server-error.ts'
import { planSession, type SessionDefaults, type SessionRequest } from './new-session.ts'
import {
  removeSessionFiles,
  type SessionRecord,
  sessionPaths,
  writeSessionFile,
} from './session-file.ts'
import type { SessionRuntime } from './session-runtime.ts'

export interface StartSessionOptions {
  readonly request: SessionRequest
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly defaults: SessionDefaults
  readonly dataDir: string
  readonly historyBytes: number
  readonly runtime: SessionRuntime
}

export interface StartedSession {
  readonly record: SessionRecord
  readonly session: PtySession
}

/**
 * Runs the program of a new session. When that fails nothing of it is left.
 *
 * @throws ServerError `BAD_FIELD`, `SPAWN_FAILED`, or a shortage that will pass.
 */
export async function startSession(options: StartSessionOptions): Promise<StartedSession> {
  const { request, createdAt, defaults, dataDir, historyBytes, runtime } = options
  const { record, env } = planSession(request, defaults, createdAt)
  const { id, command, args, cwd, durability } = record
  const { dir, logDir } = sessionPaths(dataDir, id)
  try {
    const hostDir = runtime.place(id, durability)
    const placed = { ...record, ...(hostDir !== undefined && { hostDir }) }
    makePrivateFolder(dir)
    // Before the program, so that a server that dies in between leaves nothing that cannot be found.
    writeSessionFile(dataDir, placed)
    const { cols, rows } = request
    const program = { id, logDir, command, args, cwd, env, cols, rows, historyBytes }
    const session = await runtime.create(program, hostDir)
    const complete = { ...placed, pid: session.pid, identity: session.identity }
    await orEnd(session, () => writeSessionFile(dataDir, complete))
    return { record: complete, session }
  } catch (error) {
    runtime.forget(id)
    discard(dataDir, id)
    throw translated(error)
  }
}

/** Out of file descriptors, a folder cannot be removed either: that must not hide why it is there. */
function discard(dataDir: string, id: string): void {
  try {
    removeSessionFiles(dataDir, id)
  } catch {
    // The next start finds it, without a program.
  }
}

/** A program whose file cannot be written would be a stranger to the next server. */
async function orEnd(session: PtySession, write: () => void): Promise<void> {
  try {
    write()
  } catch (error) {
    await session.end({ graceMs: 0 })
    session.close()
    throw error
  }
}

function translated(error: unknown): unknown {
  const shortage = asShortage(error)
  if (shortage) return shortage
  if (!isPtySessionError(error)) return error
  const text = error.message.replace(/^\[[^\]]*\] /, '')
  return error.code === 'SPAWN_FAILED' || error.code === 'BAD_OPTION'
    ? new ServerError('SPAWN_FAILED', text, { cause: error })
    : error
}
