import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { titled, whyMissing } from './binaries.ts'
import { SITE, type StartProxy, startCaddy, startNginx } from './proxies.ts'
import { PASSWORD, startServer } from './server.ts'
import type { Visitor } from './visitor.ts'

/** A server, a proxy and a shell start here, on a busy machine. */
const TEST_MS = 90_000

const SOON = { timeoutMs: 30_000 }

async function logIn(visitor: Visitor): Promise<void> {
  const { status } = await visitor.request('POST', '/api/login', { body: { password: PASSWORD } })
  expect(status).toBe(200)
}

async function newSession(visitor: Visitor): Promise<string> {
  const { status, body } = await visitor.request('POST', '/api/sessions', { body: {} })
  expect(status).toBe(201)
  // As the server describes a session.
  return (JSON.parse(body) as { readonly id: string }).id
}

describe.each<[string, string | undefined, StartProxy]>([
  ['nginx', whyMissing('nginx', 'openssl'), startNginx],
  ['Caddy', whyMissing('caddy', 'openssl'), startCaddy],
])('behind %s', (name, missing, startProxy) => {
  async function setUp(): Promise<Visitor> {
    const env = { AI_CONDUCTOR_ALLOWED_ORIGINS: `https://${SITE}` }
    const server = await startServer(onTestFinished, env)
    return startProxy(onTestFinished, server.address)
  }

  describe.skipIf(missing !== undefined)(titled(name, missing), { timeout: TEST_MS }, () => {
    it('a visitor logs in, types into a session and sees what it says', async () => {
      const visitor = await setUp()
      await logIn(visitor)
      let text = ''
      const session = visitor.attach(await newSession(visitor), (more) => {
        text += more
      })
      onTestFinished(() => session.close())
      await until(() => session.status.name === 'live', { ...SOON, what: 'the session is live' })
      session.type('echo $((6*7))-is-it\r')
      await until(() => text.includes('42-is-it'), { ...SOON, what: 'the echo comes' })
      // More than a proxy keeps in its buffers.
      session.type('seq 100000; echo $((8*8))-too\r')
      await until(() => text.includes('64-too'), { ...SOON, what: 'all of it comes' })
      expect(text).toContain('\n99999\r\n100000\r\n')
    })

    it('events come as they happen', async () => {
      const visitor = await setUp()
      await logIn(visitor)
      const stream = await visitor.stream('/api/events')
      onTestFinished(() => void stream.destroy())
      let text = ''
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      stream.on('error', () => {})
      await until(() => text.includes('event: sessions'), { ...SOON, what: 'the lists come' })
      const id = await newSession(visitor)
      await until(() => text.includes('event: session.created') && text.includes(id), {
        ...SOON,
        what: 'the event comes',
      })
      expect(stream.complete).toBe(false)
    })

    it('a stranger counts as one, not as the machine of the proxy', async () => {
      const visitor = await setUp()
      expect((await visitor.request('GET', '/metrics')).status).toBe(401)
      expect((await visitor.request('GET', '/healthz')).status).toBe(403)
      await logIn(visitor)
      expect((await visitor.request('GET', '/metrics')).status).toBe(200)
      const shutdown = await visitor.request('POST', '/api/shutdown')
      expect(shutdown).toMatchObject({ status: 403, body: expect.stringContaining('NOT_LOOPBACK') })
    })

    it('a page of another site may change nothing', async () => {
      const visitor = await setUp()
      await logIn(visitor)
      const answer = await visitor.request('POST', '/api/sessions', {
        ...{ body: {}, origin: 'https://evil.example' },
      })
      expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('WRONG_ORIGIN') })
    })
  })
})
