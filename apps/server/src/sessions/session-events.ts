import type { SessionExit } from '@conductor/pty-session'
import type { Attention } from '../attention/attention.ts'
import type { ViewerInfo } from './open-session.ts'
import type { SessionInfo } from './session-info.ts'

/** What `/api/events` tells about the list of sessions. */
export type SessionsEvent =
  | { readonly type: 'session.created'; readonly session: SessionInfo }
  | { readonly type: 'session.renamed'; readonly session: SessionInfo }
  | { readonly type: 'session.state'; readonly session: SessionInfo }
  | { readonly type: 'session.exited'; readonly id: string; readonly exit: SessionExit }
  | {
      readonly type: 'session.removed'
      readonly id: string
      readonly reason: 'exited' | 'deleted'
    }
  | {
      readonly type: 'session.viewers'
      readonly id: string
      readonly viewerList: readonly ViewerInfo[]
    }
  | { readonly type: 'session.attention'; readonly id: string; readonly attention: Attention }
