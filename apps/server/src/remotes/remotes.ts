import { randomBytes } from 'node:crypto'
import type { NewRemoteJson, RemoteJson, RemoteStatus } from '@conductor/api-types'
import type { Clock } from '@conductor/machine'
import type { EventLog } from '../event-log.ts'
import { ServerError } from '../server-error.ts'
import { askRemote, readJson, whyUnreachable } from './remote-request.ts'
import { createRemoteStore, type KeptRemote } from './remote-store.ts'
import { parseRemoteUrl, remoteApiUrl } from './remote-url.ts'

/** A server is asked whether it is there this often at most, and only while somebody looks, in milliseconds. */
const CHECK_MS = 30_000

/** A server that takes longer to say who it is counts as away, in milliseconds. */
const CHECK_ANSWER_MS = 10_000

const MOST_REMOTES = 50

export interface RemotesOptions {
  /** Absolute: `<STATE_DIR>/servers.json`. */
  readonly path: string
  readonly events: EventLog
  readonly clock: Clock
  readonly onTrouble: (trouble: string, error: unknown) => void
  /** For tests. */
  readonly checkMs?: number | undefined
}

/** The other servers that people reach through this one. */
export interface Remotes {
  /** What is known; whoever is to be asked again is, meanwhile. Never waits for any of them. */
  list(): readonly RemoteJson[]
  /** With a password it has to be reached. @throws ServerError when that fails: then nothing was added. */
  add(wanted: NewRemoteJson): Promise<RemoteJson>
  rename(id: string, name: string): RemoteJson
  /** Trades a password of that server for a token. */
  login(id: string, password: string): Promise<RemoteJson>
  /** Logs out there, as far as it can be reached, and forgets it. */
  remove(id: string): RemoteJson
  find(id: string): (KeptRemote & { readonly status: RemoteStatus }) | undefined
  /** What came of using it. */
  tell(id: string, status: RemoteStatus, error?: string): void
  /** Something is open there: it is ended when the server is removed. @returns how to take it out again. */
  track(id: string, end: () => void): () => void
}

interface Known {
  readonly status: RemoteStatus
  readonly error?: string | undefined
}

