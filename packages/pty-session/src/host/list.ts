import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ProcessIdentity, processState } from '@conductor/process-identity'
import { codeOf } from './endpoint.ts'
import { readHostFile } from './host-file.ts'

export interface FoundHost {
  /** Give this to `connectSessionHost`. */
  readonly dir: string
  /** `undefined` when its file cannot be read: then `life` is `unknown`. */
  readonly identity: ProcessIdentity | undefined
  readonly life: 'alive' | 'dead' | 'unknown'
}

/**
 * The hosts whose folders lie in `root`, dead ones too: their sessions' logs are still there.
 *
 * Connects to nobody and changes nothing.
 *
 * @param root Absolute; a missing folder holds no hosts.
 */
export function listSessionHosts(root: string): FoundHost[] {
  return subfolders(root).flatMap((name): FoundHost[] => {
    const dir = join(root, name)
    try {
      const file = readHostFile(dir)
      if (!file) return []
      return [{ dir, identity: file.identity, life: processState(file.identity) }]
    } catch {
      return [{ dir, identity: undefined, life: 'unknown' }]
    }
  })
}

function subfolders(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
