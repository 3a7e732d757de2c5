import { describe, expect, it, vi } from 'vitest'
import { createApi } from './api.ts'
import { ApiError, errorText } from './api-error.ts'
import { pageBase, socketUrl } from './page-base.ts'

const BASE = new URL('https://host/below/')

const UNKNOWN = {
  ...{ reason: '', command: '', cwd: '', agent: '', kind: 'shell' },
  attention: { state: 'none', since: '', text: '' },
}

const SESSION = { id: 's1', name: 'one', createdAt: '2026-01-01T00:00:00Z', status: 'running' }

/** An API whose server gives this answer to everything. */
function answering(status: number, body?: unknown, headers: Record<string, string> = {}) {
  const fetch = vi.fn(async () => {
    const text = body === undefined ? null : JSON.stringify(body)
    return new Response(text, { status, headers })
  })
  const onUnauthorized = vi.fn()
  return { api: createApi({ base: BASE, fetch, onUnauthorized }), fetch, onUnauthorized }
}

describe('requests', () => {
  it('carry JSON, and ids that are no path', async () => {
    const { api, fetch } = answering(200, { success: true })
    await api.renameSession('../x', 'new')
    expect(fetch).toHaveBeenCalledWith('https://host/below/api/sessions/..%2Fx', {
      method: 'PUT',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json' },
      body: '{"name":"new"}',
    })
  })

  it('are answered with nothing but what the page knows', async () => {
    const { api } = answering(200, [SESSION, { name: 'no id' }, 7, { id: 's2', status: 'odd' }])
    expect(await api.listSessions()).toEqual([
      { ...SESSION, ...UNKNOWN },
      { id: 's2', name: 's2', createdAt: '', status: 'running', ...UNKNOWN },
    ])
  })

  it('carry a file as it is, and its name in the address', async () => {
    const { api, fetch } = answering(200, { path: '/tmp/a b.png' })
    const file = new Blob(['x'])
    expect(await api.uploadFile('s1', file, 'a b.png')).toEqual({ path: '/tmp/a b.png' })
    expect(fetch).toHaveBeenCalledWith(
      'https://host/below/api/sessions/s1/files?name=a+b.png',
      expect.objectContaining({ body: file, headers: {} }),
    )
  })

  it('may be answered with nothing at all', async () => {
    await expect(answering(204).api.logout()).resolves.toBeUndefined()
  })
})

describe('failures', () => {
  it('say what the server said', async () => {
    const { api } = answering(400, { error: 'name is required', code: 'BAD_FIELD' })
    const error = await api.renameSession('s1', '').catch((caught: unknown) => caught)
    expect(error).toMatchObject({ status: 400, code: 'BAD_FIELD', message: 'name is required' })
    expect(errorText(error)).toBe('Name is required')
  })

  it('tell when to try again', async () => {
    const { api } = answering(429, { error: 'too many' }, { 'Retry-After': '7' })
    await expect(api.login('x')).rejects.toMatchObject({ status: 429, retryAfterMs: 7_000 })
  })

  it('ask for a login, unless that is what has failed', async () => {
    const list = answering(401, { error: 'unauthorized' })
    await expect(list.api.listSessions()).rejects.toBeInstanceOf(ApiError)
    expect(list.onUnauthorized).toHaveBeenCalledOnce()
    const login = answering(401, { error: 'invalid password' })
    await expect(login.api.login('x')).rejects.toThrow('invalid password')
    expect(login.onUnauthorized).not.toHaveBeenCalled()
  })

  it('of the network are told from answers', async () => {
    const api = createApi({ base: BASE, fetch: () => Promise.reject(new TypeError('offline')) })
    await expect(api.listSessions()).rejects.toMatchObject({ status: 0 })
  })

  it('may come as something else than JSON', async () => {
    const api = createApi({
      base: BASE,
      fetch: async () => new Response('<html>', { status: 502 }),
    })
    await expect(api.listSessions()).rejects.toThrow('status 502')
  })
})

describe('addresses', () => {
  it('are below the folder of the page, wherever that is', () => {
    const base = pageBase('https://host/a/b/terminal?x=1#/session/s1')
    expect(base.href).toBe('https://host/a/b/')
    expect(socketUrl('ws/s1', base)).toBe('wss://host/a/b/ws/s1')
    expect(socketUrl('ws/s1', pageBase('http://host:8080/terminal'))).toBe('ws://host:8080/ws/s1')
  })
})
