import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { makePrivateFolder, readIfThere, writePrivateFile } from '../private-file.ts'
import { createHashCheck } from './password-hash.ts'

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
  readonly isRight: (given: string) => boolean | Promise<boolean>
  /** What logins are bound to: with another password, or another hash of it, they end. */
  readonly binding: string
  /** One that was made just now, and that nobody knows yet. */
  readonly generated?: string
}

export interface PasswordSettings {
  readonly password: string | undefined
  /** Instead of `password`: what `conductor hash-password` prints. Then nothing here holds the password. */
  readonly passwordHash: string | undefined
}

/** The one of the settings, else the one kept in `stateDir/password`, else a new one kept there. */
export function loadPassword(settings: PasswordSettings, stateDir: string): Password {
  const { password, passwordHash } = settings
  if (passwordHash !== undefined)
    return { isRight: createHashCheck(passwordHash), binding: passwordHash }
  if (password !== undefined) return clear(password)
  const path = join(stateDir, 'password')
  const kept = readIfThere(path)?.trim()
  if (kept) return clear(kept)
  const generated = randomBytes(15).toString('base64url')
  makePrivateFolder(stateDir)
  writePrivateFile(path, `${generated}\n`)
  return { ...clear(generated), generated }
}

function clear(value: string): Password {
  return { isRight: createPasswordCheck(value), binding: value }
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