export function createRemotes(options: RemotesOptions): Remotes {
  const { path, events, clock, onTrouble, checkMs = CHECK_MS } = options
  const store = createRemoteStore({
    path,
    onTrouble: (error) => onTrouble('the list of other servers cannot be kept', error),
  })
  const known = new Map<string, Known>()
  const checkedMs = new Map<string, number>()
  const open = new Map<string, Set<() => void>>()

  function describe({ id, name, url, token }: KeptRemote): RemoteJson {
    const { status, error } = known.get(id) ?? { status: token ? 'checking' : 'login-needed' }
    return { id, name, url, status, ...(error !== undefined && { error }) }
  }

  function publish(): void {
    events.publish({ type: 'servers', servers: store.list().map(describe) })
  }

  /** @throws ServerError `REMOTE_NOT_FOUND`. */
  function get(id: string): KeptRemote {
    const remote = store.find(id)
    if (remote) return remote
    throw new ServerError('REMOTE_NOT_FOUND', `there is no server ${id} here`)
  }

  function tell(id: string, status: RemoteStatus, error?: string): void {
    if (!store.find(id)) return
    const before = known.get(id)
    if (before?.status === status && before.error === error) return
    known.set(id, { status, error })
    publish()
  }

  /** Asks for a session that cannot be: who knows us and speaks as we do says that there is none. */
  async function check({ id, url, token }: KeptRemote): Promise<void> {
    checkedMs.set(id, clock.now())
    const asked = remoteApiUrl(new URL(url), 'sessions/-')
    if (!asked || token === undefined) return
    let next: Known
    try {
      const answer = await askRemote({
        url: asked,
        method: 'GET',
        headers: { 'X-Session-Token': token },
        answerMs: CHECK_ANSWER_MS,
      })
      const { statusCode: status = 0 } = answer
      const body = await readJson(answer)
      next =
        status === 401
          ? { status: 'login-needed' }
          : isProblem(body)
            ? { status: 'ok' }
            : { status: 'wrong-version', error: `it answers ${status}, and not as Conductor does` }
    } catch (error) {
      next = { status: 'unreachable', error: whyUnreachable(error) }
    }
    // A login that came meanwhile knows better.
    if (store.find(id)?.token === token) tell(id, next.status, next.error)
  }

  /** @throws ServerError in words. */
  async function logIn(url: URL, password: string): Promise<string> {
    try {
      const answer = await askRemote({
        url: new URL('api/login', url),
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ password }),
        answerMs: CHECK_ANSWER_MS,
      })
      const { statusCode: status = 0, headers } = answer
      const body = await readJson(answer)
      if (status === 200 && hasToken(body)) return body.token
      if (status === 401 && isProblem(body))
        throw new ServerError('REMOTE_PASSWORD', 'that server does not take this password')
      if (status === 429)
        throw new ServerError(
          'REMOTE_LOCKED_OUT',
          `too many wrong passwords there: try again in ${Number(headers['retry-after']) || 30} s`,
        )
      const said = isProblem(body) ? `: ${body.error.slice(0, 200)}` : ''
      throw new ServerError(
        'REMOTE_WRONG_VERSION',
        status >= 300 && status < 400
          ? 'that address leads to another one: write where it leads'
          : `that is no Conductor, or another version: it answers ${status}${said}`,
      )
    } catch (error) {
      if (error instanceof ServerError) throw error
      const why = whyUnreachable(error)
      throw new ServerError('REMOTE_UNREACHABLE', `${url.host} cannot be reached: ${why}`, {
        cause: error,
      })
    }
  }

  async function logOut({ url, token }: KeptRemote): Promise<void> {
    if (token === undefined) return
    const headers = { 'X-Session-Token': token }
    const answer = await askRemote({ url: new URL('api/logout', url), method: 'POST', headers })
    answer.destroy()
  }

  return {
    list() {
      for (const remote of store.list()) {
        const beforeMs = checkedMs.get(remote.id)
        if (beforeMs === undefined || clock.now() - beforeMs >= checkMs) void check(remote)
      }
      return store.list().map(describe)
    },
    async add({ name, url: text, password }) {
      const url = parseRemoteUrl(text)
      const taken = (): void => {
        if (store.list().some((each) => each.url === url.href))
          throw new ServerError('REMOTE_EXISTS', `${url.href} is there already`)
        if (store.list().length >= MOST_REMOTES)
          throw new ServerError('REMOTE_EXISTS', `there are ${MOST_REMOTES} servers already`)
      }
      taken()
      const token = password ? await logIn(url, password) : undefined
      taken()
      const id = randomBytes(4).toString('hex')
      const remote = { id, name: name || url.host, url: url.href, ...(token && { token }) }
      store.put(remote)
      known.set(id, { status: token ? 'ok' : 'login-needed' })
      checkedMs.set(id, clock.now())
      publish()
      return describe(remote)
    },
    rename(id, name) {
      const remote = { ...get(id), name }
      store.put(remote)
      publish()
      return describe(remote)
    },
    async login(id, password) {
      const before = get(id)
      const token = await logIn(new URL(before.url), password)
      const remote = { ...get(id), token }
      store.put(remote)
      void logOut(before).catch(() => {})
      known.delete(id)
      tell(id, 'ok')
      return describe(remote)
    },
    remove(id) {
      const remote = get(id)
      const shown = describe(remote)
      store.remove(id)
      known.delete(id)
      checkedMs.delete(id)
      for (const end of [...(open.get(id) ?? [])]) end()
      open.delete(id)
      // Best effort: a server that is away keeps the token until it expires.
      void logOut(remote).catch(() => {})
      publish()
      return shown
    },
    find(id) {
      const remote = store.find(id)
      return remote && { ...remote, status: describe(remote).status }
    },
    tell,
    track(id, end) {
      const ends = open.get(id) ?? new Set()
      open.set(id, ends.add(end))
      return () => void ends.delete(end)
    },
  }
}

/** Every answer of ours that is no success is one. */
function isProblem(body: unknown): body is { readonly error: string } {
  return (
    typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string'
  )
}

function hasToken(body: unknown): body is { readonly token: string } {
  return (
    typeof body === 'object' &&
    body !== null &&
    'token' in body &&
    typeof body.token === 'string' &&
    /^[\w-]{16,200}$/.test(body.token)
  )
}
