/** What can have happened. */
export type AuditType =
  | 'login'
  | 'login.wrong'
  | 'login.locked'
  | 'logout'
  | 'share.made'
  | 'share.claimed'
  | 'share.wrong'
  | 'share.revoked'
  | 'share.expired'
  | 'session.created'
  | 'session.renamed'
  | 'session.restored'
  | 'session.ended'
  | 'session.deleted'
  | 'session.attached'
  | 'session.detached'
  | 'keyboard.taken'
  | 'process.added'
  | 'process.started'
  | 'process.stopped'
  | 'process.restarted'
  | 'process.removed'
  | 'server.added'
  | 'server.login'
  | 'server.removed'
  | 'upload'
  | 'shutdown.requested'
  | 'audit.dropped'

/** A fact of `GET api/audit?before=<id>&session=<id>&limit=<1 to 1000>`, newest first. */
export interface AuditFactJson {
  /** Counts up, over restarts too: the `before` of the next page is the last one's. */
  readonly id: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly type: AuditType
  /** `login`, `cli` or `share:<id>`; absent where nobody did it. */
  readonly via?: string | undefined
  /** Whom they say they are, or the request. */
  readonly by?: string | undefined
  readonly address?: string | undefined
  readonly session?: string | undefined
  /** Of a process. */
  readonly name?: string | undefined
  readonly share?: string | undefined
  /** Which of the session's viewers. */
  readonly viewer?: string | undefined
  /** For a person. */
  readonly text?: string | undefined
}
