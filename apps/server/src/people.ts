import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '@conductor/machine'
import type { Attentions } from './attention/attention.ts'
import type { AuditLog } from './audit/audit-log.ts'
import type { Auth } from './auth/auth.ts'
import { createLockOut, type LockOut } from './auth/lock-out.ts'
import type { TokenStore } from './auth/token-store.ts'
import type { EventLog } from './event-log.ts'
import { createPushStore, type PushStore } from './push/push-store.ts'
import { createPusher, type Pusher } from './push/pusher.ts'
import { createPushSender, type PushSenderOptions } from './push/sender.ts'
import { loadVapid, type Vapid } from './push/vapid.ts'
import { createRemotes, type Remotes } from './remotes/remotes.ts'
import type { SessionInfo } from './sessions/session-info.ts'
import { createShareStore, type ShareStore } from './shares/share-store.ts'
import type { Connections } from './ws/connections.ts'

/** The guests of a session that has gone may read on to its end, in milliseconds. */
const LAST_WORDS_MS = 60_000

export interface PeopleOptions {
  readonly stateDir: string
  readonly tokens: TokenStore
  readonly clock: Clock
  readonly audit: AuditLog
  readonly attentions: Attentions
  readonly events: EventLog
  readonly connections: Connections
  readonly sessionOf: (id: string) => SessionInfo | undefined
  /** For tests: where push services may be, and whom to trust about them. */
  readonly push?: Pick<PushSenderOptions, 'isAllowed' | 'ca'> | undefined
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/** Who may come in by a link, who is told of what when they are away, and where else people go from here. */
export interface People {
  readonly shares: ShareStore
  readonly shareLockOut: LockOut
  readonly remotes: Remotes
  readonly vapid: Vapid
  readonly pushStore: PushStore
  readonly pusher: Pusher
  readonly allowsPrivatePush: boolean
  /** Whoever logs out is not told any more, either. */
  onLogout(auth: Auth): Auth['logout']
  close(): void
}

export function invitePeople(options: PeopleOptions): People {
  const { stateDir, tokens, clock, audit, attentions, events, connections, sessionOf, onTrouble } =
    options
  const boundTo = createHash('sha256').update('shares').update(tokens.deviceKey).digest('hex')
  const shares = createShareStore({
    path: join(stateDir, 'shares.json'),
    boundTo,
    clock,
    onTrouble: (error) => onTrouble('shares cannot be kept', error),
  })
  shares.subscribe(({ share, why, loginIds }) => {
    for (const id of loginIds) connections.endLogin(id, 4401, `the link has ended: ${why}`)
    if (why === 'expired')
      audit.note({ type: 'share.expired', session: share.sessionId, share: share.id })
  })
  const timers = new Set<unknown>()
  const unsubscribe = events.subscribe(({ event }) => {
    if (event.type !== 'session.removed' || shares.list(event.id).length === 0) return
    const timer = clock.setTimeout(() => {
      timers.delete(timer)
      shares.forgetSession(event.id)
    }, LAST_WORDS_MS)
    timers.add(timer)
  })
  const vapid = loadVapid(join(stateDir, 'vapid.json'))
  const pushStore = createPushStore({
    path: join(stateDir, 'push.json'),
    boundTo,
    onTrouble: (error) => onTrouble('push subscriptions cannot be kept', error),
  })
  const pusher = createPusher({
    store: pushStore,
    send: createPushSender({ vapid, clock, ...options.push }),
    clock,
    sessionOf,
    typedAtMs: attentions.typedAtMs,
    onTrouble: (reason) => onTrouble('a device was not told', reason),
  })
  attentions.subscribe(pusher.changed)

  return {
    shares,
    shareLockOut: createLockOut({ clock }),
    remotes: createRemotes({ path: join(stateDir, 'servers.json'), events, clock, onTrouble }),
    vapid,
    pushStore,
    pusher,
    allowsPrivatePush: options.push?.isAllowed !== undefined,
    onLogout: (auth) => (login) => {
      auth.logout(login)
      pushStore.forgetLogin(login.id)
    },
    close() {
      unsubscribe()
      for (const timer of timers) clock.clearTimeout(timer)
      shares.close()
    },
  }
}
