import { ProcessManagerError, type ProcessManagerErrorCode } from '@conductor/process-manager'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LOCAL_TOKEN, type TestApp, testApp } from '../testing/test-app.ts'

const WEB = { name: 'web', command: 'node', args: ['web.js'] }

async function withWeb(): Promise<TestApp> {
  const app = testApp(onTestFinished)
  const response = await app.ask('/api/processes', { method: 'POST', body: WEB })
  expect(response.status).toBe(201)
  return app
}

const put = (app: TestApp, body: unknown, query = '') =>
  app.ask(`/api/processes${query}`, { method: 'PUT', body })
const post = (app: TestApp, path: string, headers: Record<string, string> = {}, body?: unknown) =>
  app.ask(`/api/processes/${path}`, {
    method: 'POST',
    headers,
    ...(body !== undefined && { body }),
  })

describe('adding a process', () => {
  it('starts it, waits until it is ready, and lets it outlive the server', async () => {
    const app = testApp(onTestFinished)
    const response = await app.ask('/api/processes', { method: 'POST', body: WEB })
    expect(response.status).toBe(201)
    expect(await response.json()).toMatchObject({
      name: 'web',
      phase: 'running',
      ready: true,
      lastStateChange: '1970-01-01T00:00:00.000Z',
      spec: { ...WEB, outlive: true },
    })
    expect(app.manager.calls).toEqual(['add web', 'start web'])
  })

  it('leaves it stopped where `start` is false, and its `outlive` as it is given', async () => {
    const app = testApp(onTestFinished)
    const body = { ...WEB, outlive: false, start: false }
    const response = await app.ask('/api/processes', { method: 'POST', body })
    expect(await response.json()).toMatchObject({ phase: 'stopped', spec: { outlive: false } })
    expect(app.manager.getProcessInfo('web')?.spec).toEqual({ ...WEB, outlive: false })
  })

  it.each([
    ['{"name":', undefined],
    [{ command: 'x' }, 'name'],
    [{ name: 5, command: 'x' }, 'name'],
    [{ ...WEB, start: 'yes' }, 'start'],
    [[], undefined],
  ])('refuses %j with BAD_SPEC, naming the field', async (body, field) => {
    const app = testApp(onTestFinished)
    const response = await app.ask('/api/processes', { method: 'POST', body })
    expect(response.status).toBe(400)
    const answer = (await response.json()) as { code: string; error: string }
    expect(answer.code).toBe('BAD_SPEC')
    if (field) expect(answer.error).toContain(field)
    expect(app.manager.calls).toEqual([])
  })

  it('refuses what the manager refuses, in its words', async () => {
    const app = testApp(onTestFinished)
    app.manager.failures.set(
      'add',
      new ProcessManagerError('BAD_SPEC', 'processes.web.cwd is "x": write an absolute path'),
    )
    const response = await app.ask('/api/processes', { method: 'POST', body: WEB })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: 'processes.web.cwd is "x": write an absolute path',
      code: 'BAD_SPEC',
      details: [{ field: 'processes.web.cwd', problem: 'is "x": write an absolute path' }],
    })
  })

  it('is refused for a name that there is, with nothing changed', async () => {
    const app = await withWeb()
    const response = await app.ask('/api/processes', { method: 'POST', body: WEB })
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code: 'PROCESS_EXISTS' })
    expect(app.manager.calls.filter((call) => call === 'add web')).toHaveLength(1)
  })
})

