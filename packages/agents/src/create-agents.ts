import { randomUUID } from 'node:crypto'
import type { AgentConfig, AgentSpec } from './agent-spec.ts'
import { AgentsError } from './agents-error.ts'
import { builtInAgents } from './built-in-agents.ts'
import { mergeAgents } from './check-agents.ts'
import { type AgentPlace, type LaunchPlan, type LaunchRequest, planLaunch } from './plan.ts'
import { planResume, type ResumePlan, type SavedSession } from './plan-resume.ts'
import {
  findTranscript,
  listSessions,
  nodeReader,
  type SessionListing,
  type TranscriptFinding,
  type TranscriptReader,
} from './transcript.ts'

export interface AgentsOptions {
  /** Agents of a config, as parsed from its JSON (default: none). Checked at once. */
  readonly extra?: readonly AgentConfig[]
  /** Makes the ids of agents that are pinned: UUIDs (default: `randomUUID` of Node). */
  readonly newSessionId?: () => string
  /** Reads the agents' transcripts (default: the file system). */
  readonly reader?: TranscriptReader
}

/** Plans how agents are started. It starts none, and writes nothing. */
export interface Agents {
  /** @throws AgentsError `UNKNOWN_AGENT`. */
  get(id: string): AgentSpec
  list(): readonly AgentSpec[]
  /** @throws AgentsError `UNKNOWN_AGENT`, `BAD_OPTION`, `NO_PROMPT`. */
  planLaunch(id: string, request: LaunchRequest): LaunchPlan
  /**
   * The agent's own resume, else the saved prompt, else an orchestrator starts fresh, else it stays ended.
   * Ask `findTranscript` first: without it, nothing is promised.
   *
   * @throws AgentsError `UNKNOWN_AGENT`, `BAD_OPTION`, and `NO_PROMPT` where the saved prompt needs a `promptFile`.
   */
  planResume(id: string, saved: SavedSession): ResumePlan
  /** Whether the agent still has what it would resume. Never rejects for a file that cannot be read. */
  findTranscript(
    id: string,
    place: AgentPlace & { readonly sessionId: string },
  ): Promise<TranscriptFinding>
  /** The ids of its sessions in `cwd`. The one that is there after a launch and was not before is the new one. */
  listSessions(id: string, place: AgentPlace): Promise<SessionListing>
}

/**
 * The built-in agents, and those of a config.
 *
 * @throws AgentsError `BAD_SPEC` for agents of the config that cannot be meant.
 */
export function createAgents(options: AgentsOptions = {}): Agents {
  const { extra = [], newSessionId = randomUUID, reader = nodeReader } = options
  const specs = mergeAgents(builtInAgents, extra)

  function get(id: string): AgentSpec {
    const spec = specs.get(id)
    if (spec) return spec
    throw new AgentsError(
      'UNKNOWN_AGENT',
      `there is no agent ${JSON.stringify(id)}: pick one of ${[...specs.keys()].join(', ')}, or add it to the config`,
    )
  }

  return {
    get,
    list: () => [...specs.values()],
    planLaunch: (id, request) => planLaunch(get(id), request, newSessionId),
    planResume: (id, saved) => planResume(get(id), saved, newSessionId),
    findTranscript: async (id, place) => findTranscript(get(id), place, reader),
    listSessions: async (id, place) => listSessions(get(id), place, reader),
  }
}
