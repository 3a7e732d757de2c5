import { ApiError } from './api-error.ts'
import { readSession, readSessions, type SessionInfo } from './session-info.ts'

export interface NewSession {
  readonly name?: string | undefined
  readonly cols?: number | undefined
  readonly rows?: number | undefined
}

export interface ApiOptions {
  /** Called for every answer that says nobody is logged in, but not for a wrong password. */
  readonly onUnauthorized?: (() => void) | undefined
  /** For tests (default: the browser's). */
  readonly fetch?: typeof fetch | undefined
}

/** Everything this page asks the server for over HTTP. Every call throws an `ApiError` when it fails. */
export interface Api {
  login(password: string): Promise<void>
  logout(): Promise<void>
  listSessions(): Promise<readonly SessionInfo[]>
  createSession(wanted: NewSession): Promise<SessionInfo>
  renameSession(id: string, name: string): Promise<void>
  /** Ends every process of the session and removes its history. */
  deleteSession(id: string): Promise<void>
}

export function createApi(options: ApiOptions = {}): Api {
  const { onUnauthorized = () => {}, fetch = globalThis.fetch.bind(globalThis) } = options

  async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await send(method, path, body)
    const answer = await response.json().catch(() => undefined)
    if (response.ok) return answer
    const error = errorOf(response, answer)
    if (error.status === 401 && path !== '/api/login') onUnauthorized()
    throw error
  }

  async function send(method: string, path: string, body: unknown): Promise<Response> {
    try {
      return await fetch(path, {
        method,
        credentials: 'same-origin',
        headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    } catch (cause) {
      throw new ApiError('the server cannot be reached', { status: 0, cause })
    }
  }

  const pathOf = (id: string): string => `/api/sessions/${encodeURIComponent(id)}`

  return {
    login: async (password) => void (await ask('POST', '/api/login', { password })),
    logout: async () => void (await ask('POST', '/api/logout')),
    listSessions: async () => readSessions(await ask('GET', '/api/sessions')),
    async createSession(wanted) {
      const created = readSession(await ask('POST', '/api/sessions', wanted))
      if (!created) throw new ApiError('the server answered with no session', { status: 201 })
      return created
    },
    renameSession: async (id, name) => void (await ask('PUT', pathOf(id), { name })),
    deleteSession: async (id) => void (await ask('DELETE', pathOf(id))),
  }
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
