import { createHash } from 'node:crypto'
import type { Clock } from '@conductor/machine'
import type { AttentionChange } from '../attention/attention.ts'
import type { SessionInfo } from '../sessions/session-info.ts'
import { isQuiet, type PushStore } from './push-store.ts'
import type { PushSender } from './sender.ts'

/** Who waits for long is waited for in vain: the news is old then. */
const TTL_SECONDS = 12 * 3_600

/** A page says that it is looked at every 30 s or so; one that has not said so for this long is not. In milliseconds. */
const LOOKING_MS = 45_000

/** Whoever typed is still there for so long, in a terminal too, which says nothing. In milliseconds. */
const AT_KEYS_MS = 60_000

/** Pages that say so; each is forgotten after a while. */
const MOST_PAGES = 1_000

/** What is sent, encrypted. Small, and without anything that the terminal shows unless that was asked for. */
export interface PushPayload {
  readonly v: 1
  readonly type: 'attention'
  readonly sessionId: string
  readonly name: string
  readonly state: 'waiting' | 'done' | 'failed'
  /** ISO 8601, UTC. */
  readonly since: string
  readonly text?: string
}

export interface PusherOptions {
  readonly store: PushStore
  readonly send: PushSender
  readonly clock: Clock
  readonly sessionOf: (id: string) => SessionInfo | undefined
  /** When somebody typed into it last, by the clock's `now`. */
  readonly typedAtMs: (id: string) => number | undefined
  /** A message could not be sent. */
  readonly onTrouble: (reason: string) => void
}

/** Tells people who look at nothing that a session waits for them. */
export interface Pusher {
  changed(change: AttentionChange): void
  /** Resolves when every device was told of what has changed so far, or could not be. */
  settled(): Promise<void>
  /** A page shows this session to somebody who can see it; `undefined`: no session, or nobody sees it. */
  looking(page: string, sessionId: string | undefined): void
}

export function createPusher(options: PusherOptions): Pusher {
  const { store, send, clock, sessionOf, typedAtMs, onTrouble } = options
  const sending = new Set<Promise<void>>()
  const pages = new Map<string, { readonly sessionId: string; readonly untilMs: number }>()

  function isSeen(sessionId: string): boolean {
    const nowMs = clock.now()
    const typedMs = typedAtMs(sessionId)
    if (typedMs !== undefined && nowMs - typedMs <= AT_KEYS_MS) return true
    return [...pages.values()].some((page) => page.sessionId === sessionId && page.untilMs > nowMs)
  }

  function changed(change: AttentionChange): void {
    const work = tell(change).finally(() => sending.delete(work))
    sending.add(work)
  }

  async function tell({ sessionId, attention, previous }: AttentionChange): Promise<void> {
    const { state, since, text } = attention
    // A new text of the same state is no new reason to wake anybody.
    if (state === 'none' || state === 'working' || state === previous.state) return
    const { settings, subscriptions } = store
    if (!settings.states.includes(state) || settings.muted.includes(sessionId)) return
    if (isQuiet(settings, clock.date()) || isSeen(sessionId)) return
    const payload: PushPayload = {
      ...{ v: 1, type: 'attention', sessionId, state, since },
      name: sessionOf(sessionId)?.name ?? sessionId,
      ...(settings.includeText && text !== undefined && { text }),
    }
    const message = {
      payload: Buffer.from(JSON.stringify(payload)),
      topic: topicOf(sessionId),
      ttlSeconds: TTL_SECONDS,
      urgency: state === 'done' ? 'normal' : 'high',
    } as const
    await Promise.all(
      subscriptions.map(async (subscription) => {
        const outcome = await send(subscription, message)
        if (outcome.kind === 'gone') store.remove(subscription.endpoint)
        if (outcome.kind === 'failed') onTrouble(outcome.reason)
      }),
    )
  }

  return {
    changed,
    async settled() {
      await Promise.all(sending)
    },
    looking(page, sessionId) {
      pages.delete(page)
      if (sessionId === undefined) return
      pages.set(page, { sessionId, untilMs: clock.now() + LOOKING_MS })
      const oldest = pages.keys().next().value
      if (pages.size > MOST_PAGES && oldest !== undefined) pages.delete(oldest)
    },
  }
}

/** One topic for a session: the latest takes the place of those not delivered yet. RFC 8030, section 5.4. */
function topicOf(sessionId: string): string {
  return createHash('sha256').update(`session ${sessionId}`).digest('base64url').slice(0, 32)
}
