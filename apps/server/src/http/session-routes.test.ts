import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PtySessionError } from '@conductor/pty-session'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type TestApp, testApp } from '../testing/test-app.ts'

async function create(app: TestApp, body?: object): Promise<string> {
  const response = await app.ask('/api/sessions', { method: 'POST', ...(body && { body }) })
  expect(response.status).toBe(201)
  const { id } = (await response.json()) as { id: string }
  return id
}

describe('creating a session', () => {
  it('needs no body: the shell, in the home folder, under its id', async () => {
    const app = testApp(onTestFinished)
    const id = await create(app)
    expect(app.runtime.programs[0]).toMatchObject({
      id,
      command: '/bin/sh',
      args: [],
      cwd: '/tmp',
      env: { TERM: 'xterm-256color', COLORTERM: 'truecolor', SHELL: '/bin/sh' },
    })
    const list = (await (await app.ask('/api/sessions')).json()) as object[]
    expect(list).toEqual([
      expect.objectContaining({ id, name: id, status: 'running', kind: 'shell', viewers: 0 }),
    ])
    expect(list[0]).toHaveProperty('createdAt', expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/))
  })

  it('passes on what the body says', async () => {
    const app = testApp(onTestFinished)
    const id = await create(app, {
      name: ' agent ',
      command: 'cat',
      args: ['-u'],
      cwd: '/',
      env: { A: 'b' },
      cols: 120,
      rows: 40,
      kind: 'worker',
      durability: 'server',
    })
    expect(app.runtime.programs[0]).toMatchObject({ args: ['-u'], cwd: '/', cols: 120, rows: 40 })
    expect(app.runtime.programs[0]?.command).toMatch(/^\/(usr\/)?bin\/cat$/)
    expect(app.runtime.programs[0]?.env).toMatchObject({ A: 'b' })
    expect(app.directory.get(id)).toMatchObject({ name: 'agent', kind: 'worker' })
  })

  it.each([
    [{ cols: 0 }, 'cols'],
    [{ rows: 10_001 }, 'rows'],
    [{ cols: '80' }, 'cols'],
    [{ name: 5 }, 'name'],
    [{ name: 'a\u001b[2J' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ cwd: 'relative' }, 'cwd'],
    [{ cwd: '/no/such/folder' }, 'cwd'],
    [{ command: 'no-such-program' }, 'command'],
    [{ args: ['a', 5] }, 'args.1'],
    [{ args: ['a\u0000'] }, 'args.0'],
    [{ env: { 'A=B': 'c' } }, 'env'],
    [{ kind: 'king' }, 'kind'],
    [{ durability: 'eternal' }, 'durability'],
    [{ runtime: 'screen' }, 'runtime'],
    [{ runtime: 'host', durability: 'server' }, 'runtime'],
    [{ agent: 'nobody' }, 'agent'],
    [{ agent: 'droid' }, 'agent'], // which is not installed
    [{ agent: 'shell', command: 'sh' }, 'command'],
    [{ agent: 'shell', prompt: 'rm x' }, 'prompt'],
    [{ prompt: 'rm x' }, 'prompt'],
    [{ command: 'cat', prompt: 'a\u001b[201~' }, 'prompt'],
    [{ command: 'cat', prompt: '  ' }, 'prompt'],
    [{ command: 'cat', prompt: 5 }, 'prompt'],
    [{ comand: 'x' }, 'comand'],
  ])('refuses %j with 400, naming the field', async (body, field) => {
    const app = testApp(onTestFinished)
    const response = await app.ask('/api/sessions', { method: 'POST', body })
    expect(response.status).toBe(400)
    const answer = (await response.json()) as { error: string; details: { field: string }[] }
    expect(answer.error).toContain(field.split('.')[0])
    expect(answer.details[0]?.field).toContain(field)
    expect(app.runtime.programs).toHaveLength(0)
  })

  it('refuses what is not JSON', async () => {
    const response = await testApp(onTestFinished).ask('/api/sessions', {
      method: 'POST',
      body: '{"name":',
    })
    expect(response.status).toBe(400)
  })

  it.each([
    ['ENOSPC', 'NO_SPACE'],
    ['EMFILE', 'TOO_MANY_FILES'],
    ['EAGAIN', 'NO_MEMORY'],
  ])(
    'answers %s with 503 and what to do, leaves nothing behind, and works again',
    async (system, code) => {
      const dataDir = join(temporaryFolder(onTestFinished), 'sessions')
      const app = testApp(onTestFinished, { dataDir })
      const cause = Object.assign(new Error('write failed'), { code: system })
      app.runtime.failure = new PtySessionError('SPAWN_FAILED', 'no', { cause })
      const response = await app.ask('/api/sessions', { method: 'POST' })
      expect(response.status).toBe(503)
      expect(await response.json()).toMatchObject({
        code,
        error: expect.stringContaining('try again'),
      })
      expect(readdirSync(dataDir)).toEqual([])
      await create(app)
    },
  )

  it('keeps its files to this user', async () => {
    const dataDir = join(temporaryFolder(onTestFinished), 'sessions')
    const app = testApp(onTestFinished, { dataDir })
    const id = await create(app)
    expect(statSync(join(dataDir, id)).mode & 0o777).toBe(0o700)
    expect(statSync(join(dataDir, id, 'session.json')).mode & 0o777).toBe(0o600)
  })
})

