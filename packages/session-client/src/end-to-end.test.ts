import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MAX_FRAME_BYTES, SUBPROTOCOL } from '@conductor/protocol'
import { seeded, until } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { attachSession } from './session-client.ts'
import { type ModelHost, modelHost } from './testing/model-host.ts'
import { modelServer } from './testing/model-server.ts'
import { createWitness } from './testing/witness.ts'

/** The model of the server behind a real WebSocket; the host outlives every connection. */
async function serve(host: ModelHost) {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, maxPayload: MAX_FRAME_BYTES })
  const offers: (string | undefined)[] = []
  const violations: string[] = []
  sockets.on('connection', (socket, request) => {
    offers.push(request.headers['sec-websocket-protocol'])
    let received: Uint8Array[] = []
    const server = modelServer({
      connection: {
        takeSent() {
          const taken = received
          received = []
          return taken
        },
        says: (data) => socket.send(data as Uint8Array),
      },
      host: () => host,
      windowBytes: 256 * 1024,
      rewindBytes: 100,
    })
    const step = (): void => {
      server.hear(1_000)
      server.passAllInput()
      server.serve(16 * 1024)
      server.deliver(1_000)
      violations.push(...server.violations)
    }
    const timer = setInterval(step, 1)
    socket.on('message', (data: Buffer) => {
      received.push(data)
      step()
    })
    socket.on('close', () => clearInterval(timer))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    http.close()
  })
  const { port } = http.address() as AddressInfo
  const cut = () => {
    for (const socket of sockets.clients) socket.terminate()
  }
  return { url: `ws://127.0.0.1:${port}/ws/s1`, cut, offers, violations }
}

it('over a real WebSocket that is cut 30 times: every byte and every key once, and proved complete', async () => {
  const seed = 20_261_121
  const random = seeded(seed)
  const host = modelHost('e0')
  const { url, cut, offers, violations } = await serve(host)
  const witness = createWitness(() => host)
  const session = attachSession({
    url,
    token: 'c0ffee',
    WebSocket,
    schedule: () => 5 * random(),
    onOutput(output) {
      witness.output(output)
      for (const done of witness.undone.splice(0)) done()
    },
  })
  witness.follow(session)
  onTestFinished(() => session.close())

  let typed = ''
  for (let round = 0; round < 30; round++) {
    host.produce(Math.floor(random() * 200_000))
    for (let key = 0; key < 10; key++) {
      const text = `${round}.${key};`
      expect(session.type(text)).toBe(true)
      typed += text
    }
    if (round % 3 === 0) await until(() => session.status.name === 'live')
    await new Promise((resolve) => setTimeout(resolve, 10 * random()))
    cut()
  }
  await until(() => witness.next === host.end && session.pending.sizeBytes === 0)
  host.exit()
  await until(() => session.status.name === 'ended')

  expect(session.status).toMatchObject({ exit: { code: 0, complete: true } })
  expect(witness.next).toBe(host.end)
  expect(Buffer.concat(host.typed).toString()).toBe(typed)
  expect(violations).toEqual([])
  expect(offers.length).toBeGreaterThan(10)
  expect(new Set(offers)).toEqual(new Set([`${SUBPROTOCOL},conductor.token.c0ffee`]))
})