describe('applying a whole set', () => {
  it('adds, redefines what has changed, leaves the rest alone, and starts in order', async () => {
    const app = await withWeb()
    await put(app, { processes: [{ name: 'same', command: 'a' }] })
    app.manager.calls.length = 0
    const response = await put(app, {
      processes: [
        { name: 'same', command: 'a' },
        { name: 'new', command: 'b' },
        { ...WEB, args: ['other.js'] },
      ],
      groups: { all: { strategy: 'one-for-all' } },
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject([
      { name: 'web', phase: 'running', spec: { args: ['other.js'] } },
      { name: 'same' },
      { name: 'new', phase: 'running' },
    ])
    expect(app.manager.calls).toEqual([
      'group all',
      'add same',
      'add new',
      'add web',
      'stop web by PUT /api/processes',
      'add web',
      'up same,new,web',
    ])
  })

  it('starts only what it is told to, and what it had to stop', async () => {
    const app = await withWeb()
    await put(app, {
      processes: [
        { name: 'new', command: 'b' },
        { ...WEB, args: [] },
      ],
      start: [],
    })
    expect(app.manager.calls.at(-1)).toBe('up web')
    app.manager.calls.length = 0
    await put(app, { processes: [], start: [] })
    expect(app.manager.calls).toEqual([])
  })

  it('is looked at whole before anything is touched', async () => {
    const app = await withWeb()
    app.manager.calls.length = 0
    const bad = { name: 'bad', command: 'x', stop: { graceMs: -1 } }
    const response = await put(app, { processes: [{ ...WEB, args: [] }, bad] })
    expect(response.status).toBe(400)
    const field = 'processes.bad.stop.graceMs'
    expect(await response.json()).toMatchObject({ code: 'BAD_SPEC', details: [{ field }] })
    expect(app.manager.calls).toEqual([])
  })

  it('that fails in the middle leaves nothing stopped that ran', async () => {
    const app = await withWeb()
    const add = app.manager.add
    app.manager.add = async (spec) => {
      if (spec.name === 'bad') throw new ProcessManagerError('UNWRITABLE', 'the disk is full')
      await add(spec)
    }
    const response = await put(app, {
      processes: [
        { ...WEB, args: [] },
        { name: 'bad', command: 'x' },
      ],
    })
    expect(response.status).toBe(500)
    expect(app.manager.getProcessInfo('web')).toMatchObject({ phase: 'running' })
  })

  it.each([
    [{}, 'processes'],
    [{ processes: {} }, 'processes'],
    [{ processes: [{ command: 'x' }] }, 'processes.0.name'],
    [{ processes: [], groups: { a: { strategy: 'none' } } }, 'groups.a.strategy'],
    [{ processes: [], extra: 1 }, 'extra'],
  ])('refuses %j, naming the field', async (body, field) => {
    const response = await put(testApp(onTestFinished), body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'BAD_SPEC', details: [{ field }] })
  })
})

describe('a process', () => {
  it('is started, stopped, restarted and removed, and the tally knows who asked', async () => {
    const app = await withWeb()
    app.manager.calls.length = 0
    expect(await (await post(app, 'web/stop')).json()).toMatchObject({ phase: 'stopped' })
    expect(await (await post(app, 'web/start')).json()).toMatchObject({ ready: true })
    const headers = { 'x-conductor-actor': 'conductor restart' }
    expect(await (await post(app, 'web/restart', headers)).json()).toMatchObject({ restarts: 1 })
    expect(await (await app.ask('/api/processes/web', { method: 'DELETE' })).json()).toEqual({
      success: true,
    })
    expect(app.manager.calls).toEqual([
      'stop web by POST /api/processes/web/stop',
      'start web',
      'restart web by conductor restart',
      'remove web by DELETE /api/processes/web',
    ])
  })

  it('may have an @ in its name, as replicas do, and a group is all of its members', async () => {
    const app = testApp(onTestFinished)
    const spec = { name: 'web', command: 'node', replicas: 2, groups: ['front'] }
    await put(app, { processes: [spec] })
    for (const path of ['web@2', 'web%402'])
      expect(await (await app.ask(`/api/processes/${path}`)).json()).toMatchObject({
        name: 'web@2',
      })
    for (const name of ['web', 'front'])
      expect(await (await app.ask(`/api/processes/${name}`)).json()).toMatchObject([
        { name: 'web@1' },
        { name: 'web@2' },
      ])
    expect(await (await post(app, 'front/stop')).json()).toMatchObject([
      { name: 'web@1', phase: 'stopped' },
      { name: 'web@2', phase: 'stopped' },
    ])
  })

  it.each([
    ['GET', 'nope'],
    ['DELETE', 'nope'],
    ['POST', 'nope/start'],
    ['POST', 'nope/stop'],
    ['POST', 'nope/restart'],
    ['GET', 'nope/why'],
    ['GET', 'nope/deaths'],
    ['GET', 'nope/logs'],
  ])('that is not there is answered with 404: %s %s', async (method, path) => {
    const app = await withWeb()
    const response = await app.ask(`/api/processes/${path}`, { method })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: expect.stringContaining('nope') })
  })

  it.each<[ProcessManagerErrorCode, number]>([
    ['START_TIMEOUT', 504],
    ['START_FAILED', 502],
    ['STOP_FAILED', 502],
    ['ROLLING_FAILED', 502],
    ['ALREADY_RUNNING', 409],
    ['START_CANCELLED', 409],
    ['SHUTTING_DOWN', 503],
    ['CYCLE', 400],
    ['UNWRITABLE', 500],
  ])('that fails with %s is answered with %i', async (code, status) => {
    const app = await withWeb()
    app.manager.failures.set('restart', new ProcessManagerError(code, 'the facts'))
    const response = await post(app, 'web/restart')
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual(
      status === 500 ? { error: 'internal error' } : { error: 'the facts', code },
    )
  })

  it('is not waited for with ?wait=false, and what fails then is told', async () => {
    const app = await withWeb()
    await post(app, 'web/stop')
    let open = () => {}
    app.manager.gate = new Promise((resolve) => {
      open = resolve
    })
    const response = await post(app, 'web/start?wait=false')
    expect(response.status).toBe(202)
    expect(await response.json()).toMatchObject({ phase: 'stopped' })
    open()
    await until(() => app.manager.isRunning('web'))
    app.manager.failures.set('stop', new ProcessManagerError('STOP_FAILED', 'it lives'))
    expect((await post(app, 'web/stop?wait=false')).status).toBe(202)
    await until(() => app.troubles.some((each) => each.includes('it lives')))
  })

  it('says why it is so, and how it ended, with times in ISO 8601', async () => {
    const app = await withWeb()
    app.manager.dies('web')
    const why = await (await app.ask('/api/processes/web/why')).json()
    expect(why).toMatchObject({ text: ['It runs.'], nextTryAt: '1970-01-01T00:00:02.000Z' })
    expect(await (await app.ask('/api/processes/web/deaths')).json()).toEqual([
      expect.objectContaining({ at: '1970-01-01T00:00:01.000Z', text: 'exited with code 1' }),
    ])
  })
})

