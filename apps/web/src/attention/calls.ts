import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { SessionInfo } from '../api/session-info.ts'
import { type SessionRef, sessionKey } from '../servers/session-ref.ts'

export type CallState = 'waiting' | 'failed' | 'done'

/** A session that has something to say to somebody. */
export interface Call {
  readonly ref: SessionRef
  readonly key: string
  readonly info: SessionInfo
  readonly state: CallState
  /** ISO 8601, UTC. */
  readonly since: string
  /** What the program said; empty when it said nothing. */
  readonly text: string
  /** A person knows of it: it is listed, and marked no more. */
  readonly isSeen: boolean
}

/** Who waits for a person. */
export interface Calls {
  /** What is not seen first, who waits before who has failed or is done, and who waits longest before others. */
  readonly all: ReadonlySignal<readonly Call[]>
  /** Those that are marked. */
  readonly unseen: ReadonlySignal<readonly Call[]>
  /** What is marked about this session. */
  of(ref: SessionRef): Call | undefined
  /** A person knows of it: until it calls anew. */
  see(key: string): void
  /** A person looks at it. What is over is seen by that; what waits goes on waiting. */
  look(ref: SessionRef): void
  /** The one to go to from here; `undefined` when none waits. */
  next(from: string | undefined): SessionRef | undefined
}

export interface CallsOptions {
  readonly sessions: () => readonly { readonly ref: SessionRef; readonly info: SessionInfo }[]
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
}

const KEY = 'conductor.seen'
const ORDER: readonly CallState[] = ['waiting', 'failed', 'done']

export function createCalls({ sessions, storage }: CallsOptions): Calls {
  /** By session: which call, by when it began. */
  const seen = signal<Readonly<Record<string, string>>>(read(storage.getItem(KEY)))

  const all = computed(() =>
    sessions()
      .flatMap(({ ref, info }): Call[] => {
        const { state, since, text } = info.attention
        if (state === 'none' || state === 'working') return []
        const key = sessionKey(ref)
        return [{ ref, key, info, state, since, text, isSeen: seen.value[key] === since }]
      })
      .sort(
        (a, b) =>
          Number(a.isSeen) - Number(b.isSeen) ||
          ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
          a.since.localeCompare(b.since),
      ),
  )
  const unseen = computed(() => all.value.filter(({ isSeen }) => !isSeen))
  const marks = computed(() => new Map(unseen.value.map((call) => [call.key, call])))

  function see(key: string): void {
    const call = marks.peek().get(key)
    if (!call) return
    // Only what still calls is worth remembering.
    const known = new Set(all.peek().map((each) => each.key))
    const rest = Object.entries(seen.peek()).filter(([each]) => known.has(each))
    seen.value = { ...Object.fromEntries(rest), [key]: call.since }
    storage.setItem(KEY, JSON.stringify(seen.value))
  }

  return {
    all,
    unseen,
    of: (ref) => marks.value.get(sessionKey(ref)),
    see,
    look(ref) {
      const call = marks.value.get(sessionKey(ref))
      if (call && call.state !== 'waiting') see(call.key)
    },
    next(from) {
      const waiting = unseen.peek()
      const at = waiting.findIndex(({ key }) => key === from)
      return waiting[(at + 1) % Math.max(waiting.length, 1)]?.ref
    },
  }
}

function read(text: string | null): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).filter(([, each]) => typeof each === 'string'))
  } catch {
    return {}
  }
}
