import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Login } from './auth/token-store.ts'
import { makePrivateFolder, readIfThere, writePrivateFile } from './private-file.ts'

/** How the command line of the same user comes in without a password. */
export interface CliToken {
  /** Whether `token` is this server's. Asked only about requests from this machine. */
  find(token: string): Login | undefined
  /** Removes the file, if it is still ours. Calling it twice is fine. */
  release(): void
}

/**
 * Writes a new token of 32 random bytes, in hex, to `<stateDir>/cli-token`, mode 0600.
 *
 * Who can read it can read the password file beside it. It is worth less than the password: it opens
 * this server alone, from this machine alone, until the server ends.
 */
export function createCliToken(stateDir: string): CliToken {
  const path = join(stateDir, 'cli-token')
  const token = randomBytes(32).toString('hex')
  const hash = hashOf(token)
  const login: Login = {
    id: hash.toString('hex'),
    expiresAt: Number.MAX_SAFE_INTEGER,
    isCommandLine: true,
  }
  makePrivateFolder(stateDir)
  writePrivateFile(path, `${token}\n`)

  return {
    // Hashes are compared, so that the time it takes tells nothing about the token.
    find: (given) => (timingSafeEqual(hashOf(given), hash) ? login : undefined),
    release() {
      if (readIfThere(path) === `${token}\n`) rmSync(path, { force: true })
    },
  }
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
