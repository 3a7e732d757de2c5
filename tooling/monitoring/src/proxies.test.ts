import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { titled, until, whyMissing } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  AT_ROOT,
  BELOW,
  type Place,
  type RunningProxy,
  type StartProxy,
  settingsFor,
  startCaddy,
  startNginx,
} from './proxies.ts'
import { startServer } from './server.ts'
import { logIn, newSession, openTerminal } from './terminal.ts'

/** A server, a proxy and a shell start here, on a busy machine. */
const TEST_MS = 90_000

const SOON = { timeoutMs: 30_000 }

const PLACES: readonly (readonly [string, Place])[] = [
  ['at the root', AT_ROOT],
  ['at the root, without TLS', { ...AT_ROOT, tls: false }],
  ['below a path', BELOW],
  ['below a path, without TLS', { ...BELOW, tls: false }],
]

const NUMBERS = 500_000
/** Of all the lines of `seq`, as a terminal gets them. */
const NUMBERS_TEXT = Array.from({ length: NUMBERS }, (_, index) => `${index + 1}\r\n`).join('')

describe.each<[string, string | undefined, StartProxy]>([
  ['nginx', whyMissing('nginx', 'openssl'), startNginx],
  ['Caddy', whyMissing('caddy', 'openssl'), startCaddy],
])('behind %s', (name, missing, startProxy) => {
  async function setUp(place: Place): Promise<RunningProxy> {
    const server = await startServer(onTestFinished, settingsFor(place))
    return startProxy(onTestFinished, server.address, place)
  }

  describe.skipIf(missing !== undefined)(titled(name, missing), { timeout: TEST_MS }, () => {
    it.each(PLACES)('%s: a visitor logs in, types, and sees megabytes', async (_, place) => {
      const { visitor } = await setUp(place)
      const cookie = /^(?:__Host-|__Secure-)?ai_conductor_session=.*; Path=([^;]*);/
      const { headers } = await visitor.request('POST', '/api/login', {
        body: { password: 'correct horse battery' },
      })
      const set = String(headers['set-cookie']?.[0])
      expect([cookie.exec(set)?.[1], set.includes('Secure')]).toEqual([
        ...[place.base || '/', place.tls],
      ])
      const terminal = await openTerminal(onTestFinished, visitor)
      terminal.type('echo $((6*7))-is-it\r')
      await terminal.sees('42-is-it')
      // A page that confirms nothing gets no more than it may have unconfirmed; then all of it.
      terminal.hold()
      const before = terminal.text.length
      terminal.type(`seq ${NUMBERS}; echo $((8*8))-too\r`)
      await until(() => terminal.text.length - before > 500_000, { ...SOON, what: 'some of it' })
      expect(await printedBytes(visitor)).toBeGreaterThan(3_000_000)
      expect(terminal.text.length - before).toBeLessThan(2_000_000)
      terminal.release()
      await terminal.sees('64-too\r\n')
      expect(terminal.text).toContain(NUMBERS_TEXT)
      expect(terminal.connects).toBe(1)
    })

    it.each(PLACES)('%s: events come as they happen', async (_, place) => {
      const { visitor } = await setUp(place)
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

    it('the path leads to the page, and nothing else of the host does', async () => {
      const { visitor } = await setUp(BELOW)
      const leads = async (path: string): Promise<unknown[]> => {
        const { status, headers } = await visitor.request('GET', path, { outside: true })
        const { location } = headers
        return [status, location && new URL(location, 'https://example.org').pathname]
      }
      expect((await leads('/conductor'))[1]).toBe('/conductor/')
      expect((await leads('/conductor/'))[0]).toBe(200)
      expect(await leads('/conductor/terminal')).toEqual([303, '/conductor/'])
      for (const path of ['/', '/api/sessions', '/conductorx', '/ws/x']) {
        const { body } = await visitor.request('GET', path, { outside: true })
        expect(body).not.toMatch(/conductor\/|unauthorized/i)
      }
    })

    it.each([AT_ROOT, BELOW])('a stranger is one, whatever it says: $site', async (place) => {
      const { visitor } = await setUp(place)
      const lies = {
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': '127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-real-ip': '127.0.0.1',
        forwarded: 'for=127.0.0.1',
      }
      for (const headers of [{}, lies]) {
        expect((await visitor.request('GET', '/metrics', { headers })).status).toBe(401)
        expect((await visitor.request('GET', '/healthz', { headers })).status).toBe(403)
      }
      await logIn(visitor)
      expect((await visitor.request('GET', '/metrics')).status).toBe(200)
      const shutdown = await visitor.request('POST', '/api/shutdown', { headers: lies })
      expect(shutdown).toMatchObject({ status: 403, body: expect.stringContaining('NOT_LOOPBACK') })
    })

    it.each([AT_ROOT, BELOW])('a page of another site changes nothing: $site', async (place) => {
      const { visitor } = await setUp(place)
      await logIn(visitor)
      for (const origin of ['https://evil.example', `http://${place.site}`, 'null'])
        expect(await visitor.request('POST', '/api/sessions', { body: {}, origin })).toMatchObject({
          status: 403,
          body: expect.stringContaining('WRONG_ORIGIN'),
        })
      const foreign = await visitor.request('GET', '/', { headers: { host: 'evil.example' } })
      // nginx passes it on, and the server refuses it; Caddy knows no such site.
      expect(foreign.body).not.toContain('<html')
      expect(foreign.body === '' || foreign.body.includes('WRONG_HOST')).toBe(true)
    })

    it('a file of 25 MiB goes up', async () => {
      let receivedBytes = 0
      const upstream = createServer((request, response) => {
        receivedBytes = 0
        request.on('data', (chunk: Buffer) => {
          receivedBytes += chunk.length
        })
        request.on('end', () => response.end('{"status":"ok"}'))
      })
      onTestFinished(() => void upstream.close())
      await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve))
      // Of a server that listens on TCP.
      const { port } = upstream.address() as AddressInfo
      const { visitor } = await startProxy(onTestFinished, `127.0.0.1:${port}`)
      const body = Buffer.alloc(25 * 1024 ** 2)
      const { status } = await visitor.request('POST', '/api/upload', { body })
      expect([status, receivedBytes]).toEqual([200, body.length])
    })
  })

  /** How much the program of the only session has printed, in bytes, once that is all. */
  async function printedBytes(visitor: RunningProxy['visitor']): Promise<number> {
    const { body } = await visitor.request('GET', '/api/sessions')
    // As the server describes sessions.
    const [session] = JSON.parse(body) as { readonly id: string }[]
    return until(
      async () => {
        const path = `/api/sessions/${session?.id}/output?from=0`
        const answer = await visitor.request('GET', path)
        return answer.body.includes('64-too\r\n') ? answer.body.length : undefined
      },
      { ...SOON, what: 'the program is not kept waiting' },
    )
  }
})
