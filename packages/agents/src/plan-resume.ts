import type { AgentSpec } from './agent-spec.ts'
import { type LaunchPlan, type LaunchRequest, planLaunch, planNative } from './plan.ts'

/** What is known of a session that has ended, or went down with the machine. */
export interface SavedSession extends Omit<LaunchRequest, 'sessionId'> {
  readonly kind: 'worker' | 'orchestrator'
  /** The agent's own id (default: nobody learned it). */
  readonly sessionId?: string
  /** What `findTranscript` said (default: `unknown`). */
  readonly transcript?: 'found' | 'absent' | 'unknown'
}

/**
 * `native`: the agent continues its session. `isPromised`: its transcript is there. If not, nobody could tell,
 * and `otherwise` is for an agent that refuses. `prompt`: a new session with the saved prompt. `fresh`: a new
 * session of an orchestrator. `not-resumable`: it stays ended.
 */
export type ResumePlan =
  | {
      readonly kind: 'native'
      readonly launch: LaunchPlan
      readonly isPromised: boolean
      /** Only where nothing is promised. */
      readonly otherwise?: NewSessionPlan
      /** The agent refused if its output has this. */
      readonly refusedIf?: string
    }
  | NewSessionPlan

export type NewSessionPlan =
  | { readonly kind: 'prompt' | 'fresh'; readonly launch: LaunchPlan }
  | {
      readonly kind: 'not-resumable'
      readonly code: 'SESSION_NOT_RESUMABLE'
      readonly reason: string
    }

export function planResume(
  spec: AgentSpec,
  saved: SavedSession,
  newSessionId: () => string,
): ResumePlan {
  const { kind, sessionId, transcript = 'unknown', ...request } = saved
  // Only where it is needed: a saved prompt that cannot be used is no reason against a resume.
  const otherwise = (): NewSessionPlan =>
    planNewSession(spec, kind, request, newSessionId, whyNotNative(spec, saved))
  if (sessionId === undefined || !spec.resume || transcript === 'absent') return otherwise()
  const launch = planNative(spec, spec.resume, request, sessionId)
  const refused = spec.resumeRefused === undefined ? {} : { refusedIf: spec.resumeRefused }
  return transcript === 'found'
    ? { kind: 'native', launch, isPromised: true, ...refused }
    : { kind: 'native', launch, isPromised: false, otherwise: otherwise(), ...refused }
}

/** Always with a new id: agents refuse one that they know already. */
function planNewSession(
  spec: AgentSpec,
  kind: SavedSession['kind'],
  request: LaunchRequest,
  newSessionId: () => string,
  reason: string,
): NewSessionPlan {
  const { prompt, ...rest } = request
  if (prompt?.trim() && spec.prompt?.length)
    return { kind: 'prompt', launch: planLaunch(spec, request, newSessionId) }
  if (kind === 'orchestrator')
    return { kind: 'fresh', launch: planLaunch(spec, rest, newSessionId) }
  const without = prompt?.trim() ? `${spec.id} takes no prompt` : 'no prompt was saved'
  return {
    kind: 'not-resumable',
    code: 'SESSION_NOT_RESUMABLE',
    reason: `${reason}, and ${without}`,
  }
}

function whyNotNative(spec: AgentSpec, { sessionId, transcript }: SavedSession): string {
  if (!spec.resume) return `${spec.id} cannot resume`
  if (sessionId === undefined) return `the session id of ${spec.id} was never learned`
  return transcript === 'absent'
    ? `${spec.id} has no transcript of ${sessionId}`
    : `${spec.id} did not resume ${sessionId}`
}