describe('a session', () => {
  it('is listed after those that are older, within the same millisecond too', async () => {
    const app = testApp(onTestFinished)
    const ids = []
    for (let i = 0; i < 20; i++) ids.push(await create(app))
    const list = (await (await app.ask('/api/sessions')).json()) as { id: string }[]
    expect(list.map(({ id }) => id)).toEqual(ids)
  })

  it('is renamed', async () => {
    const app = testApp(onTestFinished)
    const id = await create(app)
    const put = (body: unknown) => app.ask(`/api/sessions/${id}`, { method: 'PUT', body })
    expect(await (await put({ name: 'new' })).json()).toMatchObject({ success: true, name: 'new' })
    for (const body of [{}, { name: '' }, { name: '  ' }, { name: 1 }, 'x']) {
      const response = await put(body)
      expect(response.status).toBe(400)
      expect(await response.json()).toEqual({ error: 'name is required' })
    }
    expect((await put({ name: 'a\u202eb' })).status).toBe(400)
    expect(app.directory.get(id)?.name).toBe('new')
  })

  it('is removed with all its processes and files', async () => {
    const dataDir = join(temporaryFolder(onTestFinished), 'sessions')
    const app = testApp(onTestFinished, { dataDir })
    const id = await create(app)
    const response = await app.ask(`/api/sessions/${id}`, { method: 'DELETE' })
    expect(await response.json()).toEqual({ success: true })
    expect(app.runtime.last().ends).toHaveLength(1)
    expect(existsSync(join(dataDir, id))).toBe(false)
    expect(app.runtime.forgotten).toEqual([id])
    expect(app.clock.pending).toBe(1) // the token's own
  })

  it('that was lost is restored where something says how, and 409 says why not', async () => {
    const app = testApp(onTestFinished)
    const restore = async (id: string) => {
      const response = await app.ask(`/api/sessions/${id}/restore`, { method: 'POST' })
      return [response.status, await response.json()]
    }
    const lose = async (body: object) => {
      const id = await create(app, body)
      const session = app.runtime.last()
      expect(await restore(id)).toMatchObject([409, { code: 'SESSION_NOT_RESTORABLE' }])
      session.becomes({ name: 'lost', reason: 'its host was killed' })
      app.runtime.adopts = () => ({ kind: 'ended', session })
      return id
    }
    const shell = await lose({})
    expect(await restore(shell)).toMatchObject([200, { id: shell, status: 'running' }])
    const worker = await lose({ kind: 'worker' })
    expect(await restore(worker)).toMatchObject([409, { code: 'SESSION_NOT_RESUMABLE' }])
    expect(app.directory.get(worker)?.status).toBe('lost')
    app.runtime.adopts = () => ({ kind: 'unreachable', reason: 'busy', log: undefined })
    expect(await restore(worker)).toMatchObject([409, { code: 'SESSION_NOT_RESTORABLE' }])
    expect((await restore('nope'))[0]).toBe(404)
  })

  it('runs a command that is told its task as somebody would type it', async () => {
    const app = testApp(onTestFinished)
    const id = await create(app, { command: 'cat', prompt: 'one\ntwo', runtime: 'server' })
    expect(app.directory.get(id)).toMatchObject({ kind: 'worker', durability: 'server' })
    expect(app.runtime.programs[0]?.args).toEqual([])
    app.clock.advance(500)
    await until(() => app.runtime.last().typed.toString() === 'one\rtwo')
  })

  it.each(['GET', 'PUT', 'DELETE'])(
    'that is not there is answered to %s with 404',
    async (method) => {
      const response = await testApp(onTestFinished).ask('/api/sessions/nope', {
        method,
        ...(method === 'PUT' && { body: { name: 'x' } }),
      })
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ error: 'session nope not found' })
    },
  )
})

describe('the output', () => {
  it('is given from an offset on, byte for byte', async () => {
    const app = testApp(onTestFinished)
    const id = await create(app)
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7) % 256))
    app.runtime.last().prints(bytes)
    const response = await app.ask(`/api/sessions/${id}/output?from=1000`)
    expect(response.headers.get('x-conductor-offset')).toBe('1000')
    expect(response.headers.get('x-conductor-end')).toBe('200000')
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(1000))).toBe(true)
  })

  it('is given up to an offset, or to its end where that comes first', async () => {
    const app = testApp(onTestFinished)
    const id = await create(app)
    app.runtime.last().prints('0123456789')
    for (const [query, text, end] of [
      ['from=2&to=5', '234', '5'],
      ['to=99', '0123456789', '10'],
      ['from=7&to=3', '', '3'],
    ]) {
      const response = await app.ask(`/api/sessions/${id}/output?${query}`)
      expect(response.headers.get('x-conductor-end')).toBe(end)
      expect(await response.text()).toBe(text)
    }
    expect((await app.ask(`/api/sessions/${id}/output?to=x`)).status).toBe(400)
  })

  it('says in its offset what the cap has dropped', async () => {
    const app = testApp(onTestFinished)
    const id = await create(app)
    app.runtime.last().prints('0123456789')
    app.runtime.last().drops(4)
    const response = await app.ask(`/api/sessions/${id}/output`)
    expect(response.headers.get('x-conductor-offset')).toBe('4')
    expect(await response.text()).toBe('456789')
  })

  it('beyond the end is nothing', async () => {
    const app = testApp(onTestFinished)
    const id = await create(app)
    const response = await app.ask(`/api/sessions/${id}/output?from=99`)
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it.each(['-1', 'x', '1.5', '99999999999999999'])('from %s is refused', async (from) => {
    const app = testApp(onTestFinished)
    const id = await create(app)
    expect((await app.ask(`/api/sessions/${id}/output?from=${from}`)).status).toBe(400)
  })
})
