import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ChaosProxy, createChaosProxy } from './chaos-proxy.ts'

interface Setup {
  readonly proxy: ChaosProxy
  readonly client: Socket
  /** The server's end of the client's connection. */
  readonly server: Socket
  /** What the client has received so far. */
  readonly received: () => Buffer
}

async function setup(): Promise<Setup> {
  const listener = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const proxy = await createChaosProxy()
  proxy.aim((listener.address() as AddressInfo).port)
  const accepted = once(listener, 'connection')
  const client = connect(proxy.port, '127.0.0.1')
  const [server] = (await accepted) as [Socket]
  client.on('error', () => {})
  const chunks: Buffer[] = []
  client.on('data', (chunk) => chunks.push(chunk))
  onTestFinished(async () => {
    client.destroy()
    server.destroy()
    listener.close()
    await proxy.close()
  })
  return { proxy, client, server, received: () => Buffer.concat(chunks) }
}

describe('createChaosProxy', () => {
  it('passes bytes on as they are, both ways, and the end of each', async () => {
    const { client, server, received } = await setup()
    const sent = Buffer.alloc(3_000_000, 'abcdefg')
    server.end(sent)
    await until(() => received().length === sent.length)
    expect(received().equals(sent)).toBe(true)
    await until(() => client.readableEnded)
    server.resume()
    client.end('bye')
    await until(() => server.readableEnded)
  })

  it('resets both sides', async () => {
    const { proxy, client, server } = await setup()
    const codes: unknown[] = []
    for (const socket of [client, server])
      socket.on('error', (error: NodeJS.ErrnoException) => codes.push(error.code))
    server.resume()
    await proxy.strike({ kind: 'reset' })
    await until(() => client.closed && server.closed)
    expect(codes).toEqual(['ECONNRESET', 'ECONNRESET'])
    expect(proxy.connections).toBe(0)
  })

  it('goes silent: nothing passes, and neither side learns of the end of the other', async () => {
    const { proxy, client, server, received } = await setup()
    await proxy.strike({ kind: 'silence' })
    server.write('lost')
    client.destroy()
    await until(() => client.closed)
    const other = connect(proxy.port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void other.destroy())
    await until(() => proxy.connections === 2)
    expect(received()).toHaveLength(0)
    expect(server.destroyed).toBe(false)
  })

  it('stalls, and loses nothing by it', async () => {
    const { proxy, server, received } = await setup()
    const over = proxy.strike({ kind: 'stall', forMs: 300 })
    server.write('late')
    const startMs = performance.now()
    await until(() => received().toString() === 'late')
    expect(performance.now() - startMs).toBeGreaterThan(250)
    await over
  })

  it('dribbles byte by byte', async () => {
    const { proxy, client, server, received } = await setup()
    let chunks = 0
    client.on('data', () => chunks++)
    void proxy.strike({ kind: 'dribble', forMs: 60_000 })
    server.write('x'.repeat(50))
    await until(() => received().length === 50)
    expect(chunks).toBeGreaterThan(10)
    proxy.calm()
    server.write('y'.repeat(100_000))
    await until(() => received().length === 100_050)
  })

  it('is slow', async () => {
    const { proxy, server, received } = await setup()
    void proxy.strike({ kind: 'slow', forMs: 60_000, bytesPerSecond: 100_000 })
    const startMs = performance.now()
    server.write(Buffer.alloc(50_000))
    await until(() => received().length === 50_000)
    expect(performance.now() - startMs).toBeGreaterThan(300)
    proxy.calm()
  })
})
