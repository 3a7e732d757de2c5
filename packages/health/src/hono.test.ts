import { Hono } from 'hono'
import { expect, it, onTestFinished } from 'vitest'
import { addHealthRoutes } from './hono.ts'
import { createHealth } from './registry.ts'

function app(reasons = false): Hono {
  const health = createHealth()
  onTestFinished(() => health.close())
  health.add({ name: 'loop', kinds: ['live', 'ready', 'startup'], run: () => {} })
  health.add({
    name: 'db',
    run: () => {
      throw new Error('no answer from 10.0.0.7')
    },
  })
  const app = new Hono()
  addHealthRoutes(app, health, { reasons })
  return app
}

it('an app answers three questions', async () => {
  const asked = app()
  const answers = await Promise.all(
    ['/livez', '/readyz', '/startupz'].map(async (path) => {
      const response = await asked.request(path)
      return [response.status, await response.text()]
    }),
  )
  expect(answers).toEqual([
    [200, 'ok'],
    [503, '[+]loop ok\n[-]db failed: reason withheld\nreadyz check failed\n'],
    [200, 'ok'],
  ])
})

it('nobody keeps an answer', async () => {
  const { headers } = await app().request('/livez')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
})

it('?verbose shows each check, and ?exclude= leaves some out', async () => {
  const asked = app()
  const text = async (path: string): Promise<string> => (await asked.request(path)).text()
  expect(await text('/livez?verbose')).toBe('[+]loop ok\nlivez check passed\n')
  expect(await text('/readyz?exclude=db')).toBe('ok')
  expect(await text('/readyz?verbose&exclude=db&exclude=loop')).toBe(
    '[+]loop excluded: ok\n[+]db excluded: ok\nreadyz check passed\n',
  )
  expect(await text('/readyz?verbose=1&exclude=db,x')).toBe(
    '[+]loop ok\n[+]db excluded: ok\nwarn: some health checks cannot be excluded: no matches for "x"\nreadyz check passed\n',
  )
})

it('health+json is sent to those who accept it', async () => {
  const response = await app(true).request('/readyz', {
    headers: { accept: 'application/health+json, */*;q=0.1' },
  })
  expect(response.status).toBe(503)
  expect(response.headers.get('content-type')).toBe('application/health+json')
  expect(await response.json()).toMatchObject({
    status: 'fail',
    checks: { 'db:responseTime': [{ status: 'fail', output: 'no answer from 10.0.0.7' }] },
  })
})

it('HEAD is answered as GET, without the text', async () => {
  const response = await app().request('/readyz', { method: 'HEAD' })
  expect([response.status, await response.text()]).toEqual([503, ''])
})
