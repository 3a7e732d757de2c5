import { type AgentConfig, type Agents, createAgents, isAgentsError } from '@conductor/agents'
import { ServerError } from '../server-error.ts'

/** An agent of the config file. */
export type ServerAgent = AgentConfig & {
  /** Its prompt may stand in its arguments, where every user of the machine can read it (default: no). */
  readonly allowVisiblePrompt?: boolean | undefined
  /** After so long without output it waits for somebody (default: 10,000; 0: silence says nothing). */
  readonly silenceMs?: number | undefined
}

/** Agents draw something at least once a second while they work: spinners, clocks. In milliseconds. */
const SILENCE_MS = 10_000

export interface AgentTable extends Agents {
  allowsVisiblePrompt(id: string): boolean
  /** After how much silence an agent waits; `undefined`: silence says nothing, as of a shell. */
  silenceOf(id: string | undefined): number | undefined
}

/**
 * The built-in agents and those of the config.
 *
 * @throws ServerError `BAD_CONFIG`: agents that cannot be meant, each with its field.
 */
export function createAgentTable(configured: readonly ServerAgent[]): AgentTable {
  const visible = new Set<string>()
  const silence = new Map<string, number>([['shell', 0]])
  const extra = configured.map(({ allowVisiblePrompt = false, silenceMs, ...agent }) => {
    if (allowVisiblePrompt) visible.add(agent.id)
    if (silenceMs !== undefined) silence.set(agent.id, silenceMs)
    // What is left is as the config has it, and is checked below.
    return agent as AgentConfig
  })
  try {
    return {
      ...createAgents({ extra }),
      allowsVisiblePrompt: (id) => visible.has(id),
      silenceOf: (id) =>
        id === undefined ? undefined : (silence.get(id) ?? SILENCE_MS) || undefined,
    }
  } catch (error) {
    if (!isAgentsError(error, 'BAD_SPEC')) throw error
    const text = error.message.replace(/^\[[^\]]*\] /, '').replace(/\s*\n\s*/g, '; ')
    throw new ServerError('BAD_CONFIG', text, { cause: error })
  }
}
