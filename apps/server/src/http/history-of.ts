import { ServerError } from '../server-error.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import { openHistory, type SessionHistory } from '../sessions/session-history.ts'
import type { SessionInfo } from '../sessions/session-info.ts'

/**
 * What is on the disk of a session, whether it runs, has ended or cannot be reached. The caller closes it.
 *
 * @throws ServerError `SESSION_NOT_FOUND`, also when there is nothing on the disk.
 */
export function historyOf(
  directory: SessionDirectory,
  id: string,
): { readonly session: SessionInfo; readonly history: SessionHistory } {
  const session = directory.get(id)
  const folders = directory.logFoldersOf(id)
  if (!session || !folders) throw new ServerError('SESSION_NOT_FOUND', `session ${id} not found`)
  const history = openHistory(folders)
  if (!history) throw new ServerError('SESSION_NOT_FOUND', `session ${id} has no history`)
  return { session, history }
}
