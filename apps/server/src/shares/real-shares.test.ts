import { SUBPROTOCOL } from '@conductor/protocol'
import { fakeClock, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type TestServer, type TestServerOptions, testServer } from '../testing/test-server.ts'
import { openSocket, type TestSocket } from '../testing/test-socket.ts'

async function setup(mode: 'viewer' | 'driver', options: TestServerOptions = {}) {
  const server = await testServer(onTestFinished, options)
  const id = await server.session()
  const made = await server.request(`/api/sessions/${id}/shares`, {
    method: 'POST',
    body: JSON.stringify({ mode, label: 'Ann', expiresInSeconds: 60 }),
  })
  const share = (await made.json()) as { id: string; url: string }
  expect(share.url.startsWith(`${server.url}/share#`)).toBe(true)
  const claimed = await fetch(`${server.url}/api/shares/claim`, {
    method: 'POST',
    body: JSON.stringify({ secret: new URL(share.url).hash.slice(1) }),
  })
  const { token } = (await claimed.json()) as { token: string }
  return { server, id, share, token, program: server.runtime.last() }
}

async function attached(server: TestServer, id: string, token: string): Promise<TestSocket> {
  const socket = await openSocket(server, `/ws/${id}`, { token })
  socket.say({ type: 'hello', version: 1, clientId: `guest-${Math.random()}` })
  socket.say({
    ...{ type: 'attach', channel: 1, session: '', epoch: '', have: 0 },
    ...{ cols: 100, rows: 30, mode: 'driver' },
  })
  await socket.frame('attached')
  return socket
}

const typing = { type: 'input', channel: 1, seq: 1, bytes: Buffer.from('rm -rf\r') } as const

describe('a guest', () => {
  it('who may look is told so, reads from the beginning, and is shown out when it types', async () => {
    const { server, id, token, program } = await setup('viewer')
    program.prints('long ago')
    const guest = await attached(server, id, token)
    expect(await guest.frame('attached')).toMatchObject({ mode: 'viewer' })
    await until(() => guest.output.toString() === 'long ago')
    guest.say({ type: 'resize', channel: 1, cols: 20, rows: 5, claim: true })
    guest.say(typing)
    expect(await guest.frame('refused')).toMatchObject({ code: 4403 })
    expect(await guest.whenClosed()).toBe(4403)
    expect([program.typed.length, program.sizes.length]).toEqual([0, 0])
  })

  it('who may look is shown out by a plain socket too', async () => {
    const { server, id, token, program } = await setup('viewer')
    for (const message of [Buffer.from('x'), JSON.stringify({ type: 'input', data: 'x' })]) {
      const guest = await openSocket(server, `/ws/${id}`, { token, protocols: [] })
      guest.ws.send(JSON.stringify({ type: 'resize', cols: 20, rows: 5 }))
      guest.ws.send(message)
      expect(await guest.whenClosed()).toBe(4403)
    }
    expect([program.typed.length, program.sizes.length]).toEqual([0, 0])
  })

  it('who may type does', async () => {
    const { server, id, token, program } = await setup('driver')
    const guest = await attached(server, id, token)
    guest.say(typing)
    await until(() => program.typed.toString() === 'rm -rf\r')
  })

  it('finds no other session, by any address', async () => {
    const { server, id, token } = await setup('driver')
    const other = await server.session()
    for (const path of [`/ws/${other}`, '/ws', '/ws/nothing']) {
      const guest = await openSocket(server, path, { token })
      expect(await guest.whenClosed()).toBe(4403)
    }
    const guest = await openSocket(server, `/ws/${id}`, { token })
    guest.say({ type: 'hello', version: 1, clientId: 'g' })
    guest.say({
      ...{ type: 'attach', channel: 1, session: other, epoch: '', have: 0 },
      ...{ cols: 0, rows: 0, mode: 'driver' },
    })
    expect(await guest.frame('refused')).toMatchObject({ code: 4404 })
  })

  it('comes in by the token among the subprotocols, and by the cookie of the link’s page', async () => {
    const { server, id, share, token } = await setup('viewer')
    const headers = { Origin: server.url, Cookie: `ai_conductor_share_${share.id}=${token}` }
    for (const [path, options] of [
      [`/ws/${id}`, { protocols: [`conductor.token.${token}`, SUBPROTOCOL] }],
      [`/ws/${id}?share=${share.id}`, { headers }],
    ] as const) {
      const guest = await openSocket(server, path, { token: '', ...options })
      guest.say({ type: 'hello', version: 1, clientId: 'g' })
      await guest.frame('welcome')
    }
    const stranger = await openSocket(server, `/ws/${id}`, { token: '', headers })
    expect(await stranger.whenClosed()).toBe(4401)
  })

  it('is out at once when the link is revoked, and others stay', async () => {
    const { server, id, share, token } = await setup('driver')
    const guest = await attached(server, id, token)
    const plain = await openSocket(server, `/ws/${id}`, { token, protocols: [] })
    const owner = await attached(server, id, await server.token())
    await server.request(`/api/shares/${share.id}`, { method: 'DELETE' })
    expect([await guest.whenClosed(), await plain.whenClosed()]).toEqual([4401, 4401])
    expect(owner.closed).toBeUndefined()
    const again = await openSocket(server, `/ws/${id}`, { token })
    expect(await again.whenClosed()).toBe(4401)
  })

  it('is out the moment the link expires', async () => {
    const clock = fakeClock()
    const { server, id, token } = await setup('driver', {
      clock,
      config: { silenceMs: 86_400_000 },
    })
    const guest = await attached(server, id, token)
    clock.advance(59_999)
    guest.say(typing)
    await guest.frame('accepted')
    expect(guest.closed).toBeUndefined()
    clock.advance(1)
    expect(await guest.whenClosed()).toBe(4401)
  })
})

describe('who is there', () => {
  it('stands in the session, changes are events, and the audit knows who took the keyboard', async () => {
    const { server, id, share, token } = await setup('driver')
    const info = async () =>
      (await (await server.request(`/api/sessions/${id}`)).json()) as {
        viewers: number
        viewerList: { via: string }[]
      }
    expect((await info()).viewerList).toEqual([])
    const guest = await attached(server, id, token)
    const owner = await attached(server, id, await server.token())
    expect(await info()).toMatchObject({
      viewers: 2,
      viewerList: [
        { id: '1', mode: 'driver', via: `share:${share.id}`, label: 'Ann', address: '127.0.0.1' },
        { id: '2', mode: 'driver', via: 'login', address: '127.0.0.1' },
      ],
    })
    guest.say(typing)
    await guest.frame('accepted')
    // To look is not to type.
    owner.say({ ...typing, bytes: Buffer.from('\u001b[I') })
    owner.say({ ...typing, seq: 2, bytes: Buffer.from('x') })
    owner.say({ ...typing, seq: 3, bytes: Buffer.from('secret') })
    await until(() => owner.frames.filter(({ type }) => type === 'accepted').length === 3)
    guest.ws.close()
    await until(async () => (await info()).viewerList.length === 1)
    const response = await server.request(`/api/audit?session=${id}`)
    const facts = (await response.json()) as { type: string; via?: string }[]
    expect(facts.map(({ type, via }) => `${type} ${via}`)).toEqual([
      `session.detached share:${share.id}`,
      'keyboard.taken login',
      `keyboard.taken share:${share.id}`,
      'session.attached login',
      `session.attached share:${share.id}`,
      `share.claimed share:${share.id}`,
      'share.made login',
      'session.created login',
    ])
    expect(JSON.stringify(facts)).not.toMatch(/secret|rm -rf/)
  })
})
