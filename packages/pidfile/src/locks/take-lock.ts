import process from 'node:process'
import type { Backend } from '../holder.ts'
import { orUnreadable, PidfileError } from '../pidfile-error.ts'
import { tryExlock } from './exlock.ts'
import { tryFlock } from './flock.ts'
import type { Lock, LockAttempt } from './lock.ts'
import { trySqlite } from './sqlite.ts'

const attempts: Readonly<Record<Backend, (path: string) => Promise<LockAttempt>>> = {
  flock: (path) => tryFlock(lockFileOf(path, 'flock')),
  exlock: (path) => tryExlock(lockFileOf(path, 'exlock')),
  sqlite: (path) => trySqlite(lockFileOf(path, 'sqlite')),
  link: async () => ({ kind: 'locked', lock: { free: () => {} } }),
}

/** Best first. */
function backendsOf(platform: NodeJS.Platform): readonly Backend[] {
  if (platform === 'linux') return ['flock', 'sqlite', 'link']
  return ['exlock', 'sqlite', 'link']
}

/** The file that is locked in place of `path`. */
export function lockFileOf(path: string, backend: Backend): string {
  return backend === 'sqlite' ? `${path}.lockdb` : `${path}.lock`
}

/**
 * Takes the lock for `path`.
 *
 * @param backend The only one to try (default: the best that this system has).
 * @param whileBusy Called when somebody else has the lock; we try again when it returns.
 * @throws PidfileError `LOCK_FAILED` when `backend` cannot be had; whatever `whileBusy` throws.
 */
export async function takeLock(
  path: string,
  backend: Backend | undefined,
  whileBusy: (lockFile: string) => Promise<void>,
): Promise<{ readonly backend: Backend; readonly lock: Lock }> {
  const reasons: string[] = []
  let cause: unknown
  for (const each of backend ? [backend] : backendsOf(process.platform)) {
    let attempt = await attemptOf(each, path)
    while (attempt.kind === 'busy' || attempt.kind === 'moved') {
      if (attempt.kind === 'busy') await whileBusy(lockFileOf(path, each))
      attempt = await attemptOf(each, path)
    }
    if (attempt.kind === 'locked') return { backend: each, lock: attempt.lock }
    reasons.push(`${each}: ${attempt.reason}`)
    cause = attempt.cause
  }
  throw new PidfileError('LOCK_FAILED', `cannot lock ${path} (${reasons.join('; ')})`, { cause })
}

async function attemptOf(backend: Backend, path: string): Promise<LockAttempt> {
  const attempt = attempts[backend](path)
  return attempt.catch((error: unknown) =>
    orUnreadable(`lock ${lockFileOf(path, backend)}`, () => {
      throw error
    }),
  )
}
