import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runProbe } from '../probe.ts'
import { nothingMore, serve } from '../testing/servers.ts'

async function web(answer: RequestListener, path?: string): Promise<string> {
  const server = createServer(answer).listen(path ?? { port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server on a port has this kind of address.
  return path ? 'http://any.host/' : `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const ask = (url: string, rest: object = {}, timeoutMs?: number) =>
  runProbe({ kind: 'http', url, ...rest }, { timeoutMs })

describe('http', () => {
  it('takes 200 to 399 for healthy, unless told otherwise', async () => {
    const url = await web(({ url = '' }, answer) => {
      answer.writeHead(Number(url.slice(1))).end()
    })
    for (const status of [200, 204, 304, 399])
      expect(await ask(`${url}${status}`)).toMatchObject({ status: 'pass', message: '' })
    for (const status of [400, 404, 500, 503])
      expect(await ask(`${url}${status}`)).toMatchObject({
        status: 'fail',
        message: `status ${status}, expected 200 to 399`,
      })
    const only = { status: { min: 503, max: 503 } }
    expect(await ask(`${url}503`, only)).toMatchObject({ status: 'pass' })
    expect(await ask(`${url}200`, only)).toMatchObject({ status: 'fail' })
  })

  it('does not follow a redirect, keeps no connection, and sends what it is told', async () => {
    const seen: unknown[] = []
    const url = await web(({ method, url, headers }, answer) => {
      seen.push([method, url, headers['x-check'], headers.connection])
      answer.writeHead(302, { location: '/elsewhere' }).end()
    })
    const freed = await nothingMore()
    const rest = { method: 'HEAD', headers: { 'x-check': 'yes', connection: 'keep-alive' } }
    expect(await ask(`${url}a`, rest)).toMatchObject({ status: 'pass' })
    expect(seen).toEqual([['HEAD', '/a', 'yes', 'close']])
    await freed()
  })

  it('reads the body only for `expect`, in whatever pieces it comes', async () => {
    const url = await web(async (_, answer) => {
      for (const byte of '{"status":"ok"}') {
        answer.write(byte)
        await new Promise(setImmediate)
      }
      answer.end()
    })
    expect(await ask(url, { expect: '"status":"ok"' })).toMatchObject({ status: 'pass' })
    expect(await ask(url, { expect: '"status":"up"' })).toMatchObject({
      status: 'fail',
      message: '15 bytes of the body came without "\\"status\\":\\"up\\""',
    })
  })

  it('stops after 64 KiB of a body without end, and needs no end for a pass', async () => {
    const url = await web((_, answer) => {
      const flood = (): void => {
        while (!answer.destroyed && answer.write('x'.repeat(65_536)));
      }
      answer.on('drain', flood)
      flood()
    })
    const freed = await nothingMore()
    expect(await ask(url)).toMatchObject({ status: 'pass' })
    expect(await ask(url, { expect: 'y' })).toMatchObject({
      status: 'fail',
      message: '65536 bytes of the body came without "y"',
    })
    await freed()
  })

  it('fails at the limit for a server that hangs before, in, or after the head', async () => {
    const silent = await serve(onTestFinished, (socket) => void socket.resume())
    const slow = await serve(
      onTestFinished,
      (socket) => void socket.resume().write('HTTP/1.1 200 O'),
    )
    const halfway = await web((_, answer) => void answer.write('o'))
    const freed = await nothingMore()
    for (const { port } of [silent, slow])
      expect(await ask(`http://127.0.0.1:${port}`, {}, 150)).toMatchObject({
        status: 'fail',
        message: 'no answer within 150 ms: connected, and no answer came',
      })
    expect(await ask(halfway, { expect: 'ok' }, 150)).toMatchObject({
      status: 'fail',
      message: 'no answer within 150 ms: 1 bytes of the body came without "ok"',
    })
    await until(() => silent.open.size + slow.open.size === 0)
    await freed()
  })

  it('fails for what is no HTTP, a reset, a hang-up, and a switch of protocols', async () => {
    const answers = [
      'SSH-2.0-OpenSSH_9\r\n',
      '',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ]
    for (const text of answers) {
      const { port } = await serve(onTestFinished, (socket) =>
        socket.once('data', () => socket.end(text)),
      )
      expect(await ask(`http://127.0.0.1:${port}`)).toMatchObject({ status: 'fail' })
    }
    const { port } = await serve(onTestFinished, (socket) =>
      socket.once('data', () => socket.resetAndDestroy()),
    )
    const { status, message } = await ask(`http://127.0.0.1:${port}`)
    expect([status, message]).toEqual(['fail', 'read ECONNRESET'])
    const cut = await serve(onTestFinished, (socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok')),
    )
    expect(await ask(`http://127.0.0.1:${cut.port}`, { expect: 'okay' })).toMatchObject({
      status: 'fail',
    })
  })

  it('speaks over a unix socket, and says when nobody is there', async () => {
    const socketPath = join(temporaryFolder(onTestFinished), 's')
    expect(await ask('http://any.host/', { socketPath })).toMatchObject({
      status: 'fail',
      message: `connect ENOENT ${socketPath}`,
    })
    const url = await web(({ headers }, answer) => answer.end(headers.host), socketPath)
    expect(await ask(url, { socketPath, expect: 'any.host' })).toMatchObject({ status: 'pass' })
  })

  it('fails over https for a server that speaks no TLS', async () => {
    const { port } = await serve(onTestFinished, (socket) => void socket.end('not TLS at all'))
    expect(await ask(`https://127.0.0.1:${port}`)).toMatchObject({ status: 'fail' })
  })

  it('is called off at once', async () => {
    const silent = await serve(onTestFinished, (socket) => void socket.resume())
    const freed = await nothingMore()
    const off = new AbortController()
    const url = `http://127.0.0.1:${silent.port}`
    const look = runProbe({ kind: 'http', url }, { signal: off.signal })
    await until(() => silent.open.size === 1)
    off.abort()
    expect(await look).toMatchObject({ status: 'unknown', message: 'called off' })
    await until(() => silent.open.size === 0)
    await freed()
  })
})
