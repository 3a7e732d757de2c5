import { describe, expect, it, onTestFinished } from 'vitest'
import { type TestApp, testApp } from '../testing/test-app.ts'

async function ensure(app: TestApp, body: object): Promise<string> {
  const response = await app.ask('/api/orchestrators', { method: 'POST', body })
  const answer = (await response.json()) as { orchestrator: { id: string } }
  expect(response.status, JSON.stringify(answer)).toBe(201)
  return answer.orchestrator.id
}

describe('the orchestrator of a project', () => {
  it('is one, whoever asks and however many at once', async () => {
    const app = testApp(onTestFinished)
    const body = { projectId: 'p' }
    const ids = await Promise.all(Array.from({ length: 50 }, () => ensure(app, body)))
    expect(new Set(ids).size).toBe(1)
    expect(app.directory.list()).toMatchObject([
      { id: ids[0], kind: 'orchestrator', projectId: 'p' },
    ])
    expect(await ensure(app, { projectId: 'other' })).not.toBe(ids[0])
    expect(app.directory.list()).toHaveLength(2)
  })

  it('is replaced where that is wanted, and the old one ends', async () => {
    const app = testApp(onTestFinished)
    const old = await ensure(app, { projectId: 'p' })
    const [, made] = await Promise.all([
      ensure(app, { projectId: 'p' }),
      ensure(app, { projectId: 'p', clean: true }),
      ensure(app, { projectId: 'p' }),
    ])
    expect(made).not.toBe(old)
    expect(app.directory.list().map(({ id }) => id)).toEqual([made])
    expect(app.runtime.sessions[0]?.ends).toHaveLength(1)
    expect(await ensure(app, { projectId: 'p' })).toBe(made)
  })

  it('stays when its successor cannot be started', async () => {
    const app = testApp(onTestFinished)
    const old = await ensure(app, { projectId: 'p' })
    const body = { projectId: 'p', clean: true, command: 'no-such-program' }
    expect((await app.ask('/api/orchestrators', { method: 'POST', body })).status).toBe(400)
    expect(await ensure(app, { projectId: 'p' })).toBe(old)
    expect(app.runtime.sessions[0]?.ends).toHaveLength(0)
  })

  it('that was lost is started again under its id', async () => {
    const app = testApp(onTestFinished)
    const id = await ensure(app, { projectId: 'p' })
    const lost = app.runtime.last()
    lost.becomes({ name: 'lost', reason: 'its host was killed' })
    app.runtime.adopts = () => ({ kind: 'ended', session: lost })
    const ids = await Promise.all([1, 2, 3].map(() => ensure(app, { projectId: 'p' })))
    expect(new Set(ids)).toEqual(new Set([id]))
    expect(app.runtime.sessions).toHaveLength(2)
    expect(app.directory.get(id)?.status).toBe('running')
  })

  it.each([[{}], [{ projectId: '' }], [{ projectId: 5 }], [{ projectId: 'a\u001b' }]])(
    'is not made for %j',
    async (body) => {
      const app = testApp(onTestFinished)
      const response = await app.ask('/api/orchestrators', { method: 'POST', body })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ details: [{ field: 'projectId' }] })
    },
  )
})
