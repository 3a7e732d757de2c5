import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { isPtySessionError, openLogReader, repairSessionLog } from '@conductor/pty-session'
import type { Program } from '../agents/program.ts'
import { type SessionRecord, sessionPaths, writeSessionFile } from './session-file.ts'
import { runProgram, type StartedSession, type StartOptions } from './start-session.ts'

/**
 * Runs `program` in the place of the one of `record`, which has ended for certain: same id, same history,
 * and a log of its own behind the ones that are there. When that fails, the session is as it was.
 *
 * @param launchedAt ISO 8601, UTC.
 * @throws PtySessionError, or what the system says.
 */
export async function relaunchSession(
  record: SessionRecord,
  program: Program,
  launchedAt: string,
  options: StartOptions,
): Promise<StartedSession> {
  const { dataDir, historyBytes, runtime } = options
  const { id, logs = ['log'] } = record
  const { dir } = sessionPaths(dataDir, id)
  const kept = keptLogs(dir, logs, historyBytes)
  const fresh = `log-${Math.max(...logs.map(numberOf)) + 1}`
  const next: SessionRecord = {
    ...record,
    command: program.command,
    args: program.args,
    launchedAt,
    logs: [...kept, fresh],
    agentSessionId: program.agentSessionId,
    isPromptOwed: undefined,
    pid: undefined,
    identity: undefined,
  }
  // Its link to the host that died would be given to the new program.
  runtime.forget(id)
  try {
    const started = await runProgram(next, program, options)
    for (const name of logs) if (!kept.includes(name)) remove(join(dir, name))
    return started
  } catch (error) {
    // It may run, and nobody can tell: the files say where to look for it.
    if (isPtySessionError(error, 'HOST_UNREACHABLE')) throw error
    runtime.forget(id)
    remove(join(dir, fresh))
    writeSessionFile(dataDir, record)
    throw error
  }
}

/** `log` is the first. */
function numberOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 1)
}

/** The latest ones, as many as the cap allows, and at least one; whole, so that their ends stay where they are. */
function keptLogs(dir: string, names: readonly string[], historyBytes: number): string[] {
  const kept: string[] = []
  let bytes = 0
  for (const name of [...names].reverse()) {
    const length = repairedLength(join(dir, name))
    if (length === undefined) continue
    if (kept.length > 0 && bytes + length > historyBytes) break
    bytes += length
    kept.unshift(name)
  }
  return kept
}

/** `undefined`: there is no log, because its program never ran. */
function repairedLength(dir: string): number | undefined {
  try {
    repairSessionLog(dir)
    const log = openLogReader(dir)
    log.close()
    return log.end - log.start
  } catch (error) {
    if (isPtySessionError(error, 'LOG_CORRUPT')) return undefined
    throw error
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true })
}
