import type { AuditFactJson, AuditType } from '@conductor/api-types'

export const KINDS = {
  all: 'Everything',
  logins: 'Logins',
  sharing: 'Sharing',
  presence: 'Who looks and types',
  sessions: 'Sessions',
  processes: 'Processes',
  server: 'Servers and files',
} as const

export type Kind = keyof typeof KINDS

interface Words {
  readonly kind: Exclude<Kind, 'all'>
  /** What was done; the session or the name follows. */
  readonly text: string
  readonly tone?: 'warn' | undefined
}

const WORDS: Readonly<Record<AuditType, Words>> = {
  login: { kind: 'logins', text: 'logged in' },
  'login.wrong': { kind: 'logins', text: 'gave a wrong password', tone: 'warn' },
  'login.locked': { kind: 'logins', text: 'has to wait after wrong passwords', tone: 'warn' },
  logout: { kind: 'logins', text: 'logged out' },
  'share.made': { kind: 'sharing', text: 'shared' },
  'share.claimed': { kind: 'sharing', text: 'opened the link to' },
  'share.wrong': { kind: 'sharing', text: 'tried a link that opens nothing', tone: 'warn' },
  'share.revoked': { kind: 'sharing', text: 'revoked a link to' },
  'share.expired': { kind: 'sharing', text: 'A link expired to' },
  'session.created': { kind: 'sessions', text: 'started' },
  'session.renamed': { kind: 'sessions', text: 'renamed' },
  'session.restored': { kind: 'sessions', text: 'brought back' },
  'session.ended': { kind: 'sessions', text: 'Ended:' },
  'session.deleted': { kind: 'sessions', text: 'ended and deleted', tone: 'warn' },
  'session.attached': { kind: 'presence', text: 'came to' },
  'session.detached': { kind: 'presence', text: 'left' },
  'keyboard.taken': { kind: 'presence', text: 'typed into' },
  'process.added': { kind: 'processes', text: 'set up' },
  'process.started': { kind: 'processes', text: 'started' },
  'process.stopped': { kind: 'processes', text: 'stopped' },
  'process.restarted': { kind: 'processes', text: 'restarted' },
  'process.removed': { kind: 'processes', text: 'removed', tone: 'warn' },
  'server.added': { kind: 'server', text: 'added the server' },
  'server.login': { kind: 'server', text: 'logged in to the server' },
  'server.removed': { kind: 'server', text: 'removed the server' },
  upload: { kind: 'server', text: 'sent a file to' },
  'shutdown.requested': { kind: 'server', text: 'asked the server to end', tone: 'warn' },
  'audit.dropped': { kind: 'server', text: 'Facts are missing here', tone: 'warn' },
}

/** What a newer server tells of, and this page does not know. */
const UNKNOWN: Words = { kind: 'server', text: 'did something that this page does not know:' }

export function wordsOf({ type }: AuditFactJson): Words {
  return WORDS[type] ?? { ...UNKNOWN, text: `${UNKNOWN.text} ${type}` }
}

/** Whom to call whoever did it; empty where nobody did. */
export function personOf({ type, via, by, address, text }: AuditFactJson): string {
  if (type === 'share.claimed' && text) return text
  // Without a name of their own, `by` is the request.
  const name = by && !/^(?:GET|POST|PUT|PATCH|DELETE) \//.test(by) ? by : undefined
  if (name) return name
  if (via === 'cli') return 'The command line'
  if (via === 'program') return 'A program'
  if (via?.startsWith('share:')) return 'A guest'
  if (via === 'login') return address ? `Login from ${address}` : 'A login'
  return address ? `Somebody from ${address}` : ''
}

/** What else is told of it, in words. */
export function detailOf({ type, text = '' }: AuditFactJson): string {
  // Stands where a name does.
  if (type === 'share.claimed') return ''
  const isShare = type === 'share.made'
  return text
    .replace(/^viewer\b/, isShare ? 'to look on' : 'looks on')
    .replace(/^driver\b/, isShare ? 'to type along' : 'may type')
}

export interface AuditFilter {
  readonly kind: Kind
  /** Part of a person's name, address or link; empty: everybody. */
  readonly person: string
}

export function passes(fact: AuditFactJson, { kind, person }: AuditFilter): boolean {
  if (kind !== 'all' && wordsOf(fact).kind !== kind) return false
  const wanted = person.trim().toLowerCase()
  if (wanted === '') return true
  return [personOf(fact), fact.address, fact.via, fact.by].some((each) =>
    each?.toLowerCase().includes(wanted),
  )
}
