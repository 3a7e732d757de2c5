import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { Login } from '../auth/token-store.ts'
import { readIfThere, writePrivateFile } from '../private-file.ts'
import { systemCodeOf } from '../server-error.ts'

/** What a session's environment says, so that a program in it can speak of the session. No secrets. */
export function reportEnvironment(sessionId: string, sessionDir: string): Record<string, string> {
  return { CONDUCTOR_SESSION_ID: sessionId, CONDUCTOR_NOTIFY_FILE: reportPath(sessionDir) }
}

function reportPath(sessionDir: string): string {
  return join(sessionDir, 'notify.json')
}

/** What is in the file: where the server is, and a token for one session's attention alone. */
interface ReportFile {
  readonly sessionId: string
  readonly token: string
  readonly url: string
}

const file: z.ZodType<ReportFile> = z.object({
  sessionId: z.string(),
  token: z.string().regex(/^[0-9a-f]{64}$/),
  url: z.string(),
})

export interface ReportKeysOptions {
  readonly sessionDir: (sessionId: string) => string
  /** The file of a session cannot be written: its programs cannot report. */
  readonly onTrouble: (error: unknown) => void
}

/**
 * The keys with which programs report on the session that they run in. Each lies in a file of its session,
 * mode 0600, and never in an environment, which every child inherits. It opens one route for one session.
 */
export interface ReportKeys {
  /** Sees to it that the file is there and names this server. Before the program starts, or after it was found. */
  issue(sessionId: string): void
  find(token: string): Login | undefined
  forget(sessionId: string): void
  /** From now on this is where the server is. */
  listening(url: string): void
}

export function createReportKeys({ sessionDir, onTrouble }: ReportKeysOptions): ReportKeys {
  const sessionsByHash = new Map<string, string>()
  /** What each session's file says. */
  const files = new Map<string, ReportFile>()
  let url = ''

  function issue(sessionId: string): void {
    const path = reportPath(sessionDir(sessionId))
    const kept = files.get(sessionId) ?? read(path, sessionId)
    const token = kept?.token ?? randomBytes(32).toString('hex')
    const wanted: ReportFile = { sessionId, token, url }
    files.set(sessionId, kept ?? wanted)
    sessionsByHash.set(hashOf(token), sessionId)
    // It says so already, as after most restarts; or nobody can be reached yet.
    if (kept && (kept.url === url || url === '')) return
    try {
      writePrivateFile(path, `${JSON.stringify(wanted)}\n`)
      files.set(sessionId, wanted)
    } catch (error) {
      // A session that could not be started is gone with its folder.
      if (systemCodeOf(error) === 'ENOENT') forget(sessionId)
      else onTrouble(error)
    }
  }

  function forget(sessionId: string): void {
    const known = files.get(sessionId)
    files.delete(sessionId)
    if (known) sessionsByHash.delete(hashOf(known.token))
  }

  return {
    issue,
    find(token) {
      const id = hashOf(token)
      const sessionId = sessionsByHash.get(id)
      if (sessionId === undefined) return undefined
      return { id, expiresAt: Number.MAX_SAFE_INTEGER, scope: { kind: 'report', sessionId } }
    },
    forget,
    listening(at) {
      url = at
      for (const sessionId of [...files.keys()]) issue(sessionId)
    },
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function read(path: string, sessionId: string): ReportFile | undefined {
  try {
    const kept = file.parse(JSON.parse(readIfThere(path) ?? ''))
    return kept.sessionId === sessionId ? kept : undefined
  } catch {
    return undefined
  }
}