describe('all processes', () => {
  it('go up and down, or those that are named', async () => {
    const app = await withWeb()
    await put(app, { processes: [{ name: 'db', command: 'b' }] })
    app.manager.calls.length = 0
    const list = await (await post(app, 'down')).json()
    expect(list).toMatchObject([{ phase: 'stopped' }, { phase: 'stopped' }])
    await post(app, 'up', {}, { names: ['db'] })
    expect(app.manager.calls).toEqual(['down web,db by POST /api/processes/down', 'up db'])
    expect((await post(app, 'up', {}, { names: ['nope'] })).status).toBe(404)
    expect((await post(app, 'up', {}, { names: 'db' })).status).toBe(400)
  })

  it('may be named up and down', async () => {
    const app = testApp(onTestFinished)
    await put(app, { processes: [{ name: 'up', command: 'b' }] })
    expect(await (await app.ask('/api/processes/up')).json()).toMatchObject({ name: 'up' })
    expect(await (await post(app, 'up/stop')).json()).toMatchObject({ phase: 'stopped' })
  })
})

describe('who may ask', () => {
  it('is whoever has logged in, or has the token of this machine and asks from here', async () => {
    const app = await withWeb()
    const status = async (ask: object) => (await app.ask('/api/processes', ask)).status
    expect(await status({ token: null })).toBe(401)
    expect(await status({ token: LOCAL_TOKEN })).toBe(200)
    expect(await status({ token: LOCAL_TOKEN, address: '192.0.2.1' })).toBe(401)
    const forwarded = { 'x-forwarded-for': '192.0.2.1' }
    expect(await status({ token: LOCAL_TOKEN, headers: forwarded })).toBe(401)
  })

  it('is not whoever has that token in a cookie', async () => {
    const app = await withWeb()
    const cookie = `ai_conductor_session=${LOCAL_TOKEN}`
    expect((await app.ask('/api/processes', { token: null, headers: { cookie } })).status).toBe(401)
  })
})

describe('the events', () => {
  it('tell of processes beside sessions, and go on after Last-Event-ID', async () => {
    const app = await withWeb()
    const reader = (await app.ask('/api/events')).body?.getReader()
    let text = ''
    const read = async () => {
      text += Buffer.from((await reader?.read())?.value ?? []).toString()
      return text
    }
    await until(async () => (await read()).includes('event: sessions'))
    expect(text).toMatch(
      /\n\nevent: processes\ndata: \[\{"name":"web".*\]\n\nid: server-\d+\nevent: s/,
    )
    app.manager.dies('web')
    await until(async () => (await read()).includes('event: process.death'))
    const seen = [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? ''
    await reader?.cancel()

    const identity = { pid: 7, startTime: '1', bootId: 'b', host: 'h' }
    app.manager.tell({ type: 'adopted', name: 'web', identity })
    await post(app, 'web/stop')
    const headers = { 'last-event-id': seen }
    const again = (await app.ask('/api/events', { headers })).body?.getReader()
    let missed = ''
    await until(async () => {
      missed += Buffer.from((await again?.read())?.value ?? []).toString()
      return missed.includes('process.changed')
    })
    expect(missed).toContain('event: process.adopted\ndata: {"name":"web","pid":7}')
    expect(missed).not.toContain('event: processes')
    await again?.cancel()
  })

  it('leave what concerns the operator to the log', async () => {
    const app = await withWeb()
    app.manager.tell({ type: 'trouble', name: 'web', text: 'its log cannot be rotated' })
    expect(app.troubles).toEqual([expect.stringContaining('process web: its log cannot be')])
  })
})
