import type { Call } from './calls.ts'

/** What shows a message outside of the page. */
export interface NoticeBoard {
  show(call: Call): void
  /** The person knows: it need not be there any more. */
  take(key: string): void
}

export interface PageNoticesOptions {
  readonly board: NoticeBoard
  /** Whether somebody wants to hear of this now, and cannot see it. */
  readonly isWanted: (call: Call) => boolean
}

/**
 * Tells of each call once, and takes it back when it is over.
 *
 * @returns To be called with what calls, whenever that changes. What calls at first is no news.
 */
export function createPageNotices({
  board,
  isWanted,
}: PageNoticesOptions): (calls: readonly Call[]) => void {
  let known: ReadonlyMap<string, Call> | undefined
  return (calls) => {
    const now = new Map(calls.map((call) => [call.key, call]))
    for (const call of known ? calls : []) {
      const before = known?.get(call.key)
      const isNews = before?.since !== call.since || before.state !== call.state
      if (isNews && isWanted(call)) board.show(call)
    }
    for (const key of known?.keys() ?? []) if (!now.has(key)) board.take(key)
    known = now
  }
}

/** By the browser's notifications; nothing where it has none, or was not allowed any. */
export function createNoticeBoard(
  registration: Promise<ServiceWorkerRegistration | undefined>,
  icon: string,
): NoticeBoard {
  const open = new Map<string, Notification>()
  return {
    show(call) {
      const [title, options] = noticeOf({ ...call, name: call.info.name, sessionId: call.ref.id })
      void registration.then((worker) => {
        // Phones know only those of a service worker.
        if (worker) return worker.showNotification(title, { ...options, icon })
        open.set(call.key, new Notification(title, { ...options, icon }))
        return undefined
      })
    },
    take(key) {
      open.get(key)?.close()
      open.delete(key)
      const id = key.slice(key.indexOf('/') + 1)
      void registration.then(async (worker) => {
        for (const each of (await worker?.getNotifications({ tag: tagOf(id) })) ?? []) each.close()
      })
    },
  }
}

export interface Noticed {
  readonly sessionId: string
  readonly name: string
  readonly state: 'waiting' | 'done' | 'failed'
  readonly text?: string | undefined
}

const WORDS = { waiting: 'waits for you', done: 'is done', failed: 'has failed' } as const

/** One for each session: a newer one takes its place. */
export const tagOf = (sessionId: string): string => `conductor-${sessionId}`

/** A call as a notification: the same from a page and from the service worker. */
export function noticeOf({
  sessionId,
  name,
  state,
  text,
}: Noticed): readonly [
  title: string,
  options: NotificationOptions & { readonly renotify: boolean },
] {
  const options = {
    ...(text && { body: text }),
    tag: tagOf(sessionId),
    renotify: true,
    data: { sessionId },
  }
  return [`${name} ${WORDS[state]}`, options]
}
