import { CloseCode } from '@conductor/protocol'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createOracle } from './oracle.ts'
import { isRunning } from './proc.ts'
import { openJson } from './raw-client.ts'
import { generatorSession } from './sessions.ts'
import { createWorld } from './world.ts'

describe('two viewers of different size', () => {
  it('see the size of whoever typed last, and who it is', async () => {
    const { api, view } = await createWorld(onTestFinished)
    const { id } = await api.create({ cols: 80, rows: 24 })
    const desktop = view(id, { cols: 200, rows: 50 })
    const phone = view(id, { cols: 40, rows: 30 })
    await Promise.all([desktop.live(), phone.live()])
    desktop.session.type('stty size\n')
    await phone.sees('50 200')
    phone.session.type('stty size\n')
    await desktop.sees('30 40')
    const sizes = desktop.events.filter((event) => event.type === 'size')
    expect(sizes.at(-1)).toMatchObject({ cols: 40, rows: 30, owner: 'other' })
  })

  it('keep the size while somebody only looks', async () => {
    const { api, view } = await createWorld(onTestFinished)
    const { id } = await api.create()
    const driver = view(id, { cols: 120, rows: 40 })
    await driver.live()
    driver.session.type('stty size\n')
    await driver.sees('40 120')
    const looker = view(id, { cols: 10, rows: 5, mode: 'viewer' })
    await looker.live()
    looker.session.resize(11, 6, { claim: true })
    expect(looker.session.type('exit\n')).toBe(false)
    driver.session.type('clear; stty size; echo en""d\n')
    await looker.sees('end')
    expect(looker.text.match(/\d+ \d+(?=\r\n)/g)?.at(-1)).toBe('40 120')
  })
})

describe('history beyond its cap', () => {
  it('shows a gap for exactly what was dropped, and what is left is right', async () => {
    const { api, view } = await createWorld(onTestFinished, {
      env: { AI_CONDUCTOR_HISTORY_BYTES: '1M' },
    })
    const bytes = 5_000_000
    const { id } = await api.create(generatorSession({ bytes, seed: 4 }))
    await until(async () => (await api.output(id, bytes - 1)).end === bytes, { timeoutMs: 20_000 })
    const { offset } = await api.output(id)
    const oracle = createOracle({ seed: 4, from: offset })
    const viewer = view(id, { onOutput: (at, piece) => void oracle.accept(at, piece) })
    await until(() => oracle.offset === bytes || oracle.deviation, { timeoutMs: 20_000 })
    expect(oracle).toMatchObject({ deviation: undefined, offset: bytes })
    expect(viewer.events.filter(({ type }) => type === 'gap')).toEqual([
      { type: 'gap', from: 0, to: offset },
    ])
    expect(bytes - offset).toBeGreaterThan(500_000)
    // Whole segments go; the youngest is being filled.
    expect(bytes - offset).toBeLessThanOrEqual(1_048_576 + 64 * 1024)
  })
})

describe('the end of a program', () => {
  it('reaches every viewer with its code, after its last byte; then the session is gone', async () => {
    const { server, api, view } = await createWorld(onTestFinished)
    const { id } = await api.create({
      command: '/bin/bash',
      args: ['-c', 'read; seq 20000; exit 7'],
    })
    const viewers = [view(id), view(id), view(id)]
    const plain = await openJson(server.url, api, id)
    await Promise.all(viewers.map((viewer) => viewer.live()))
    viewers[0]?.session.type('\n')
    await until(() => viewers.every(({ exit }) => exit))
    for (const { exit, text } of viewers) {
      expect(exit).toMatchObject({ code: 7, signal: undefined, complete: true })
      expect(text.endsWith('\r\n19999\r\n20000\r\n')).toBe(true)
    }
    await until(() => plain.closed)
    expect(plain.text.endsWith('\r\n19999\r\n20000\r\n')).toBe(true)
    expect(plain.messages.at(-1)).toMatchObject({ type: 'exit', code: 7 })
    await until(async () => (await api.list()).length === 0)

    const late = view(id)
    await until(() => late.session.status.name === 'refused')
    expect(late.session.status).toMatchObject({ code: CloseCode.noSession })
  })

  it('is told with its signal', async () => {
    const { api, view } = await createWorld(onTestFinished)
    const { id } = await api.create({ command: '/bin/bash', args: ['-c', 'read; kill -9 $$'] })
    const viewer = view(id)
    await viewer.live()
    viewer.session.type('\n')
    await until(() => viewer.exit)
    expect(viewer.exit).toMatchObject({ code: undefined, signal: 'SIGKILL', complete: true })
  })

  it('reaches a viewer who was cut off when it happened, with all of the output', async () => {
    const { api, proxies, view } = await createWorld(onTestFinished, { proxies: 1 })
    const bytes = 3_000_000
    const oracle = createOracle({ seed: 9 })
    const { id } = await api.create(generatorSession({ bytes, seed: 9, bytesPerSecond: 1_000_000 }))
    const [proxy] = proxies
    const cut = view(id, {
      ...(proxy && { proxy }),
      onOutput: (at, piece) => void oracle.accept(at, piece),
    })
    const witness = view(id, { onOutput: () => {} })
    await until(() => oracle.offset > 0)
    const stalled = proxy?.strike({ kind: 'stall', forMs: 6_000 })
    await until(() => witness.session.offset === bytes, { timeoutMs: 15_000 })
    witness.session.type('x')
    await until(() => witness.exit)
    await stalled
    await until(() => cut.exit, { timeoutMs: 15_000 })
    expect(oracle).toMatchObject({ deviation: undefined, offset: bytes })
    expect(cut.exit).toMatchObject({ code: 0, complete: true })
  })
})

describe('deleting a session', () => {
  it('ends its whole tree of processes and tells everybody who looks', async () => {
    const { server, api, view } = await createWorld(onTestFinished)
    const { id } = await api.create()
    const viewer = view(id)
    const plain = await openJson(server.url, api, id)
    await viewer.live()
    viewer.session.type('(trap "" HUP TERM; sleep 1000 & echo "child $!"; wait) & sleep 1001\n')
    await viewer.sees('child ')
    const child = await until(() => Number(/child (\d+)\r\n/.exec(viewer.text)?.[1]))
    expect(isRunning(child)).toBe(true)
    await api.remove(id)
    await until(() => viewer.exit || viewer.session.status.name === 'refused', {
      timeoutMs: 10_000,
    })
    await until(() => plain.closed)
    await until(() => !isRunning(child), { timeoutMs: 10_000 })
    expect(await api.list()).toEqual([])
    expect((await api.request('GET', `/api/sessions/${id}`)).status).toBe(404)
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
  })
})

describe('logging out', () => {
  it('closes the sockets of that login with 4401', async () => {
    const { server, api } = await createWorld(onTestFinished)
    const { id } = await api.create()
    const plain = await openJson(server.url, api, id)
    await api.request('POST', '/api/logout')
    await until(() => plain.closed)
    expect(plain.closed).toMatchObject({ code: 4401 })
  })
})
