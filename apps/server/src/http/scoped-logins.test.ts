import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type TestApp, testApp } from '../testing/test-app.ts'

/** What needs no login at all, and so is no news to a guest. */
const PUBLIC =
  /^(?:\/api\/(?:health|login|shares\/claim)|\/(?:livez|readyz|startupz|healthz|openapi\.json|share|offline)?|\*|\/\*)$/

const OPEN_TO_SHARES = [
  'GET /api/sessions',
  'GET /api/sessions/:id',
  'GET /api/sessions/:id/output',
  'GET /api/sessions/:id/recording',
  'GET /api/sessions/:id/timeline',
  'GET /api/events',
  'GET /ws/:id',
]

async function setup(): Promise<{ app: TestApp; id: string; guest: string; program: string }> {
  const app = testApp(onTestFinished)
  const { id } = await app.directory.create({})
  const { secret } = app.people.shares.create({
    ...{ sessionId: id, mode: 'driver', expiresInMs: 60_000 },
  })
  const guest = app.people.shares.claim(secret)?.token ?? ''
  const { token } = JSON.parse(readKey(app, id)) as { token: string }
  return { app, id, guest, program: token }
}

function readKey(app: TestApp, id: string): string {
  return readFileSync(join(app.stateDir, 'sessions', id, 'notify.json'), 'utf8')
}

/** Every route that there is, as `GET /api/sessions/:id`: those of the router, and those of the description. */
async function everyRoute({ app, ask }: TestApp): Promise<string[]> {
  const routed = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`)
  const { paths } = (await (await ask('/openapi.json', { token: null })).json()) as {
    paths: Record<string, object>
  }
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(
      (method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    ),
  )
  return [...new Set([...routed, ...described])].filter(
    (route) => !PUBLIC.test(route.split(' ')[1] ?? ''),
  )
}

async function refuses(app: TestApp, route: string, id: string, token: string): Promise<boolean> {
  const [method = '', pattern = ''] = route.split(' ')
  const path = pattern.replace(/:id/, id).replace(/:\w+(\{[^}]*\})?/g, 'x')
  // From elsewhere: this machine may read the metrics without any login.
  const response = await app.ask(path, { method, token, address: '192.0.2.7' })
  if (response.status !== 403) {
    await response.body?.cancel()
    return false
  }
  const { code } = (await response.json()) as { code?: string }
  return code === 'OUT_OF_SCOPE'
}

describe('a login by a link', () => {
  it('is refused on every route but those that are opened to it, new ones too', async () => {
    const { app, id, guest } = await setup()
    app.app.post('/api/added-tomorrow', (c) => c.text('open'))
    const routes = await everyRoute(app)
    expect(routes.length).toBeGreaterThan(40)
    const open: string[] = []
    for (const route of routes) if (!(await refuses(app, route, id, guest))) open.push(route)
    expect(OPEN_TO_SHARES).toEqual(expect.arrayContaining(open))
    // A timeline may not be served here; everything else that is open is there.
    expect(open.length).toBeGreaterThanOrEqual(OPEN_TO_SHARES.length - 1)
    expect(routes).toContain('POST /api/added-tomorrow')
  })

  it('is refused about every other session, however its id is written', async () => {
    const { app, id, guest } = await setup()
    const other = await app.directory.create({})
    const code = id.charCodeAt(0).toString(16)
    for (const path of [
      `/api/sessions/${other.id}`,
      `/api/sessions/${other.id}/output`,
      `/api/sessions/${id}/../${other.id}`,
      `/api/sessions/${id}%2f..%2f${other.id}`,
      `/api/sessions/%25${code}${id.slice(1)}`,
      `/api/sessions/${id}/`,
      '/api/sessions/{id}',
      `/ws/${other.id}`,
      '/ws',
      '/terminal',
    ])
      expect([path, (await app.ask(path, { token: guest })).status]).toEqual([path, 403])
    expect((await app.ask(`/api/sessions/${id}`, { token: guest })).status).toBe(200)
    expect((await app.ask(`/api/sessions/${id}`, { token: guest, method: 'HEAD' })).status).toBe(
      403,
    )
  })

  it('sees its session in the list and in the events, and where nobody sits', async () => {
    const { app, id, guest } = await setup()
    const { id: other } = await app.directory.create({ name: 'secret plans' })
    const list = (await (await app.ask('/api/sessions', { token: guest })).json()) as object[]
    expect(list).toEqual([expect.objectContaining({ id })])

    await app.manager.add({ name: 'secret-daemon', command: 'cat' })
    const stream = await app.ask('/api/events', { token: guest })
    const target = app.directory.attach(id, '')
    if (target.kind !== 'found') throw new Error('not there')
    target.open.join({
      ...{ clientId: undefined, leave: () => {} },
      who: { via: 'login', address: '192.0.2.99' },
    })
    app.directory.rename(other, 'more secret plans')
    await app.manager.start('secret-daemon')
    app.directory.rename(id, 'ours')
    const reader = stream.body?.getReader()
    let text = ''
    while (!text.includes('"ours"')) text += Buffer.from((await reader?.read())?.value ?? '')
    await reader?.cancel()
    expect(text).toContain('session.viewers')
    expect(text).not.toMatch(/secret|192\.0\.2\.99/)
    const info = await (await app.ask(`/api/sessions/${id}`, { token: guest })).text()
    expect(info).toContain('"viewerList":[{')
    expect(info).not.toContain('192.0.2.99')
    expect(await (await app.ask(`/api/sessions/${id}`)).text()).toContain('192.0.2.99')
  })
})

describe('the key of a program', () => {
  it('reports on its own session, and opens nothing else', async () => {
    const { app, id, program } = await setup()
    const report = { method: 'POST', body: { state: 'waiting' }, token: program }
    expect((await app.ask(`/api/sessions/${id}/attention`, report)).status).toBe(200)
    const other = await app.directory.create({})
    expect((await app.ask(`/api/sessions/${other.id}/attention`, report)).status).toBe(403)
    const open: string[] = []
    for (const route of await everyRoute(app))
      if (!(await refuses(app, route, id, program))) open.push(route)
    expect(open).toEqual(['POST /api/sessions/:id/attention'])
  })
})
