import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runProbe } from '../probe.ts'
import { echoProcess, nothingMore, serve } from '../testing/servers.ts'

/** Longer than any answer takes, and short enough to be waited for. */
const SOON_MS = 150

describe('tcp', () => {
  it('passes when the connection is accepted, and lets go of it', async () => {
    const { port, open } = await serve(onTestFinished, () => {})
    const freed = await nothingMore()
    expect(await runProbe({ kind: 'tcp', port })).toMatchObject({ status: 'pass', message: '' })
    await until(() => open.size === 0)
    await freed()
  })

  it('fails where nobody listens, and says so at once', async () => {
    const { server, port } = await serve(onTestFinished, () => {})
    server.close()
    const freed = await nothingMore()
    const { status, message, durationMs } = await runProbe({ kind: 'tcp', port })
    expect([status, message]).toEqual(['fail', `connect ECONNREFUSED 127.0.0.1:${port}`])
    expect(durationMs).toBeLessThan(4_000)
    await freed()
  })

  it('names each address of a name that has several', async () => {
    const { server, port } = await serve(onTestFinished, () => {})
    server.close()
    const { status, message } = await runProbe({ kind: 'tcp', host: 'localhost', port })
    expect(status).toBe('fail')
    expect(message).toContain(`ECONNREFUSED 127.0.0.1:${port}`)
  })

  it('hears the answer, also one that dribbles in', async () => {
    const { port } = await serve(onTestFinished, (socket) => {
      socket.once('data', async (asked) => {
        socket.setNoDelay()
        for (const byte of `+${asked}`.replace('PING', 'PONG')) {
          socket.write(byte)
          await new Promise(setImmediate)
        }
      })
    })
    const probe = { kind: 'tcp', port, send: 'PING\r\n', expect: 'PONG\r\n' } as const
    expect(await runProbe(probe)).toMatchObject({ status: 'pass' })
  })

  it('takes any answer when it only says something, and a greeting when it only listens', async () => {
    const { port } = await serve(onTestFinished, (socket) => {
      socket.write('220 hello\r\n')
    })
    expect(await runProbe({ kind: 'tcp', port, send: 'x' })).toMatchObject({ status: 'pass' })
    expect(await runProbe({ kind: 'tcp', port, expect: '220' })).toMatchObject({ status: 'pass' })
  })

  it('fails at the limit when the answer does not come, or does not end', async () => {
    const { port, open } = await serve(onTestFinished, (socket) => {
      socket.write('half an ans')
    })
    const freed = await nothingMore()
    const { status, message } = await runProbe(
      { kind: 'tcp', port, expect: 'answer' },
      { timeoutMs: SOON_MS },
    )
    expect(status).toBe('fail')
    expect(message).toBe('no answer within 150 ms: 11 bytes came without "answer"')
    await until(() => open.size === 0)
    await freed()
  })

  it('fails when the server hangs up, or resets', async () => {
    const hangUp = await serve(onTestFinished, (socket) => socket.end('bye'))
    expect(await runProbe({ kind: 'tcp', port: hangUp.port, expect: 'hello' })).toMatchObject({
      status: 'fail',
      message: 'it hung up: 3 bytes came without "hello"',
    })
    const silent = await serve(onTestFinished, (socket) => socket.resume().end())
    expect(await runProbe({ kind: 'tcp', port: silent.port, send: 'hello' })).toMatchObject({
      status: 'fail',
      message: 'it hung up: connected, and no answer came',
    })
    const reset = await serve(onTestFinished, (socket) =>
      socket.once('data', () => socket.resetAndDestroy()),
    )
    const result = await runProbe({ kind: 'tcp', port: reset.port, send: 'x', expect: 'y' })
    expect(result.status).toBe('fail')
    expect(result.message).toContain('ECONNRESET')
  })

  it('gives up on an answer that has no end, and stops reading it', async () => {
    const { port, open } = await serve(onTestFinished, (socket) => {
      const flood = (): void => {
        while (socket.writable && socket.write('x'.repeat(65_536)));
      }
      socket.on('drain', flood)
      flood()
    })
    const freed = await nothingMore()
    const result = await runProbe({ kind: 'tcp', port, expect: 'y' })
    expect(result).toMatchObject({ status: 'fail', message: '65536 bytes came without "y"' })
    await until(() => open.size === 0)
    await freed()
  })

  it('is called off at once, and leaves nothing', async () => {
    const { port, open } = await serve(onTestFinished, () => {})
    const freed = await nothingMore()
    const off = new AbortController()
    const look = runProbe({ kind: 'tcp', port, expect: 'x' }, { signal: off.signal })
    await until(() => open.size === 1)
    off.abort()
    expect(await look).toMatchObject({ status: 'unknown', message: 'called off' })
    await until(() => open.size === 0)
    await freed()
  })

  it('does not begin where it was called off before', async () => {
    let asked = 0
    const { port } = await serve(onTestFinished, () => asked++)
    const look = runProbe({ kind: 'tcp', port }, { signal: AbortSignal.abort() })
    expect(await look).toMatchObject({ status: 'unknown' })
    expect(await runProbe({ kind: 'tcp', port })).toMatchObject({ status: 'pass' })
    await until(() => asked === 1)
  })
})

describe('unix', () => {
  it('passes and fails as tcp', async () => {
    const path = join(temporaryFolder(onTestFinished), 's')
    expect(await runProbe({ kind: 'unix', path })).toMatchObject({
      status: 'fail',
      message: `connect ENOENT ${path}`,
    })
    const { open } = await serve(onTestFinished, (socket) => socket.pipe(socket), path)
    const freed = await nothingMore()
    expect(await runProbe({ kind: 'unix', path })).toMatchObject({ status: 'pass' })
    const talk = { kind: 'unix', path, send: 'ping\n', expect: 'ping\n' } as const
    expect(await runProbe(talk)).toMatchObject({ status: 'pass' })
    await until(() => open.size === 0)
    await freed()
  })

  it('sees through a stopped server by a round trip, and only by that', async () => {
    const path = join(temporaryFolder(onTestFinished), 's')
    const child = await echoProcess(onTestFinished, path)
    const talk = { kind: 'unix', path, send: 'ping', expect: 'ping' } as const
    expect(await runProbe(talk)).toMatchObject({ status: 'pass' })

    child.kill('SIGSTOP')
    const freed = await nothingMore()
    expect(await runProbe({ kind: 'unix', path })).toMatchObject({ status: 'pass' })
    expect(await runProbe(talk, { timeoutMs: SOON_MS })).toMatchObject({
      status: 'fail',
      message: 'no answer within 150 ms: 0 bytes came without "ping"',
    })
    await freed()

    child.kill('SIGCONT')
    expect(await runProbe(talk)).toMatchObject({ status: 'pass' })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const { status, message } = await runProbe(talk)
    expect([status, message]).toEqual(['fail', `connect ECONNREFUSED ${path}`])
  })

  it.runIf(process.platform === 'linux')(
    'fails when nobody takes the connections off',
    async () => {
      const path = join(temporaryFolder(onTestFinished), 's')
      const child = await echoProcess(onTestFinished, path)
      child.kill('SIGSTOP')
      const looks = Array.from({ length: 600 }, () => runProbe({ kind: 'unix', path }))
      const results = await Promise.all(looks)
      expect(results.at(-1)).toMatchObject({ status: 'fail', message: `connect EAGAIN ${path}` })
    },
  )
})
