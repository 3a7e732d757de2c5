import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import {
  type AgentConfig,
  createAgents,
  type LaunchPlan,
  type LaunchRequest,
  type NewSessionPlan,
} from '@conductor/agents'
import { reportEnvironment } from '../attention/report-keys.ts'
import { type SessionDefaults, sessionEnvironment } from '../sessions/session-environment.ts'
import { type SessionRecord, sessionPaths } from '../sessions/session-file.ts'
import type { AgentTable } from './agent-table.ts'
import { asBadField, type Program, programOf, promptPath } from './program.ts'

/** What of a session says how its program is started. */
export type Subject = Pick<
  SessionRecord,
  'id' | 'kind' | 'cwd' | 'env' | 'command' | 'args' | 'agent' | 'agentArgs' | 'prompt'
>

/**
 * How a session comes back. `native`: its agent goes on with what was said; where that is not promised,
 * `otherwise` is for an agent that refuses. `prompt`: from the saved prompt. `fresh`: from nothing, as
 * orchestrators and shells may.
 */
export type Restoration =
  | {
      readonly kind: 'native' | 'prompt' | 'fresh'
      readonly program: Program
      readonly isPromised: boolean
      readonly otherwise?: (() => Restoration) | undefined
      /** The agent refused if its output has this. */
      readonly refusedIf?: string | undefined
    }
  | { readonly kind: 'not-resumable'; readonly reason: string }

export interface Launches {
  /** @throws ServerError `BAD_FIELD`. */
  plan(subject: Subject): Program
  /**
   * @param claimed The agents' ids that belong to other sessions.
   * @throws ServerError `BAD_FIELD`: what it needs is not there (any more).
   */
  planAgain(record: SessionRecord, claimed: ReadonlySet<string>): Promise<Restoration>
}

export interface LaunchesOptions {
  readonly table: AgentTable
  readonly defaults: SessionDefaults
  readonly dataDir: string
}

/** A command without an agent gets its prompt typed, as somebody would. */
const PLAIN_COMMAND: AgentConfig = {
  id: 'plain-command',
  name: 'Command',
  commands: ['command'],
  prompt: [{ kind: 'after-start', paste: 'plain' }],
  session: { kind: 'none' },
  // One that reads lines is ready at once; one that edits them says so.
  ready: { output: '\u001b[?2004h', timeoutMs: 500 },
}

const SHELLS = new Set(['bash', 'dash', 'fish', 'ksh', 'sh', 'zsh'])

export function createLaunches({ table, defaults, dataDir }: LaunchesOptions): Launches {
  const plain = createAgents({ extra: [PLAIN_COMMAND] })

  function requestOf(subject: Subject): LaunchRequest {
    const { id, cwd, prompt, agent = '', agentArgs } = subject
    const { dir } = sessionPaths(dataDir, id)
    const own = sessionEnvironment(defaults.env, defaults.shell, subject.env)
    const env = { ...own, ...reportEnvironment(id, dir) }
    return {
      cwd,
      env,
      home: env['HOME'] ?? defaults.home,
      promptFile: promptPath(sessionPaths(dataDir, id).dir),
      allowVisiblePrompt: table.allowsVisiblePrompt(agent),
      ...(prompt !== undefined && { prompt }),
      ...(agentArgs && { extraArgs: agentArgs }),
    }
  }

  function program(plan: LaunchPlan, { id, agent = '' }: Subject): Program {
    return programOf(plan, {
      promptFile: promptPath(sessionPaths(dataDir, id).dir),
      allowVisiblePrompt: table.allowsVisiblePrompt(agent),
    })
  }

  function plan(subject: Subject): Program {
    const { agent, command, args } = subject
    const request = requestOf(subject)
    try {
      if (agent !== undefined) return program(table.planLaunch(agent, request), subject)
      const { typed, ready, env } = plain.planLaunch(PLAIN_COMMAND.id, request)
      return { command, args, env, readsFile: false, typed, ready }
    } catch (error) {
      throw asBadField(error)
    }
  }

  async function planAgain(
    record: SessionRecord,
    claimed: ReadonlySet<string>,
  ): Promise<Restoration> {
    const { agent, kind, prompt } = record
    if (agent === undefined || (agent === 'shell' && kind === 'shell')) {
      const again = { kind: prompt === undefined ? 'fresh' : 'prompt', isPromised: true } as const
      const startsFresh = kind === 'orchestrator' || (kind === 'shell' && isBareShell(record))
      if (prompt !== undefined || startsFresh) return { ...again, program: plan(record) }
      return {
        kind: 'not-resumable',
        reason:
          kind === 'shell'
            ? `${record.command} was no bare shell, and no command runs twice unasked`
            : 'it has no agent, and no prompt was saved',
      }
    }
    try {
      const request = requestOf(record)
      const sessionId = record.agentSessionId ?? (await learnSessionId(record, request, claimed))
      const transcript =
        sessionId === undefined
          ? undefined
          : (await table.findTranscript(agent, { ...request, sessionId })).kind
      const again = table.planResume(agent, {
        ...request,
        kind: kind === 'orchestrator' ? kind : 'worker',
        ...(sessionId !== undefined && { sessionId }),
        ...(transcript && { transcript }),
      })
      if (again.kind !== 'native') return restorationOf(again, record)
      const { isPromised, launch, otherwise, refusedIf } = again
      return {
        kind: 'native',
        isPromised,
        program: program(launch, record),
        refusedIf,
        otherwise: otherwise && (() => restorationOf(otherwise, record)),
      }
    } catch (error) {
      throw asBadField(error)
    }
  }

  function restorationOf(again: NewSessionPlan, record: SessionRecord): Restoration {
    if (again.kind === 'not-resumable') return { kind: again.kind, reason: again.reason }
    return { kind: again.kind, isPromised: true, program: program(again.launch, record) }
  }

  /**
   * Of an agent that chooses its ids: the only session of that folder that nobody else has and that was
   * written to since the launch. Where there are two, nobody can tell.
   */
  async function learnSessionId(
    record: SessionRecord,
    request: LaunchRequest,
    claimed: ReadonlySet<string>,
  ): Promise<string | undefined> {
    const { agent = '' } = record
    if (table.get(agent).session.kind !== 'reported') return undefined
    const listing = await table.listSessions(agent, request)
    if (listing.kind === 'unknown') return undefined
    const sinceMs = Date.parse(record.launchedAt ?? record.createdAt)
    const candidates: string[] = []
    for (const sessionId of listing.sessionIds) {
      if (claimed.has(sessionId)) continue
      const found = await table.findTranscript(agent, { ...request, sessionId })
      if (found.kind !== 'found') continue
      const { birthtimeMs } = await stat(found.path)
      if (birthtimeMs >= sinceMs) candidates.push(sessionId)
    }
    return candidates.length === 1 ? candidates[0] : undefined
  }

  /** Nothing but a shell that waits for somebody: to start it again does nothing by itself. */
  function isBareShell({ command, args }: SessionRecord): boolean {
    const isShell = command === defaults.shell || SHELLS.has(basename(command))
    return isShell && args.every((each) => /^-[il]+$|^--login$/.test(each))
  }

  return { plan, planAgain }
}
