import { type AgentConfig, type Agents, createAgents, isAgentsError } from '@conductor/agents'
import { ServerError } from '../server-error.ts'

/** An agent of the config file. */
export type ServerAgent = AgentConfig & {
  /** Its prompt may stand in its arguments, where every user of the machine can read it (default: no). */
  readonly allowVisiblePrompt?: boolean | undefined
}

export interface AgentTable extends Agents {
  allowsVisiblePrompt(id: string): boolean
}

/**
 * The built-in agents and those of the config.
 *
 * @throws ServerError `BAD_CONFIG`: agents that cannot be meant, each with its field.
 */
export function createAgentTable(configured: readonly ServerAgent[]): AgentTable {
  const visible = new Set<string>()
  const extra = configured.map(({ allowVisiblePrompt = false, ...agent }) => {
    if (allowVisiblePrompt) visible.add(agent.id)
    // What is left is as the config has it, and is checked below.
    return agent as AgentConfig
  })
  try {
    return { ...createAgents({ extra }), allowsVisiblePrompt: (id) => visible.has(id) }
  } catch (error) {
    if (!isAgentsError(error, 'BAD_SPEC')) throw error
    const text = error.message.replace(/^\[[^\]]*\] /, '').replace(/\s*\n\s*/g, '; ')
    throw new ServerError('BAD_CONFIG', text, { cause: error })
  }
}
