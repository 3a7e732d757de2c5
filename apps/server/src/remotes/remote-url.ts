import { ServerError } from '../server-error.ts'

// Whoever adds a server makes this one send requests to an address of their choice, which is what is called
// server-side request forgery. It is no more than they have: only a whole login may, and that has a shell on this
// machine. So private addresses are allowed; they are what this is for. Guests by a link may neither add
// nor use a server. No redirect is followed, so that a token goes nowhere but where a person has sent it.

/**
 * The folder of a server, as in `https://host/conductor/`.
 *
 * @throws ServerError `BAD_FIELD` for anything else.
 */
export function parseRemoteUrl(text: string): URL {
  const wanted = text.trim()
  const withScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(wanted) ? wanted : `https://${wanted}`
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined
  const problem = !url
    ? 'write an address, as in https://host:8080'
    : !/^https?:$/.test(url.protocol)
      ? 'write an address that begins with http:// or https://'
      : url.username || url.password
        ? 'write the address without a name or a password in it'
        : undefined
  if (!url || problem) throw new ServerError('BAD_FIELD', `url: ${problem}`, { field: 'url' })
  url.search = ''
  url.hash = ''
  // As people copy it out of their browser.
  url.pathname = url.pathname.replace(/(?:\/(?:terminal)?)?\/*$/, '/')
  return url
}

/** What a page may ask of another server through this one. The rest stays between that server and its people. */
const PASSED_ON = new Set([
  'attention',
  'audit',
  'events',
  'health',
  'orchestrators',
  'processes',
  'search',
  'sessions',
  'shares',
])

/**
 * The address of something below `api/` of another server.
 *
 * @param rest As it came, still encoded: `sessions/abc?from=0`.
 * @returns `undefined` for what is not passed on, or would lead out of `api/`.
 */
export function remoteApiUrl(base: URL, rest: string): URL | undefined {
  const folder = new URL('api/', base).href
  if (!URL.canParse(folder + rest)) return undefined
  const url = new URL(folder + rest)
  // The parser has resolved every `..`, also one that was written as %2e%2e.
  if (!url.href.startsWith(folder)) return undefined
  const path = url.pathname.slice(new URL(folder).pathname.length)
  const [area = ''] = path.split('/')
  if (!PASSED_ON.has(area) || path === 'shares/claim') return undefined
  return url
}

/** The address of a session's WebSocket; `undefined` for an id that would lead elsewhere. */
export function remoteSocketUrl(base: URL, sessionId: string): URL | undefined {
  const folder = new URL('ws/', base)
  folder.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'
  const url = new URL(encodeURIComponent(sessionId), folder)
  return url.href.startsWith(folder.href) && url.href !== folder.href ? url : undefined
}
