import { join } from 'node:path'
import type { Clock } from '@conductor/machine'
import { type Attentions, createAttentions } from './attention/attention.ts'
import { createReportKeys, type ReportKeys } from './attention/report-keys.ts'
import { type AuditLog, createAuditLog } from './audit/audit-log.ts'
import type { EventLog } from './event-log.ts'
import type { OpenSession, ViewerInfo } from './sessions/open-session.ts'
import type { SessionDirectoryOptions } from './sessions/session-directory.ts'
import { sessionPaths } from './sessions/session-file.ts'

export interface SessionWatchOptions {
  readonly stateDir: string
  readonly dataDir: string
  readonly events: EventLog
  readonly clock: Clock
  /** After how much silence an agent waits, in milliseconds; `undefined`: silence says nothing. */
  readonly silenceOf: (agent: string | undefined) => number | undefined
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/** What is noticed of sessions: who looks and types, whether one waits for somebody, and what to remember of it. */
export interface SessionWatching {
  readonly audit: AuditLog
  readonly attentions: Attentions
  readonly reportKeys: ReportKeys
  /** For `createSessionDirectory`. */
  readonly forDirectory: Required<
    Pick<SessionDirectoryOptions, 'watch' | 'attentionOf' | 'prepare'>
  >
  close(): Promise<void>
}

export function watchSessions(options: SessionWatchOptions): SessionWatching {
  const { stateDir, dataDir, events, clock, silenceOf, onTrouble } = options
  const audit = createAuditLog({
    path: join(stateDir, 'audit.jsonl'),
    clock,
    onTrouble: (error) => onTrouble('the audit log cannot be written', error),
  })
  const reportKeys = createReportKeys({
    sessionDir: (id) => sessionPaths(dataDir, id).dir,
    onTrouble: (error) => onTrouble('a session cannot report on itself', error),
  })
  const attentions = createAttentions({ clock })
  attentions.subscribe(({ sessionId: id, attention }) =>
    events.publish({ type: 'session.attention', id, attention }),
  )
  const unsubscribe = events.subscribe(({ event }) => {
    if (event.type === 'session.exited') {
      const { code, signal } = event.exit
      const text = signal ? `by ${signal}` : `exit code ${code ?? 'unknown'}`
      audit.note({ type: 'session.ended', session: event.id, text })
    }
    if (event.type === 'session.removed') {
      attentions.forget(event.id)
      reportKeys.forget(event.id)
    }
  })

  function told(open: OpenSession): void {
    const { record, viewerList } = open
    events.publish({ type: 'session.viewers', id: record.id, viewerList })
  }

  function note(
    type: 'session.attached' | 'session.detached' | 'keyboard.taken',
    { record }: OpenSession,
    { id, via, label, address, mode }: ViewerInfo,
  ): void {
    audit.note({ type, session: record.id, via, by: label, address, viewer: id, text: mode })
  }

  return {
    audit,
    attentions,
    reportKeys,
    forDirectory: {
      prepare: reportKeys.issue,
      attentionOf: attentions.get,
      watch: {
        entered({ record, session }) {
          attentions.watch(record.id, session, { silenceMs: silenceOf(record.agent) })
          reportKeys.issue(record.id)
        },
        joined(open, viewer) {
          told(open)
          note('session.attached', open, viewer)
        },
        left(open, viewer) {
          told(open)
          note('session.detached', open, viewer)
        },
        tookKeyboard(open, viewer) {
          told(open)
          note('keyboard.taken', open, viewer)
        },
        typed: ({ record }) => attentions.typed(record.id),
      },
    },
    async close() {
      unsubscribe()
      attentions.close()
      await audit.close()
    },
  }
}
