import { readFileSync } from 'node:fs'
import { appendFile, chmod, readFile, rename, rm, stat } from 'node:fs/promises'
import type { Clock } from '@conductor/machine'
import { z } from 'zod'
import { systemCodeOf } from '../server-error.ts'

/** One file is this long at most, in bytes; then it becomes `audit.1.jsonl`, and that one `audit.2.jsonl` … */
const FILE_BYTES = 1024 * 1024

/** Files that are kept beside the present one. */
const KEPT_FILES = 7

/** Facts on their way to the disk; more are counted, and told as `audit.dropped`. */
const MOST_WAITING = 10_000

/** After a failure the disk is tried again with the next fact, but not before this, in milliseconds. */
const RETRY_MS = 5_000

/** What happened. Never what was typed or written. */
export const AUDIT_TYPES = [
  'login',
  'login.wrong',
  'login.locked',
  'logout',
  'share.made',
  'share.claimed',
  'share.wrong',
  'share.revoked',
  'share.expired',
  'session.created',
  'session.renamed',
  'session.restored',
  'session.ended',
  'session.deleted',
  'session.attached',
  'session.detached',
  'keyboard.taken',
  'process.added',
  'process.started',
  'process.stopped',
  'process.restarted',
  'process.removed',
  'server.added',
  'server.login',
  'server.removed',
  'upload',
  'shutdown.requested',
  'audit.dropped',
] as const

export type AuditType = (typeof AUDIT_TYPES)[number]

/** One fact, and one line of the file. */
export interface AuditFact {
  /** Counts up, over restarts too. */
  readonly id: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly type: AuditType
  /** `login`, `cli`, `share:<id>` or `program`; absent where nobody did it. */
  readonly via?: string | undefined
  /** Whom they say they are, or the request. */
  readonly by?: string | undefined
  readonly address?: string | undefined
  readonly session?: string | undefined
  /** Of a process, or the new one of a session. */
  readonly name?: string | undefined
  readonly share?: string | undefined
  /** Which of the session's viewers. */
  readonly viewer?: string | undefined
  /** For a person. */
  readonly text?: string | undefined
}

export const auditFact: z.ZodType<AuditFact> = z.object({
  id: z.int(),
  at: z.string(),
  type: z.enum(AUDIT_TYPES),
  via: z.string().optional(),
  by: z.string().optional(),
  address: z.string().optional(),
  session: z.string().optional(),
  name: z.string().optional(),
  share: z.string().optional(),
  viewer: z.string().optional(),
  text: z.string().optional(),
})

export interface AuditQuery {
  /** Only facts with a smaller id. */
  readonly before?: number | undefined
  readonly session?: string | undefined
  readonly limit: number
}

export interface AuditLogOptions {
  /** Absolute: `…/audit.jsonl`. Mode 0600. */
  readonly path: string
  readonly clock: Clock
  /** Told once when facts cannot be written, and again after they could. */
  readonly onTrouble: (error: unknown) => void
  /** For tests. */
  readonly fileBytes?: number | undefined
  readonly keptFiles?: number | undefined
  readonly mostWaiting?: number | undefined
}

/** What happened, to be read by people who want to know who did it. */
export interface AuditLog {
  /** Takes note, in no time: the disk is written to later, in one go. Never throws. */
  note(fact: Omit<AuditFact, 'id' | 'at'>): void
  /** Newest first. */
  query(query: AuditQuery): Promise<readonly AuditFact[]>
  /** Resolves when everything noted is on its way to the disk, or could not be. */
  close(): Promise<void>
}

export function createAuditLog(options: AuditLogOptions): AuditLog {
  const { path, clock, onTrouble } = options
  const { fileBytes = FILE_BYTES, keptFiles = KEPT_FILES, mostWaiting = MOST_WAITING } = options
  let nextId = lastIdIn(path) + 1
  /** A disk that was full, or a power cut, may have cut the last line. */
  let isTorn = !/^$|\n$/.test(textOf(path))
  let waiting: AuditFact[] = []
  let writing: Promise<void> | undefined
  let dropped = 0
  let failedAtMs: number | undefined

  function note(fact: Omit<AuditFact, 'id' | 'at'>): void {
    if (waiting.length >= mostWaiting) {
      dropped++
      return
    }
    waiting.push({ id: nextId++, at: new Date(clock.date()).toISOString(), ...fact })
    const isTooEarly = failedAtMs !== undefined && clock.now() - failedAtMs < RETRY_MS
    if (!isTooEarly) writing ??= write().finally(() => (writing = undefined))
  }

  async function write(): Promise<void> {
    // Everything of this turn of the event loop goes in one write.
    await Promise.resolve()
    while (waiting.length > 0) {
      const facts = waiting
      waiting = []
      if (dropped > 0) {
        const text = `${dropped} facts before this one were not written`
        facts.push({
          id: nextId++,
          at: new Date(clock.date()).toISOString(),
          type: 'audit.dropped',
          text,
        })
      }
      try {
        await rotateIfFull()
        await append(facts)
        dropped = 0
        failedAtMs = undefined
      } catch (error) {
        // They are tried again with what comes next.
        waiting = [...facts.filter(({ type }) => type !== 'audit.dropped'), ...waiting]
        if (failedAtMs === undefined) onTrouble(error)
        isTorn = true
        failedAtMs = clock.now()
        return
      }
    }
  }

  /** A line that was cut is ended first, so that it spoils none but itself. */
  async function append(facts: readonly AuditFact[]): Promise<void> {
    const lines = facts.map((fact) => `${JSON.stringify(fact)}\n`).join('')
    await appendFile(path, isTorn ? `\n${lines}` : lines, { mode: 0o600 })
    isTorn = false
  }

  async function rotateIfFull(): Promise<void> {
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    )
    if (size < fileBytes) return
    await rm(older(path, keptFiles), { force: true })
    for (let n = keptFiles - 1; n >= 0; n--)
      await rename(older(path, n), older(path, n + 1)).catch(ignoreMissing)
    await chmod(older(path, 1), 0o600).catch(ignoreMissing)
  }

  return {
    note,
    async query({ before = Number.MAX_SAFE_INTEGER, session, limit }) {
      await writing
      const found: AuditFact[] = []
      for (let n = 0; n <= keptFiles && found.length < limit; n++) {
        const facts = parse(await readFile(older(path, n), 'utf8').catch(() => ''))
        for (const fact of n === 0 ? [...facts, ...waiting].reverse() : facts.reverse()) {
          if (fact.id >= before || (session !== undefined && fact.session !== session)) continue
          if (found.push(fact) === limit) break
        }
      }
      return found
    },
    async close() {
      while (writing) await writing
      if (waiting.length > 0) await write()
    },
  }
}

/** `audit.jsonl`, `audit.1.jsonl` … */
function older(path: string, n: number): string {
  return n === 0 ? path : path.replace(/(\.jsonl)?$/, `.${n}$1`)
}

/** What is no fact is passed over: a torn line, say. */
function parse(text: string): AuditFact[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [auditFact.parse(JSON.parse(line))]
    } catch {
      return []
    }
  })
}

/** The present file may have been taken away a moment ago: then the one before it knows. */
function lastIdIn(path: string): number {
  const newest = parse(textOf(path)).at(-1) ?? parse(textOf(older(path, 1))).at(-1)
  return newest?.id ?? 0
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function ignoreMissing(error: unknown): void {
  if (systemCodeOf(error) !== 'ENOENT') throw error
}
