import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Makes an empty folder that is gone after the test, with all that is in it.
 *
 * Its path is short, so that a unix socket fits into it (104 bytes on macOS, 108 on Linux).
 *
 * @example
 * const folder = temporaryFolder(onTestFinished) // of vitest; in a `beforeAll`, `afterAll`
 * @param atTheEnd Is handed the function that removes the folder.
 * @returns The absolute path, without symbolic links.
 */
export function temporaryFolder(atTheEnd: (remove: () => void) => void): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'c-'))
  // A process that is just ending may still write into it: try a few times before complaining.
  atTheEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }))
  return folder
}
