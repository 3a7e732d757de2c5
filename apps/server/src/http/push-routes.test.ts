import { statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { pushService } from '../testing/push-service.ts'
import { type TestApp, testApp } from '../testing/test-app.ts'

const SETTINGS = { states: ['waiting', 'failed'], includeText: false, muted: [] }

/** A device that has subscribed, and a session. */
async function setup() {
  const service = await pushService(onTestFinished)
  const stateDir = temporaryFolder(onTestFinished)
  const push = { isAllowed: () => true, ca: service.ca }
  const app = testApp(onTestFinished, { push, stateDir })
  const receiver = service.receiver()
  expect((await put(app, 'subscriptions', receiver.subscription)).status).toBe(200)
  const { id } = await app.directory.create({ name: 'build' })
  const told = () => receiver.messages.map(({ payload }) => JSON.parse(payload.toString()))
  /** Says it, and waits until a device was told, or was not. */
  const says = async (state: 'waiting' | 'working' | 'done' | 'failed', text?: string) => {
    app.attentions.report(id, { state, text })
    await app.people.pusher.settled()
  }
  return { app, service, push, stateDir, receiver, id, told, says }
}

function put(app: TestApp, what: string, body: object, token = app.token): Promise<Response> {
  return app.ask(`/api/push/${what}`, { method: 'PUT', body, token })
}

describe('a device', () => {
  it('is told when a session waits, and nothing that its terminal shows', async () => {
    const { id, told, says, receiver } = await setup()
    await says('waiting', 'Delete /etc?')
    expect(told()).toEqual([
      {
        ...{ v: 1, type: 'attention', sessionId: id, name: 'build', state: 'waiting' },
        since: expect.stringMatching(/Z$/),
      },
    ])
    // Another word about the same is no reason to ring again.
    await says('waiting', 'Delete /usr?')
    expect(told()).toHaveLength(1)
    await says('working')
    await says('failed')
    expect(told().map(({ state }) => state)).toEqual(['waiting', 'failed'])
    const [first, second] = receiver.messages
    expect(first?.headers['topic']).toMatch(/^[\w-]{32}$/)
    expect(second?.headers['topic']).toBe(first?.headers['topic'])
    expect(first?.headers['topic']).not.toContain(id)
  })

  it('is told what the settings say', async () => {
    const { app, id, told, says } = await setup()
    await says('done')
    expect(told()).toEqual([])
    const all = { states: ['waiting', 'done'], includeText: true, muted: [] }
    expect((await put(app, 'settings', all)).status).toBe(200)
    await says('working')
    await says('done', 'all green')
    expect(told()).toEqual([expect.objectContaining({ state: 'done', text: 'all green' })])
    await put(app, 'settings', { ...all, muted: [id] })
    await says('waiting')
    await put(app, 'settings', {
      ...all,
      quietHours: { from: '00:00', to: '23:59', timeZone: 'UTC' },
    })
    await says('done')
    expect(told()).toHaveLength(1)
    await put(app, 'settings', all)
    await says('waiting')
    expect(told()).toHaveLength(2)
  })

  it('is left alone while somebody looks at that session', async () => {
    const { app, id, told, says } = await setup()
    const looks = (sessionId: string | null) => put(app, 'looking', { page: 'p1', sessionId })
    expect((await looks(id)).status).toBe(204)
    await says('waiting')
    expect(told()).toEqual([])
    await looks('another')
    await says('failed')
    expect(told()).toHaveLength(1)
    await looks(id)
    await looks(null)
    await says('waiting')
    expect(told()).toHaveLength(2)
    // A page that went without a word is forgotten.
    await looks(id)
    app.clock.advance(45_001)
    await says('failed')
    expect(told()).toHaveLength(3)
  })

  it('is left alone while somebody types there', async () => {
    const { app, id, told, says } = await setup()
    const target = app.directory.attach(id, '')
    if (target.kind !== 'found') throw new Error('not there')
    target.open.join({ clientId: undefined, leave: () => {} }).typed(Buffer.from('y'))
    app.clock.advance(30_000)
    await says('waiting')
    expect(told()).toEqual([])
    app.clock.advance(30_001)
    await says('failed')
    expect(told()).toHaveLength(1)
  })

  it('that has dropped its subscription is forgotten; one that fails is not', async () => {
    const { app, receiver, says } = await setup()
    const devices = async () =>
      (await (await app.ask('/api/push/subscriptions')).json()) as object[]
    receiver.status = 500
    await says('waiting')
    expect(await devices()).toHaveLength(1)
    expect(app.troubles.at(-1)).toContain('answered 500')
    receiver.status = 410
    await says('failed')
    expect(await devices()).toEqual([])
  })

  it('is told under the next server too, and no more once its login is out', async () => {
    const { app, stateDir, push, receiver, told } = await setup()
    const next = testApp(onTestFinished, { stateDir, push })
    const { id } = await next.directory.create({})
    next.attentions.report(id, { state: 'waiting' })
    await until(() => told().length === 1)
    await next.ask('/api/logout', { method: 'POST' })
    expect(next.people.pushStore.subscriptions).toHaveLength(1)
    await app.ask('/api/logout', { method: 'POST' })
    expect(app.people.pushStore.subscriptions).toEqual([])
    expect(receiver.messages).toHaveLength(1)
    expect(statSync(join(stateDir, 'push.json')).mode & 0o777).toBe(0o600)
  })
})

describe('subscribing', () => {
  const keys = { p256dh: `B${'a'.repeat(86)}`, auth: 'a'.repeat(22) }

  it('again takes the place of what was there, and shows no keys', async () => {
    const app = testApp(onTestFinished)
    const { key } = (await (await app.ask('/api/push/key')).json()) as { key: string }
    expect(Buffer.from(key, 'base64url')).toHaveLength(65)
    const endpoint = 'https://fcm.googleapis.com/fcm/send/very-secret'
    const subscription = { endpoint, keys, expirationTime: null }
    await put(app, 'subscriptions', subscription)
    await put(app, 'subscriptions', { ...subscription, label: 'phone' })
    const list = await (await app.ask('/api/push/subscriptions')).text()
    expect(JSON.parse(list)).toEqual([
      {
        ...{ id: expect.any(String), label: 'phone', isMine: true },
        ...{ createdAt: expect.any(String), service: 'fcm.googleapis.com' },
      },
    ])
    expect(list).not.toMatch(/secret|aaaa/)
    const drop = () => app.ask('/api/push/subscriptions', { method: 'DELETE', body: { endpoint } })
    expect((await drop()).status).toBe(204)
    expect((await drop()).status).toBe(404)
  })

  it.each([
    [{ endpoint: 'http://fcm.googleapis.com/a', keys }, 'endpoint'],
    [{ endpoint: 'https://169.254.169.254/a', keys }, 'endpoint'],
    [{ endpoint: 'https://localhost/a', keys }, 'endpoint'],
    [{ endpoint: 'https://example.com/a', keys: { ...keys, auth: 'short' } }, 'keys.auth'],
    [{ endpoint: 'https://example.com/a', keys: { ...keys, p256dh: '' } }, 'keys.p256dh'],
    [{ keys }, 'endpoint'],
  ])('%j is refused with 400', async (body, field) => {
    const response = await put(testApp(onTestFinished), 'subscriptions', body)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(field)
  })

  it.each([
    [{ ...SETTINGS, states: ['asleep'] }, 'states'],
    [{ ...SETTINGS, muted: ['../x'] }, 'muted'],
    [{ ...SETTINGS, quietHours: { from: '25:00', to: '07:00', timeZone: 'UTC' } }, 'from'],
    [
      { ...SETTINGS, quietHours: { from: '22:00', to: '07:00', timeZone: 'Mars/Base' } },
      'timeZone',
    ],
    [{ states: [] }, 'includeText'],
  ])('settings %j are refused with 400, and the old ones stay', async (body, field) => {
    const app = testApp(onTestFinished)
    const response = await put(app, 'settings', body)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(field)
    expect(await (await app.ask('/api/push/settings')).json()).toEqual(SETTINGS)
  })
})
