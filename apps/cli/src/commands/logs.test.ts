import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type FakeServer, fakeServer, type Route } from '../testing/fake-server.ts'
import { ran, run } from '../testing/run.ts'

const BYTES = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256))

/** Follows `log()` as the server does, in pieces, and holds the connection; `cut` breaks it off there. */
function following(log: () => Buffer, start = 0, cut?: number): Route {
  return ({ headers }, response) => {
    const from = Number(headers['last-event-id'] ?? 0)
    // As the server: not with what is gone; and beyond its end, a log is another one.
    const begin = from > log().length ? start : Math.max(from, start)
    response.writeHead(200, { 'X-Conductor-Offset': String(begin) })
    response.write('retry: 1000\n\n')
    for (let at = begin; at < log().length; at += 30_000) {
      // Not before the system has what was written.
      if (cut !== undefined && at > cut)
        return void response.write(': cut\n\n', () => response.destroy())
      const data = log().subarray(at, at + 30_000)
      const piece = JSON.stringify({ offset: at, data: data.toString('base64') })
      response.write(`id: ${at + data.length}\nevent: output\ndata: ${piece}\n\n`)
    }
    return undefined
  }
}

async function setup(follow: Route) {
  const cwd = temporaryFolder(onTestFinished)
  const start = (route: Route): Promise<FakeServer> =>
    fakeServer(onTestFinished, join(cwd, 'data'), { 'GET /api/processes/web/logs': route })
  return { cwd, start, server: await start(follow) }
}

describe('logs', () => {
  it('prints the bytes as they are', async () => {
    const { cwd, server } = await setup((_, response) => void response.end(BYTES))
    const running = run(cwd, ['logs', 'web', '-n', '20'])
    expect(await running.exitCode).toBe(0)
    expect(running.out.equals(BYTES)).toBe(true)
    expect(server.asked[0]?.line).toBe('GET /api/processes/web/logs?tail=20')
  })

  it('says when they broke off', async () => {
    const { cwd } = await setup((_, response) => {
      response.writeHead(200, { 'Content-Length': '100000' })
      response.write('some', () => response.destroy())
    })
    const { err, exitCode } = await ran(cwd, ['logs', 'web'])
    expect(exitCode).toBe(1)
    expect(err).toMatch(/^conductor: the log broke off.*\n$/)
  })
})

describe('logs -f', () => {
  it('goes on in the next server where the last one was cut off: nothing lost, nothing twice', async () => {
    const { cwd, start, server } = await setup(following(() => BYTES, 0, 40_000))
    const running = run(cwd, ['logs', '-f', 'web'])
    await until(() => running.out.length === 60_000)
    server.kill()
    await until(() => running.err.includes('waiting for the next one'))
    const more = Buffer.concat([BYTES, Buffer.from('while nobody looked')])
    const next = await start(following(() => more))
    await until(() => running.out.length >= more.length)
    running.interrupt()
    expect(await running.exitCode).toBe(0)
    expect(running.out.equals(more)).toBe(true)
    expect(next.asked[0]?.headers['last-event-id']).toBe('60000')
    expect(running.err.split('\n')).toHaveLength(2)
  })

  it('says how much was rotated away while it could not read', async () => {
    let dropped = 0
    const { cwd } = await setup((asked, response) =>
      following(() => BYTES, dropped, dropped === 0 ? 20_000 : undefined)(asked, response),
    )
    const running = run(cwd, ['logs', '-f', 'web'])
    await until(() => running.out.length === 30_000)
    dropped = 90_000
    await until(() => running.out.length === 40_000)
    running.interrupt()
    await running.exitCode
    expect(running.err).toContain('conductor: 60000 bytes were rotated away')
  })

  it('reads a log that was begun anew from its own beginning', async () => {
    let log = BYTES
    const { cwd } = await setup((asked, response) => {
      following(() => log, 0, 20_000)(asked, response)
      log = Buffer.from('anew')
    })
    const running = run(cwd, ['logs', '-f', 'web'])
    await until(() => running.out.subarray(30_000).toString() === 'anew')
    running.interrupt()
    expect([await running.exitCode, running.err]).toEqual([0, ''])
  })

  it('ends when the process is no more, and does not begin where there is none', async () => {
    let gone = false
    const { cwd } = await setup((asked, response) => {
      if (!gone) return following(() => BYTES, 0, 20_000)(asked, response)
      return void response.writeHead(404).end('{"error":"there is no process or group web"}')
    })
    const running = run(cwd, ['logs', '-f', 'web'])
    await until(() => running.out.length === 30_000)
    gone = true
    expect(await running.exitCode).toBe(1)
    expect(running.err).toContain('there is no process or group web')
    expect((await ran(cwd, ['logs', '-f', 'web'])).exitCode).toBe(1)
  })
})
