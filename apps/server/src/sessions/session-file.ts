import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isProcessIdentity, type ProcessIdentity } from '@conductor/process-identity'
import { z } from 'zod'
import { readIfThere, writePrivateFile } from '../private-file.ts'
import { systemCodeOf } from '../server-error.ts'

/** What `<DATA_DIR>/<id>/session.json` says: enough to find the session again after any crash. */
export interface SessionRecord {
  readonly v: 1
  readonly id: string
  readonly name: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** What the request added to the environment. */
  readonly env: Readonly<Record<string, string>>
  readonly kind: 'shell' | 'worker' | 'orchestrator'
  readonly durability: 'persistent' | 'server'
  /** `tmux`: its host keeps it in tmux. Absent: on a terminal of its host's own, or of the server's. */
  readonly runtime?: 'tmux' | undefined
  /** The folder of the host that holds it. Absent for one that lives in the server. */
  readonly hostDir?: string | undefined
  /** Where that tmux listens. */
  readonly tmuxSocket?: string | undefined
  /** The program. Absent until it runs. */
  readonly pid?: number | undefined
  readonly identity?: ProcessIdentity | undefined
  /** ISO 8601, UTC: when the program was started, where that was not with the session. */
  readonly launchedAt?: string | undefined
  /** The coding agent that runs in it; `command` and `args` are how it was started last. */
  readonly agent?: string | undefined
  /** More arguments for each of its starts. */
  readonly agentArgs?: readonly string[] | undefined
  /** The agent's own id of its session. */
  readonly agentSessionId?: string | undefined
  readonly prompt?: string | undefined
  /** The program runs, and its prompt was not typed to the end yet. */
  readonly isPromptOwed?: boolean | undefined
  /** Of an orchestrator: whose. */
  readonly projectId?: string | undefined
  /** Folders of its output, oldest first; the last is the present program's (default: `log`). */
  readonly logs?: readonly string[] | undefined
  /** Somebody is removing it: it must not come back. */
  readonly isUnwanted?: boolean | undefined
}

const schema: z.ZodType<SessionRecord> = z.object({
  v: z.literal(1),
  id: z.string().regex(/^[0-9a-z]{1,64}$/),
  name: z.string(),
  createdAt: z.string(),
  command: z.string(),
  args: z.array(z.string()),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
  kind: z.enum(['shell', 'worker', 'orchestrator']),
  durability: z.enum(['persistent', 'server']),
  runtime: z.literal('tmux').optional(),
  hostDir: z.string().optional(),
  tmuxSocket: z.string().optional(),
  pid: z.number().optional(),
  identity: z.custom<ProcessIdentity>(isProcessIdentity).optional(),
  launchedAt: z.string().optional(),
  agent: z.string().optional(),
  agentArgs: z.array(z.string()).optional(),
  agentSessionId: z.string().optional(),
  prompt: z.string().optional(),
  isPromptOwed: z.boolean().optional(),
  projectId: z.string().optional(),
  logs: z
    .array(z.string().regex(/^log(?:-\d+)?$/))
    .min(1)
    .optional(),
  isUnwanted: z.boolean().optional(),
})

/** Where the things of a session lie. */
export function sessionPaths(dataDir: string, id: string): { dir: string } {
  return { dir: join(dataDir, id) }
}

export interface LogPaths {
  /** Of the present program. */
  readonly current: string
  /** Of the programs before it, oldest first. */
  readonly earlier: readonly string[]
}

export function logPaths(dataDir: string, { id, logs = ['log'] }: SessionRecord): LogPaths {
  const paths = logs.map((name) => join(sessionPaths(dataDir, id).dir, name))
  return { current: paths.at(-1) ?? '', earlier: paths.slice(0, -1) }
}

export function writeSessionFile(dataDir: string, record: SessionRecord): void {
  const path = join(sessionPaths(dataDir, record.id).dir, 'session.json')
  writePrivateFile(path, `${JSON.stringify(record, null, 2)}\n`)
}

/** With its log. */
export function removeSessionFiles(dataDir: string, id: string): void {
  rmSync(sessionPaths(dataDir, id).dir, { recursive: true, force: true, maxRetries: 3 })
}

export type FoundRecord =
  | { readonly kind: 'record'; readonly record: SessionRecord }
  | { readonly kind: 'unreadable'; readonly id: string; readonly error: unknown }

/** Everything that looks like a session in `dataDir`, oldest first. Other folders are passed over. */
export function readSessionFiles(dataDir: string): FoundRecord[] {
  const found = folders(dataDir).flatMap((id): FoundRecord[] => {
    try {
      const text = readIfThere(join(dataDir, id, 'session.json'))
      if (text === undefined) return []
      const record = schema.parse(JSON.parse(text))
      if (record.id !== id) throw new Error(`it says that it belongs to ${record.id}`)
      return [{ kind: 'record', record }]
    } catch (error) {
      return [{ kind: 'unreadable', id, error }]
    }
  })
  return found.sort((a, b) => (dateOf(a) < dateOf(b) ? -1 : 1))
}

function dateOf(found: FoundRecord): string {
  return found.kind === 'record' ? found.record.createdAt : ''
}

function folders(dataDir: string): string[] {
  try {
    return readdirSync(dataDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  }
}
