export type {
  AgentConfig,
  AgentEnv,
  AgentSpec,
  PromptDelivery,
  Readiness,
  SessionIds,
  TranscriptSpec,
} from './agent-spec.ts'
export { AgentsError, type AgentsErrorCode, isAgentsError } from './agents-error.ts'
export { builtInAgents } from './built-in-agents.ts'
export { type Agents, type AgentsOptions, createAgents } from './create-agents.ts'
export type {
  AgentPlace,
  Environment,
  LaunchPlan,
  LaunchRequest,
  TypedPrompt,
} from './plan.ts'
export type { NewSessionPlan, ResumePlan, SavedSession } from './plan-resume.ts'
export type { SessionListing, TranscriptFinding, TranscriptReader } from './transcript.ts'
