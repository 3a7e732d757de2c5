import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '@conductor/machine'
import { z } from 'zod'
import { readIfThere, writePrivateFile } from '../private-file.ts'
import type { Scope } from './scope.ts'

/** More logins than this at once, and the oldest are logged out. */
const MOST_TOKENS = 1_000

/** Timers fire at once beyond 2^31 - 1 ms: the store just looks again earlier. */
const LONGEST_TIMER_MS = 86_400_000

/** What the file says: enough to know every token again, and to give none away. */
export interface KeptTokens {
  readonly v: 1
  /** Tells whether the password is still the same one. */
  readonly password: { readonly salt: string; readonly hash: string }
  /** Signs device cookies, in hex. */
  readonly deviceKey: string
  readonly tokens: readonly { readonly hash: string; readonly expiresAt: number }[]
}

const file: z.ZodType<KeptTokens> = z.object({
  v: z.literal(1),
  password: z.object({ salt: z.string(), hash: z.string() }),
  deviceKey: z.string(),
  tokens: z.array(z.object({ hash: z.string(), expiresAt: z.number() })),
})

/** Who is logged in. `id` is the token's sha256: it names the login and opens nothing. */
export interface Login {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** What it is confined to (default: nothing). */
  readonly scope?: Scope | undefined
  /** It is the command line of this machine. */
  readonly isCommandLine?: boolean | undefined
}

export interface TokenStoreOptions {
  /** Absolute. Mode 0600. */
  readonly path: string
  /** From `readTokens`. */
  readonly kept: KeptTokens
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

/** Tokens survive a restart of the server, but not a change of the password: see `readTokens`. */
export function createTokenStore(options: TokenStoreOptions): TokenStore {
  const { path, kept, timeoutMs, clock, onTrouble } = options
  const { deviceKey, password } = kept
  const listeners = new Set<(id: string) => void>()
  const expiryById = new Map(kept.tokens.map(({ hash, expiresAt }) => [hash, expiresAt]))
  let timer: unknown

  function save(): void {
    const tokens = [...expiryById].map(([hash, expiresAt]) => ({ hash, expiresAt }))
    write(path, { v: 1, password, deviceKey, tokens }, onTrouble)
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
async function slowHash(password: string, salt: string): Promise<Buffer> {
  // Not the synchronous one: a start has better things to do meanwhile.
  return (await promisify(scrypt)(password, Buffer.from(salt, 'hex'), 32)) as Buffer
}

/**
 * The tokens in the file at `path`. When they belong to another password, or the file is not ours,
 * there are none: then everybody logs in again.
 */
export async function readTokens(
  path: string,
  password: string,
  onTrouble: (error: unknown) => void,
): Promise<KeptTokens> {
  try {
    const kept = file.parse(JSON.parse(readIfThere(path) ?? ''))
    const hash = Buffer.from(kept.password.hash, 'hex')
    const now = await slowHash(password, kept.password.salt)
    if (hash.length === now.length && timingSafeEqual(hash, now)) return kept
  } catch {
    // Begin anew.
  }
  const salt = randomBytes(16).toString('hex')
  const hash = (await slowHash(password, salt)).toString('hex')
  const deviceKey = randomBytes(32).toString('hex')
  const fresh: KeptTokens = { v: 1, password: { salt, hash }, deviceKey, tokens: [] }
  // At once: the tokens of an earlier password must not be good again when that comes back.
  write(path, fresh, onTrouble)
  return fresh
}

function write(path: string, kept: KeptTokens, onTrouble: (error: unknown) => void): void {
  try {
    writePrivateFile(path, `${JSON.stringify(kept)}\n`)
  } catch (error) {
    onTrouble(error)
  }
}
