import { PASSWORD } from './server-process.ts'

export interface SessionInfo {
  readonly id: string
  readonly name: string
  readonly createdAt: string
  readonly status: string
  /** Why it is not simply running. */
  readonly reason?: string
  /** The program's. */
  readonly pid: number
  readonly viewers: number
}

/** The body of `POST /api/sessions`. */
export interface NewSession {
  readonly name?: string
  readonly cwd?: string
  readonly command?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cols?: number
  readonly rows?: number
  readonly durability?: 'persistent' | 'server'
}

/** A logged-in user of the HTTP interface. */
export interface Api {
  readonly token: string
  /** Any request, with the token. Does not judge the status. */
  request(method: string, path: string, body?: unknown): Promise<Response>
  create(session?: NewSession): Promise<SessionInfo>
  list(): Promise<readonly SessionInfo[]>
  remove(id: string): Promise<void>
  /** A session's log from `from` on, and where it really begins and ends. */
  output(id: string, from?: number): Promise<SessionOutput>
}

export interface SessionOutput {
  readonly offset: number
  readonly end: number
  readonly bytes: Buffer
}

/**
 * Logs in, once.
 *
 * @param address Asked for each request, because a server may come back elsewhere.
 */
export async function login(address: () => string): Promise<Api> {
  const answer = await fetch(`${address()}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ password: PASSWORD }),
  })
  if (answer.status !== 200) throw new Error(`login: ${answer.status} ${await answer.text()}`)
  const { token } = (await answer.json()) as { readonly token: string }

  function request(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${address()}${path}`, {
      method,
      headers: {
        'x-session-token': token,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  async function expect(status: number, method: string, path: string, body?: unknown) {
    const answer = await request(method, path, body)
    if (answer.status === status) return answer
    throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  }

  return {
    token,
    request,
    async create(session = {}) {
      const answer = await expect(201, 'POST', '/api/sessions', session)
      return (await answer.json()) as SessionInfo
    },
    async list() {
      const answer = await expect(200, 'GET', '/api/sessions')
      return (await answer.json()) as readonly SessionInfo[]
    },
    async remove(id) {
      await expect(200, 'DELETE', `/api/sessions/${id}`)
    },
    async output(id, from = 0) {
      const answer = await expect(200, 'GET', `/api/sessions/${id}/output?from=${from}`)
      return {
        offset: Number(answer.headers.get('x-conductor-offset')),
        end: Number(answer.headers.get('x-conductor-end')),
        bytes: Buffer.from(await answer.arrayBuffer()),
      }
    },
  }
}
