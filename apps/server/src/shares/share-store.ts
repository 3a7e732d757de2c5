import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '@conductor/machine'
import { z } from 'zod'
import type { ViewMode } from '../auth/scope.ts'
import type { Login } from '../auth/token-store.ts'
import { readIfThere, writePrivateFile } from '../private-file.ts'

/** Browsers that may hold one link at once; one more, and the oldest has to claim it again. */
const MOST_CLAIMS = 100

/** Timers fire at once beyond 2^31 - 1 ms: the store just looks again earlier. */
const LONGEST_TIMER_MS = 86_400_000

/** A link that opens one session. Of its secret there is only a hash. */
export interface Share {
  readonly id: string
  readonly sessionId: string
  /** The most that whoever has it may do. */
  readonly mode: ViewMode
  readonly label?: string | undefined
  /** For a person. */
  readonly madeBy?: string | undefined
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly expiresAt: number
}

interface Kept extends Share {
  readonly hash: string
  /** Hashes of the tokens that were given for it, oldest first. */
  readonly tokens: readonly string[]
}

const file: z.ZodType<{ v: 1; boundTo: string; shares: readonly Kept[] }> = z.object({
  v: z.literal(1),
  boundTo: z.string(),
  shares: z.array(
    z.object({
      id: z.string(),
      sessionId: z.string(),
      mode: z.enum(['driver', 'viewer']),
      label: z.string().optional(),
      madeBy: z.string().optional(),
      createdAt: z.number(),
      expiresAt: z.number(),
      hash: z.string(),
      tokens: z.array(z.string()),
    }),
  ),
})

export interface ShareEnd {
  readonly share: Share
  /** `crowded`: the link still opens, only its oldest browser has to make room. */
  readonly why: 'revoked' | 'expired' | 'session gone' | 'crowded'
  /** The logins that end with it. */
  readonly loginIds: readonly string[]
}

export interface ShareStoreOptions {
  /** Absolute. Mode 0600. */
  readonly path: string
  /** Changes with the password: shares do not outlive the one they were made under. */
  readonly boundTo: string
  readonly clock: Clock
  /** A change could not be written to disk: it holds until the server ends. */
  readonly onTrouble: (error: unknown) => void
}

export interface NewShare {
  readonly sessionId: string
  readonly mode: ViewMode
  readonly expiresInMs: number
  readonly label?: string | undefined
  readonly madeBy?: string | undefined
}

export interface ShareStore {
  /** `secret`: 256 random bits, told once. */
  create(wanted: NewShare): { readonly share: Share; readonly secret: string }
  /** Oldest first. */
  list(sessionId?: string): readonly Share[]
  /**
   * @param known The tokens that the same browser has for this share: a good one stays the one.
   * @returns `undefined` for a secret that opens nothing (any more).
   */
  claim(
    secret: string,
    known?: (share: Share) => readonly string[],
  ): { readonly share: Share; readonly token: string; readonly isNew: boolean } | undefined
  find(token: string): Login | undefined
  /** @returns What it was; `undefined` when there is none. */
  revoke(id: string): Share | undefined
  forgetSession(sessionId: string): void
  subscribe(listener: (end: ShareEnd) => void): () => void
  close(): void
}

/** Share links survive a restart of the server, but not a change of its password. */
export function createShareStore(options: ShareStoreOptions): ShareStore {
  const { path, boundTo, clock, onTrouble } = options
  const listeners = new Set<(end: ShareEnd) => void>()
  const shares = new Map(read(path, boundTo).map((share) => [share.id, share]))
  let timer: unknown

  function save(): void {
    try {
      writePrivateFile(path, `${JSON.stringify({ v: 1, boundTo, shares: [...shares.values()] })}\n`)
    } catch (error) {
      onTrouble(error)
    }
  }

  function end(gone: readonly Kept[], why: ShareEnd['why']): void {
    if (gone.length === 0) return
    for (const { id } of gone) shares.delete(id)
    save()
    for (const kept of gone) tell({ share: described(kept), why, loginIds: kept.tokens })
  }

  function tell(ended: ShareEnd): void {
    for (const listener of [...listeners]) listener(ended)
  }

  function sweep(): void {
    const nowMs = clock.date()
    end(
      [...shares.values()].filter(({ expiresAt }) => expiresAt <= nowMs),
      'expired',
    )
    clock.clearTimeout(timer)
    if (shares.size === 0) return
    const nextMs = Math.min(...[...shares.values()].map(({ expiresAt }) => expiresAt)) - nowMs
    timer = clock.setTimeout(sweep, Math.min(Math.max(nextMs, 1), LONGEST_TIMER_MS))
  }

  /** Also while the timer is late: a suspended machine has slept over it. */
  function living(): Kept[] {
    const nowMs = clock.date()
    return [...shares.values()].filter(({ expiresAt }) => expiresAt > nowMs)
  }

  sweep()

  return {
    create({ expiresInMs, ...wanted }) {
      const secret = randomBytes(32).toString('base64url')
      const createdAt = clock.date()
      const kept: Kept = {
        ...wanted,
        id: randomBytes(6).toString('hex'),
        createdAt,
        expiresAt: createdAt + expiresInMs,
        hash: hashOf(secret),
        tokens: [],
      }
      shares.set(kept.id, kept)
      save()
      sweep()
      return { share: described(kept), secret }
    },
    list: (sessionId) =>
      living()
        .filter((share) => sessionId === undefined || share.sessionId === sessionId)
        .map(described),
    claim(secret, known = () => []) {
      // The hash is compared, so that the time it takes tells nothing about the secret.
      const hash = hashOf(secret)
      const kept = living().find((share) => share.hash === hash)
      if (!kept) return undefined
      const share = described(kept)
      const token = known(share).find((each) => kept.tokens.includes(hashOf(each)))
      if (token !== undefined) return { share, token, isNew: false }
      const fresh = randomBytes(32).toString('hex')
      const tokens = [...kept.tokens, hashOf(fresh)]
      const loginIds = tokens.splice(0, Math.max(tokens.length - MOST_CLAIMS, 0))
      shares.set(kept.id, { ...kept, tokens })
      save()
      if (loginIds.length > 0) tell({ share, why: 'crowded', loginIds })
      return { share, token: fresh, isNew: true }
    },
    find(token) {
      if (!/^[0-9a-f]{64}$/.test(token)) return undefined
      const id = hashOf(token)
      const kept = living().find(({ tokens }) => tokens.includes(id))
      if (!kept) return undefined
      const { id: shareId, sessionId, mode, label, expiresAt } = kept
      return { id, expiresAt, scope: { kind: 'share', shareId, sessionId, mode, label } }
    },
    revoke(id) {
      const kept = shares.get(id)
      if (!kept) return undefined
      end([kept], 'revoked')
      sweep()
      return described(kept)
    },
    forgetSession(sessionId) {
      end(
        [...shares.values()].filter((share) => share.sessionId === sessionId),
        'session gone',
      )
      sweep()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      clock.clearTimeout(timer)
      listeners.clear()
    },
  }
}

function described({ hash: _, tokens: __, ...share }: Kept): Share {
  return share
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function read(path: string, boundTo: string): readonly Kept[] {
  try {
    const kept = file.parse(JSON.parse(readIfThere(path) ?? ''))
    return kept.boundTo === boundTo ? kept.shares : []
  } catch {
    // Begin anew.
    return []
  }
}
