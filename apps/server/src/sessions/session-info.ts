import type { SessionJson } from '@conductor/api-types'
import { type PtySession, tmuxAttachCommand } from '@conductor/pty-session'
import type { Attention } from '../attention/attention.ts'
import type { ViewerInfo } from './open-session.ts'
import type { SessionRecord } from './session-file.ts'

/** A session as the outside sees it: what clients read, and nothing that they would not understand. */
export interface SessionInfo extends SessionJson {
  readonly id: string
  readonly name: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** `unreachable`: its host does not answer, which proves nothing. `lost`: its host is dead. */
  readonly status: 'running' | 'stalled' | 'unreachable' | 'lost' | 'exited'
  /** Why it is not simply running. */
  readonly reason?: string
  readonly kind: SessionRecord['kind']
  readonly durability: SessionRecord['durability']
  readonly runtime: 'host' | 'tmux' | 'server'
  /** What a person runs to use it in a terminal of their own: a program and its arguments. In tmux alone. */
  readonly attachCommand?: readonly string[]
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly agent?: string
  /** The agent's own id of its session. */
  readonly agentSessionId?: string
  readonly projectId?: string
  readonly pid?: number
  /** Of its output. Who knows it can attach for a while after the end, and prove that nothing is missing. */
  readonly epoch?: string
  readonly cols?: number
  readonly rows?: number
  /** How many look at it. */
  readonly viewers: number
  /** Who they are, in the order in which they came. */
  readonly viewerList?: readonly ViewerInfo[]
  /** Whether it waits for somebody. */
  readonly attention?: Attention
}

export function describeSession(
  record: SessionRecord,
  state: PtySession['state'],
  session?: PtySession,
  viewers = 0,
): SessionInfo {
  const { id, name, createdAt, kind, durability, command, args, cwd, pid } = record
  const { agent, agentSessionId, projectId } = record
  return {
    id,
    name,
    createdAt,
    status: state.name,
    ...('reason' in state && { reason: state.reason }),
    kind,
    durability,
    ...runtimeOf(record, state),
    command,
    args,
    cwd,
    ...(agent !== undefined && { agent }),
    ...(agentSessionId !== undefined && { agentSessionId }),
    ...(projectId !== undefined && { projectId }),
    ...(pid !== undefined && { pid }),
    ...(session && {
      epoch: session.log.epoch,
      cols: session.size.cols,
      rows: session.size.rows,
    }),
    viewers,
  }
}

function runtimeOf(
  { id, durability, runtime, tmuxSocket }: SessionRecord,
  { name }: PtySession['state'],
): Pick<SessionInfo, 'runtime' | 'attachCommand'> {
  if (runtime !== 'tmux') return { runtime: durability === 'server' ? 'server' : 'host' }
  if (tmuxSocket === undefined || name === 'lost' || name === 'exited') return { runtime }
  return { runtime, attachCommand: tmuxAttachCommand({ socket: tmuxSocket, id }) }
}
