import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type TestApp, type TestAppOptions, testApp } from '../testing/test-app.ts'

const CAT = {
  ...{ id: 'cat', name: 'cat', commands: ['cat'], session: { kind: 'none' as const } },
  prompt: [{ kind: 'after-start' as const, paste: 'plain' as const }],
}

/** A session of an agent that waits after 5 s of silence, or of what `body` says. */
async function setup(body: object = { agent: 'cat' }, options: TestAppOptions = {}) {
  const app = testApp(onTestFinished, { agents: [{ ...CAT, silenceMs: 5_000 }], ...options })
  const { id } = await app.directory.create(body)
  return { app, id, program: app.runtime.last() }
}

async function attentionOf(app: TestApp, id: string): Promise<{ state: string; source: string }> {
  const session = (await (await app.ask(`/api/sessions/${id}`)).json()) as {
    attention: { state: string; source: string }
  }
  return session.attention
}

function keyOf(app: TestApp, id: string): { path: string; token: string; url: string } {
  const path = join(app.stateDir, 'sessions', id, 'notify.json')
  return { path, ...(JSON.parse(readFileSync(path, 'utf8')) as { token: string; url: string }) }
}

describe('attention', () => {
  it('of an agent is guessed from its silence', async () => {
    const { app, id, program } = await setup()
    expect(await attentionOf(app, id)).toMatchObject({ state: 'working', source: 'start' })
    app.clock.advance(4_000)
    program.prints('thinking')
    app.clock.advance(4_999)
    expect(await attentionOf(app, id)).toMatchObject({ state: 'working' })
    app.clock.advance(1)
    expect(await attentionOf(app, id)).toMatchObject({ state: 'waiting', source: 'silence' })
    program.prints('one more thing')
    expect(await attentionOf(app, id)).toMatchObject({ state: 'working', source: 'output' })
  })

  it('of an agent whose silence says nothing is not', async () => {
    const { app, id } = await setup({ agent: 'cat' }, { agents: [{ ...CAT, silenceMs: 0 }] })
    app.clock.advance(600_000)
    expect(await attentionOf(app, id)).toMatchObject({ state: 'none' })
  })

  it('is what the program’s hooks say, and guessed no more', async () => {
    const { app, id, program } = await setup()
    const report = async (body: object) =>
      (
        await app.ask(`/api/sessions/${id}/attention`, {
          ...{ method: 'POST', body, token: keyOf(app, id).token },
        })
      ).status
    expect(await report({ state: 'waiting', text: 'may I\u001b[31m\u202e rm?\n' })).toBe(200)
    expect(await attentionOf(app, id)).toEqual({
      ...{ state: 'waiting', source: 'hook', text: 'may I [31m rm?' },
      since: new Date(app.clock.date()).toISOString(),
    })
    program.prints('blink')
    expect(await attentionOf(app, id)).toMatchObject({ state: 'waiting' })
    expect(await report({ state: 'working' })).toBe(200)
    app.clock.advance(60_000)
    expect(await attentionOf(app, id)).toMatchObject({ state: 'working', source: 'hook' })
    expect(await report({ state: 'happy' })).toBe(400)
    expect(await report({ state: 'done', text: 'x'.repeat(9_000) })).toBe(200)
    expect((await attentionOf(app, id)).state).toBe('done')
    expect(JSON.stringify(await attentionOf(app, id)).length).toBeLessThan(400)
  })

  it('ends with a key, and not with a look', async () => {
    const { app, id } = await setup()
    app.attentions.report(id, { state: 'waiting' })
    const target = app.directory.attach(id, '')
    if (target.kind !== 'found') throw new Error('not there')
    const visit = target.open.join({ clientId: undefined, leave: () => {} })
    visit.typed(Buffer.from('\u001b[I'))
    expect(await attentionOf(app, id)).toMatchObject({ state: 'waiting' })
    visit.typed(Buffer.from('y'))
    expect(await attentionOf(app, id)).toMatchObject({ state: 'working', source: 'input' })
    // Its hooks will say when it waits again.
    app.clock.advance(60_000)
    expect(await attentionOf(app, id)).toMatchObject({ state: 'working', source: 'input' })
  })

  it('hears bells, notifications and the ends of long commands', async () => {
    const { app, id, program } = await setup({})
    const place = { start: 0, end: 1 }
    const mark = (what: 'output' | 'done', exitCode?: number) =>
      program.signals({ ...place, type: 'prompt-mark', mark: what, exitCode })
    program.signals({ ...place, type: 'bell' })
    expect(await attentionOf(app, id)).toMatchObject({ state: 'waiting', source: 'bell' })
    app.clock.advance(1_500)
    app.attentions.typed(id)
    program.signals({ ...place, type: 'bell' })
    expect(await attentionOf(app, id)).toMatchObject({ state: 'none' })
    app.clock.advance(2_000)
    program.signals({ ...place, type: 'notification', title: 'CI', body: 'is red' })
    expect(await attentionOf(app, id)).toMatchObject({ source: 'notification', text: 'is red' })
    program.signals({ ...place, type: 'notification', title: '', body: 'a flood' })
    expect(await attentionOf(app, id)).toMatchObject({ text: 'is red' })
    mark('output')
    expect(await attentionOf(app, id)).toMatchObject({ state: 'working', source: 'command' })
    app.clock.advance(10_001)
    mark('done', 3)
    expect(await attentionOf(app, id)).toMatchObject({ state: 'failed', text: 'exit code 3' })
    mark('output')
    mark('done', 1)
    expect(await attentionOf(app, id)).toMatchObject({ state: 'none' })
  })

  it('is told in events, an exit too', async () => {
    const { app, id, program } = await setup()
    const stream = await app.ask('/api/events')
    program.exits(2)
    const reader = stream.body?.getReader()
    let text = ''
    while (!text.includes('session.removed'))
      text += Buffer.from((await reader?.read())?.value ?? '')
    await reader?.cancel()
    const [, told = ''] = /event: session\.attention\ndata: (.*)\n/.exec(text) ?? []
    expect(JSON.parse(told)).toMatchObject({
      ...{ id, attention: { state: 'failed', source: 'exit', text: 'exit code 2' } },
    })
  })
})

describe('the key of a session', () => {
  it('lies in a file of this user alone, and its environment holds no secret', async () => {
    const { app, id } = await setup({})
    const { path, token } = keyOf(app, id)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const env = app.runtime.programs[0]?.env ?? {}
    expect(env).toMatchObject({ CONDUCTOR_SESSION_ID: id, CONDUCTOR_NOTIFY_FILE: path })
    expect(JSON.stringify(env)).not.toContain(token)
    app.reportKeys.listening('http://127.0.0.1:4711')
    expect(keyOf(app, id)).toMatchObject({ token, url: 'http://127.0.0.1:4711' })
  })

  it('stays the same one under the next server, and ends with the session', async () => {
    const stateDir = temporaryFolder(onTestFinished)
    const { app, id } = await setup({}, { stateDir })
    const { token } = keyOf(app, id)
    const after = testApp(onTestFinished, { stateDir })
    after.reportKeys.issue(id)
    expect(after.auth.find(token)?.scope).toEqual({ kind: 'report', sessionId: id })
    app.runtime.last().exits(0)
    expect(app.auth.find(token)).toBeUndefined()
  })
})
