import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@conductor/machine'
import { z } from 'zod'
import { readIfThere, writePrivateFile } from '../private-file.ts'

/** More logins than this at once, and the oldest are logged out. */
const MOST_TOKENS = 1_000

/** Timers fire at once beyond 2^31 - 1 ms: the store just looks again earlier. */
const LONGEST_TIMER_MS = 86_400_000

const file = z.object({
  v: z.literal(1),
  /** Tells whether the password is still the same one, and gives it away to nobody. */
  password: z.object({ salt: z.string(), hash: z.string() }),
  deviceKey: z.string(),
  tokens: z.array(z.object({ hash: z.string(), expiresAt: z.number() })),
})

/** Who is logged in. `id` is the token's sha256: it names the login and opens nothing. */
export interface Login {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export interface TokenStoreOptions {
  /** Absolute. Mode 0600. */
  readonly path: string
  readonly password: string
  readonly timeoutMs: number
  readonly clock: Clock
  /** A change could not be written to disk: the login holds, until the server ends. */
  readonly onTrouble: (error: unknown) => void
}

export interface TokenStore {
  /** Signs device cookies. Changes with the password. */
  readonly deviceKey: Buffer
  /** A new token: 64 hex digits, told once. At rest there is only its hash. */
  create(): { readonly token: string; readonly login: Login }
  find(token: string): Login | undefined
  revoke(id: string): void
  /** Called with the id of every login that ends: by `revoke`, by time, or for a newer one. */
  subscribe(listener: (id: string) => void): () => void
  close(): void
}

/** Tokens survive a restart of the server. All of them end when the password changes. */
export function createTokenStore(options: TokenStoreOptions): TokenStore {
  const { path, password, timeoutMs, clock, onTrouble } = options
  const listeners = new Set<(id: string) => void>()
  const kept = readKept(path, password)
  const check = kept?.password ?? newPasswordCheck(password)
  const deviceKey = kept?.deviceKey ?? randomBytes(32).toString('hex')
  const expiryById = new Map(kept?.tokens.map(({ hash, expiresAt }) => [hash, expiresAt]))
  let timer: unknown

  function save(): void {
    const tokens = [...expiryById].map(([hash, expiresAt]) => ({ hash, expiresAt }))
    try {
      writePrivateFile(path, `${JSON.stringify({ v: 1, password: check, deviceKey, tokens })}\n`)
    } catch (error) {
      onTrouble(error)
    }
  }

  function remove(ids: readonly string[]): void {
    const gone = ids.filter((id) => expiryById.delete(id))
    if (gone.length === 0) return
    save()
    for (const id of gone) for (const listener of listeners) listener(id)
  }

  function sweep(): void {
    const nowMs = clock.date()
    remove([...expiryById].filter(([, at]) => at <= nowMs).map(([id]) => id))
    clock.clearTimeout(timer)
    if (expiryById.size === 0) return
    const nextMs = Math.min(...expiryById.values()) - nowMs
    timer = clock.setTimeout(sweep, Math.min(Math.max(nextMs, 1), LONGEST_TIMER_MS))
  }

  sweep()
  if (!kept) save()

  return {
    deviceKey: Buffer.from(deviceKey, 'hex'),
    create() {
      const token = randomBytes(32).toString('hex')
      const login = { id: hashOf(token), expiresAt: clock.date() + timeoutMs }
      const excess = expiryById.size - MOST_TOKENS + 1
      if (excess > 0) remove([...expiryById.keys()].slice(0, excess))
      expiryById.set(login.id, login.expiresAt)
      save()
      sweep()
      return { token, login }
    },
    find(token) {
      if (!/^[0-9a-f]{64}$/.test(token)) return undefined
      const id = hashOf(token)
      const expiresAt = expiryById.get(id)
      return expiresAt === undefined || expiresAt <= clock.date() ? undefined : { id, expiresAt }
    },
    revoke(id) {
      remove([id])
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

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** A slow hash, because a person's password can be guessed from a fast one. */
function scrypt(password: string, salt: string): Buffer {
  return scryptSync(password, Buffer.from(salt, 'hex'), 32)
}

function newPasswordCheck(password: string): { readonly salt: string; readonly hash: string } {
  const salt = randomBytes(16).toString('hex')
  return { salt, hash: scrypt(password, salt).toString('hex') }
}

/** What the file says, unless it belongs to another password, or is not ours: then all log in again. */
function readKept(path: string, password: string): z.infer<typeof file> | undefined {
  const text = readIfThere(path)
  if (text === undefined) return undefined
  try {
    const kept = file.parse(JSON.parse(text))
    const hash = Buffer.from(kept.password.hash, 'hex')
    const now = scrypt(password, kept.password.salt)
    return hash.length === now.length && timingSafeEqual(hash, now) ? kept : undefined
  } catch {
    return undefined
  }
}
