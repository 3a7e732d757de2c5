import { isPtySessionError, type PtySession } from '@conductor/pty-session'
import type { Launches } from '../agents/launches.ts'
import { commandLine, type Program } from '../agents/program.ts'
import { makePrivateFolder, writePrivateFile } from '../private-file.ts'
import { asShortage, ServerError } from '../server-error.ts'
import { planSession, type SessionRequest } from './new-session.ts'
import type { SessionDefaults } from './session-environment.ts'
import {
  logPaths,
  removeSessionFiles,
  type SessionRecord,
  sessionPaths,
  writeSessionFile,
} from './session-file.ts'
import type { SessionRuntime } from './session-runtime.ts'

export interface StartOptions {
  readonly dataDir: string
  readonly historyBytes: number
  readonly runtime: SessionRuntime
  /** Its folder is there, and its program is not yet. */
  readonly prepare?: ((id: string) => void) | undefined
}

export interface StartSessionOptions extends StartOptions {
  readonly request: SessionRequest
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly defaults: SessionDefaults
  readonly launches: Launches
}

export interface StartedSession {
  readonly record: SessionRecord
  readonly session: PtySession
  readonly program: Program
}

/**
 * Runs the program of a new session. When that fails nothing of it is left.
 *
 * @throws ServerError `BAD_FIELD`, `SPAWN_FAILED`, `TMUX_MISSING`, or a shortage that will pass.
 */
export async function startSession(options: StartSessionOptions): Promise<StartedSession> {
  const { request, createdAt, defaults, launches, dataDir, runtime } = options
  const { record, program } = planSession(request, defaults, launches, createdAt)
  try {
    return await runProgram(record, program, options, request)
  } catch (error) {
    runtime.forget(record.id)
    discard(dataDir, record.id)
    throw inOurWords(error)
  }
}

/** Writes down what is about to run, runs it, and writes down that it does. Clears nothing away. */
export async function runProgram(
  record: SessionRecord,
  program: Program,
  { dataDir, historyBytes, runtime, prepare }: StartOptions,
  { cols, rows }: { readonly cols?: number | undefined; readonly rows?: number | undefined } = {},
): Promise<StartedSession> {
  const { id, cwd } = record
  const place = runtime.place(record)
  const placed = {
    ...record,
    ...place,
    ...(program.typed && { isPromptOwed: true }),
  }
  makePrivateFolder(sessionPaths(dataDir, id).dir)
  // Before the program, so that a server that dies in between leaves nothing that cannot be found.
  writeSessionFile(dataDir, placed)
  prepare?.(id)
  if (program.file) writePrivateFile(program.file.path, program.file.text)
  const { current, earlier } = logPaths(dataDir, placed)
  const line = commandLine(program)
  const { env } = program
  const run = { id, logDir: current, ...line, cwd, env, cols, rows, historyBytes }
  const session = await runtime.create(run, place, earlier)
  const complete = { ...placed, pid: session.pid, identity: session.identity }
  await orEnd(session, () => writeSessionFile(dataDir, complete))
  return { record: complete, session, program }
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

/** A shortage, or a program that cannot be started, as an error for the user. */
export function inOurWords(error: unknown): unknown {
  const shortage = asShortage(error)
  if (shortage) return shortage
  if (!isPtySessionError(error)) return error
  const text = error.message.replace(/^\[[^\]]*\] /, '')
  if (error.code === 'TMUX_MISSING') return new ServerError('TMUX_MISSING', text, { cause: error })
  return error.code === 'SPAWN_FAILED' || error.code === 'BAD_OPTION'
    ? new ServerError('SPAWN_FAILED', text, { cause: error })
    : error
}
