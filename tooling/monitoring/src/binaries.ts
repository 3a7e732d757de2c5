import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian's own first; what is for administrators is in nobody else's `PATH`. */
const FOLDERS: readonly string[] = [
  '/usr/sbin',
  '/usr/bin',
  ...(process.env['PATH'] ?? '').split(delimiter),
]

/** The absolute path of a program that `whyMissing` has found. */
export function binary(name: string): string {
  const path = findBinary(name)
  if (path === undefined) throw new Error(`${name} is not installed`)
  return path
}

/** Why a test that needs these cannot run here; `undefined` if it can. */
export function whyMissing(...names: readonly string[]): string | undefined {
  if (process.env['CONDUCTOR_SKIP_DAEMONS'] === '1') return 'CONDUCTOR_SKIP_DAEMONS is 1'
  const missing = names.filter((name) => findBinary(name) === undefined)
  return missing.length === 0 ? undefined : `no ${missing.join(', ')} here`
}

/** The name of a suite, with the reason if it is skipped. */
export function titled(title: string, why: string | undefined): string {
  return why === undefined ? title : `${title} (skipped: ${why})`
}

function findBinary(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
