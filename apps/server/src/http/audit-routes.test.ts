import { describe, expect, it, onTestFinished } from 'vitest'
import { type Ask, LOCAL_TOKEN, type TestApp, testApp } from '../testing/test-app.ts'
import { PASSWORD } from '../testing/test-server.ts'

async function told(app: TestApp, query = ''): Promise<Record<string, unknown>[]> {
  return (await (await app.ask(`/api/audit${query}`)).json()) as Record<string, unknown>[]
}

function post(app: TestApp, path: string, ask: Ask = {}): Promise<Response> {
  return app.ask(path, { method: 'POST', ...ask })
}

describe('the audit', () => {
  it('knows who did what to sessions, from where, and in whose name', async () => {
    const app = testApp(onTestFinished)
    const address = '192.0.2.9'
    const created = await post(app, '/api/sessions', { address })
    const { id } = (await created.json()) as { id: string }
    const path = `/api/sessions/${id}`
    const headers = { 'x-conductor-actor': 'conductor rename\u001b[2J' }
    await app.ask(path, { method: 'PUT', body: { name: 'b' }, token: LOCAL_TOKEN, headers })
    await app.ask(path, { method: 'PUT', body: {} })
    await app.ask(path, { method: 'DELETE' })
    await app.ask(path, { method: 'DELETE' })
    const facts = await told(app, `?session=${id}`)
    expect(facts.map(({ type }) => type)).toEqual([
      ...['session.deleted', 'session.ended', 'session.renamed', 'session.created'],
    ])
    expect(facts[3]).toMatchObject({ via: 'login', address, by: 'POST /api/sessions' })
    expect(facts[2]).toMatchObject({ via: 'cli', by: 'conductor rename[2J' })
    expect(facts[1]).not.toHaveProperty('via')
  })

  it('knows an orchestrator that was made from one that was there', async () => {
    const app = testApp(onTestFinished)
    const body = { projectId: 'p' }
    for (let i = 0; i < 3; i++) await post(app, '/api/orchestrators', { body })
    expect((await told(app)).map(({ type }) => type)).toEqual(['session.created'])
  })

  it('knows of logins, good and bad, and of logouts', async () => {
    const app = testApp(onTestFinished)
    const login = (password: string) =>
      post(app, '/api/login', { body: { password }, token: null, address: '192.0.2.1' })
    for (let i = 0; i < 6; i++) await login('hunter2-guess')
    app.clock.advance(60_000)
    const { token } = (await (await login(PASSWORD)).json()) as { token: string }
    await post(app, '/api/logout', { token })
    const facts = await told(app)
    expect(facts.map(({ type }) => type)).toEqual([
      ...['logout', 'login', 'login.locked'],
      ...Array(5).fill('login.wrong'),
    ])
    expect(facts[1]).toMatchObject({ address: '192.0.2.1' })
    expect(JSON.stringify(facts)).not.toMatch(/hunter2|correct horse/)
    expect(JSON.stringify(facts)).not.toContain(token)
  })

  it('knows of links, processes and the end', async () => {
    const app = testApp(onTestFinished)
    const { id } = await app.directory.create({})
    const body = { mode: 'viewer', expiresInSeconds: 60 }
    const made = await post(app, `/api/sessions/${id}/shares`, { body })
    const { url, id: share } = (await made.json()) as { url: string; id: string }
    const secret = url.split('#')[1] ?? ''
    await post(app, '/api/shares/claim', { body: { secret }, token: null })
    await post(app, '/api/shares/claim', { body: { secret: 'x' }, token: null })
    app.clock.advance(60_000)
    await post(app, '/api/processes', { body: { name: 'web', command: 'cat', start: false } })
    for (const verb of ['start', 'restart', 'stop']) await post(app, `/api/processes/web/${verb}`)
    await app.ask('/api/processes/web', { method: 'DELETE' })
    await post(app, '/api/shutdown')
    const facts = await told(app)
    expect(facts.map(({ type, name = '' }) => `${type} ${name}`.trim())).toEqual([
      'shutdown.requested',
      'process.removed web',
      'process.stopped web',
      'process.restarted web',
      'process.started web',
      'process.added',
      'share.expired',
      'share.wrong',
      'share.claimed',
      'share.made',
    ])
    expect(facts.at(-1)).toMatchObject({ session: id, share, text: 'viewer, for 60 s' })
    expect(JSON.stringify(facts)).not.toContain(secret)
  })

  it('is read a page at a time', async () => {
    const app = testApp(onTestFinished)
    for (let i = 0; i < 5; i++) await post(app, '/api/sessions')
    const first = await told(app, '?limit=2')
    const second = await told(app, `?limit=2&before=${first.at(-1)?.['id']}`)
    expect([...first, ...second].map(({ id }) => id)).toEqual([5, 4, 3, 2])
  })

  it.each(['limit=0', 'limit=1001', 'limit=x', 'before=-1', 'before=x'])(
    'refuses %s with 400, naming the field',
    async (query) => {
      const response = await testApp(onTestFinished).ask(`/api/audit?${query}`)
      expect(response.status).toBe(400)
      expect(await response.text()).toContain(query.split('=')[0])
    },
  )
})
