import type { Config } from '../config.ts'
import type { SessionsAtShutdown } from '../lifecycle.ts'
import type { SessionDirectory } from './session-directory.ts'

/** `close` is a wish of the operator: then no session can outlive the server. */
export function atShutdown(
  directory: SessionDirectory,
  policy: Config['onShutdown'],
): SessionsAtShutdown {
  const { refuseNew, endServerSessions, endAllSessions, letGo } = directory
  return {
    refuseNew,
    endServerSessions: policy === 'close' ? endAllSessions : endServerSessions,
    letGo,
  }
}
