import type { NewSessionJson, UploadedFileJson } from '@conductor/api-types'
import { ApiError } from './api-error.ts'
import { readSession, readSessions, type SessionInfo } from './session-info.ts'

export interface ApiOptions {
  /** The folder that the server's addresses lie in, as `https://host/conductor/`. */
  readonly base: URL
  /** The link by which somebody came: it stands in every address, and is no secret. */
  readonly share?: string | undefined
  /** Called for every answer that says nobody is logged in, but not for a wrong password. */
  readonly onUnauthorized?: (() => void) | undefined
  /** For tests (default: the browser's). */
  readonly fetch?: typeof fetch | undefined
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What goes with a request. */
export interface Asked {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined
  /** Sent as JSON; a `Blob` as it is. */
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** Everything that is asked of one server over HTTP. Every call throws an `ApiError` when it fails. */
export interface Api {
  readonly base: URL
  /** The address of something below the base, as `api/sessions`; never with a slash before it. */
  url(path: string, query?: Asked['query']): URL
  /**
   * Any other request, for views: the answer's JSON.
   *
   * @typeParam T What the server promises, from `@conductor/api-types`.
   */
  ask<T>(method: Method, path: string, asked?: Asked): Promise<T>
  /** The same, before its body was read: for bytes and streams. */
  send(method: Method, path: string, asked?: Asked): Promise<Response>
  login(password: string): Promise<void>
  logout(): Promise<void>
  listSessions(): Promise<readonly SessionInfo[]>
  createSession(wanted: NewSessionJson): Promise<SessionInfo>
  renameSession(id: string, name: string): Promise<void>
  /** Ends every process of the session and removes its history. */
  deleteSession(id: string): Promise<void>
  /** Puts a file beside the session. @returns its absolute path on that machine. */
  uploadFile(id: string, file: Blob, name: string): Promise<UploadedFileJson>
}

export function createApi(options: ApiOptions): Api {
  const {
    base,
    share,
    onUnauthorized = () => {},
    fetch = globalThis.fetch.bind(globalThis),
  } = options

  function url(path: string, query: Asked['query'] = {}): URL {
    const address = new URL(path, base)
    for (const [name, value] of Object.entries({ ...query, share }))
      if (value !== undefined) address.searchParams.set(name, String(value))
    return address
  }

  async function ask<T>(method: Method, path: string, asked?: Asked): Promise<T> {
    const response = await send(method, path, asked)
    const answer: unknown = await response.json().catch(() => undefined)
    // Both are made from one source: see `@conductor/api-types`.
    return answer as T
  }

  async function send(method: Method, path: string, asked: Asked = {}): Promise<Response> {
    const response = await request(method, path, asked)
    if (response.ok) return response
    const error = errorOf(response, await response.json().catch(() => undefined))
    if (error.status === 401 && path !== 'api/login') onUnauthorized()
    throw error
  }

  async function request(method: Method, path: string, asked: Asked): Promise<Response> {
    const { query, body, signal } = asked
    const isJson = body !== undefined && !(body instanceof Blob)
    try {
      return await fetch(url(path, query).href, {
        method,
        credentials: 'same-origin',
        headers: isJson ? { 'Content-Type': 'application/json' } : {},
        ...(body !== undefined && { body: body instanceof Blob ? body : JSON.stringify(body) }),
        ...(signal && { signal }),
      })
    } catch (cause) {
      if (signal?.aborted) throw cause
      throw new ApiError('the server cannot be reached', { status: 0, cause })
    }
  }

  return {
    base,
    url,
    ask,
    send,
    login: async (password) => void (await ask('POST', 'api/login', { body: { password } })),
    logout: async () => void (await ask('POST', 'api/logout')),
    listSessions: async () => readSessions(await ask('GET', 'api/sessions')),
    async createSession(wanted) {
      const created = readSession(await ask('POST', 'api/sessions', { body: wanted }))
      if (!created) throw new ApiError('the server answered with no session', { status: 201 })
      return created
    },
    renameSession: async (id, name) => void (await ask('PUT', sessionPath(id), { body: { name } })),
    deleteSession: async (id) => void (await ask('DELETE', sessionPath(id))),
    uploadFile: (id, file, name) =>
      ask('POST', `${sessionPath(id)}/files`, { query: { name }, body: file }),
  }
}

/** Below a server's base; an id is never a path. */
export function sessionPath(id: string): string {
  return `api/sessions/${encodeURIComponent(id)}`
}

function errorOf(response: Response, answer: unknown): ApiError {
  const { error, code } = (answer ?? {}) as { readonly error?: unknown; readonly code?: unknown }
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return new ApiError(
    typeof error === 'string' ? error : `the server answered with status ${response.status}`,
    {
      status: response.status,
      code: typeof code === 'string' ? code : undefined,
      retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined,
    },
  )
}
