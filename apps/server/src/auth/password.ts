import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { makePrivateFolder, readIfThere, writePrivateFile } from '../private-file.ts'

/** What everybody tries first. */
const KNOWN = new Set(
  'password passw0rd password1 12345678 123456789 1234567890 qwertyui qwertyuiop administrator conductor changeme letmein1 iloveyou welcome1 default1 sunshine football baseball trustno1 superman'.split(
    ' ',
  ),
)

const LEAST_CHARACTERS = 8

/** Why a password must not stand between the internet and a shell; `undefined` when it may. */
export function weaknessOf(password: string): string | undefined {
  const plain = password.toLowerCase()
  if (plain === 'admin' || KNOWN.has(plain)) return 'it is one of those that everybody tries first'
  if (password.length < LEAST_CHARACTERS) return `it has fewer than ${LEAST_CHARACTERS} characters`
  if (new Set(password).size < 4) return 'it has fewer than 4 different characters'
  return undefined
}

export interface Password {
  readonly value: string
  /** Whether it was made just now, and nobody knows it yet. */
  readonly generated: boolean
}

/** The configured password, else the one kept in `stateDir/password`, else a new one kept there. */
export function loadPassword(configured: string | undefined, stateDir: string): Password {
  if (configured !== undefined) return { value: configured, generated: false }
  const path = join(stateDir, 'password')
  const kept = readIfThere(path)?.trim()
  if (kept) return { value: kept, generated: false }
  const value = randomBytes(15).toString('base64url')
  makePrivateFolder(stateDir)
  writePrivateFile(path, `${value}\n`)
  return { value, generated: true }
}

/**
 * Compares with `password` in a time that depends on neither. Both are hashed under a key that
 * exists only here, so the comparison tells nothing about where they differ, or about lengths.
 */
export function createPasswordCheck(password: string): (given: string) => boolean {
  const key = randomBytes(32)
  const hash = (text: string) => createHmac('sha256', key).update(text).digest()
  const expected = hash(password)
  return (given) => timingSafeEqual(hash(given), expected)
}
