import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const POSTGRES_VERSIONS = '/usr/lib/postgresql'

/** Debian's own first; what is for administrators is in nobody else's `PATH`. */
const FOLDERS: readonly string[] = [
  '/usr/sbin',
  '/usr/bin',
  ...postgresFolders(),
  ...(process.env['PATH'] ?? '').split(delimiter),
]

/** `PATH`, with Debian's folders of daemons before it. */
export const DAEMON_PATH: string = FOLDERS.join(delimiter)

function findBinary(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find(isExecutable)
}

/** The absolute path of a program that `whyMissing` has found. @throws Error if it is not installed */
export function binary(name: string): string {
  const path = findBinary(name)
  if (path === undefined) throw new Error(`${name} is not installed`)
  return path
}

/** Why a test that needs these cannot run here; `undefined` if it can. */
export function whyMissing(...names: readonly string[]): string | undefined {
  if (process.env['CONDUCTOR_SKIP_DAEMONS'] === '1') return 'CONDUCTOR_SKIP_DAEMONS is 1'
  if (process.platform !== 'linux') return 'this is not Linux'
  const missing = names.filter((name) => findBinary(name) === undefined)
  return missing.length === 0 ? undefined : `no ${missing.join(', ')} here`
}

/** The name of a suite, with the reason if it is skipped. */
export function titled(title: string, why: string | undefined): string {
  return why === undefined ? title : `${title} (skipped: ${why})`
}

function postgresFolders(): string[] {
  try {
    return readdirSync(POSTGRES_VERSIONS)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(POSTGRES_VERSIONS, version, 'bin'))
  } catch {
    return []
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
