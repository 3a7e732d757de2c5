import type { SessionStatus } from '@conductor/api-types'
import type { SessionInfo } from '../api/session-info.ts'

const STATUS_TEXTS: Readonly<Record<SessionStatus, string>> = {
  running: 'running',
  stalled: 'stalled',
  unreachable: 'not answering',
  lost: 'lost',
  exited: 'ended',
}

export function sessionStatusText({ status, reason }: SessionInfo): string {
  return reason ? `${STATUS_TEXTS[status]}: ${reason}` : STATUS_TEXTS[status]
}

/** The second line of a session: what it waits for, what is wrong with it, else what runs where. */
export function sessionNote(session: SessionInfo): string {
  const { state, text } = session.attention
  if (state === 'waiting') return text || 'Waits for you'
  if (state === 'failed') return text ? `Failed: ${text}` : 'Failed'
  if (session.status !== 'running') return sessionStatusText(session)
  const program = session.command.split(/[\\/]/).at(-1) ?? ''
  return [program, shortFolder(session.cwd)].filter(Boolean).join(' · ')
}

/** The end of a path, which is what tells one project from another. */
function shortFolder(path: string): string {
  const parts = path.split('/').filter(Boolean)
  return parts.length <= 2 ? path : `…/${parts.slice(-2).join('/')}`
}
