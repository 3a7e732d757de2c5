import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createOracle } from './oracle.ts'
import { openFiles } from './proc.ts'
import { generatorSession } from './sessions.ts'
import { createWorld } from './world.ts'

/** A small disk of its own, gone after the test. Needs root. */
function mountSmallDisk(folder: string, size: string): boolean {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder], {
      stdio: 'pipe',
    })
  } catch {
    return false
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]))
  return true
}

function fill(file: string, sizeBytes: number): void {
  try {
    writeFileSync(file, Buffer.alloc(sizeBytes))
  } catch {
    // Full already: that is the point.
  }
}

describe('a full disk', () => {
  it('stalls a session visibly, corrupts nothing, and is forgotten once there is room', async (test) => {
    const dir = temporaryFolder(onTestFinished)
    const state = join(dir, 'state')
    if (!mountSmallDisk(state, '16m')) return test.skip('mounting a small disk needs root')
    const { api, view } = await createWorld(onTestFinished, { dir })
    const bytes = 10_000_000
    const filler = join(state, 'filler')
    const free = () => Number(statfsSync(state).bavail) * statfsSync(state).bsize
    const { id } = await api.create(generatorSession({ bytes, seed: 5, bytesPerSecond: 3_000_000 }))
    const oracle = createOracle({ seed: 5 })
    view(id, { onOutput: (offset, piece) => void oracle.accept(offset, piece) })
    await until(() => oracle.offset > 1_000_000)
    fill(filler, Math.max(0, free() - 512 * 1024))

    await until(async () => (await api.list())[0]?.status === 'stalled', { timeoutMs: 15_000 })
    const [stalled] = await api.list()
    expect(stalled?.reason).toMatch(/ENOSPC|no space/i)
    expect(oracle.deviation).toBeUndefined()

    rmSync(filler)
    await until(() => oracle.offset === bytes || oracle.deviation, { timeoutMs: 20_000 })
    expect(oracle).toMatchObject({ offset: bytes, deviation: undefined })
    expect((await api.list())[0]).toMatchObject({ status: 'running' })
  }, 60_000)

  it('refuses a new session in words, and takes one once there is room', async (test) => {
    const dir = temporaryFolder(onTestFinished)
    const state = join(dir, 'state')
    if (!mountSmallDisk(state, '4m')) return test.skip('mounting a small disk needs root')
    const { server, api } = await createWorld(onTestFinished, { dir })
    const filler = join(state, 'filler')
    fill(filler, 8 * 1024 * 1024)
    const refused = await api.request('POST', '/api/sessions', {})
    expect(refused.status).toBeGreaterThanOrEqual(500)
    expect(await refused.json()).toMatchObject({
      error: expect.stringMatching(/space|ENOSPC|disk/i),
    })
    rmSync(filler)
    await api.create()
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
  })
})

describe('too few file descriptors', () => {
  it('refuse new sessions in words, harm no old one, and are forgotten once there are enough', async () => {
    const { server, api, view } = await createWorld(onTestFinished)
    const { id } = await api.create()
    const viewer = view(id)
    await viewer.live()
    const enough = openFiles(server.pid) + 12
    const limit = (most: number) =>
      execFileSync('prlimit', [`--pid=${server.pid}`, `--nofile=${most}:20000`])
    limit(enough)
    const hogs: Socket[] = []
    onTestFinished(() => {
      for (const hog of hogs) hog.destroy()
    })
    for (let index = 0; index < 20; index++)
      hogs.push(connect(server.port, '127.0.0.1').on('error', () => {}))
    await until(() => openFiles(server.pid) >= enough - 1)

    viewer.session.type('echo st"ill" typing\n')
    await viewer.sees('still typing')
    for (const hog of hogs.splice(0)) hog.destroy()
    await until(() => openFiles(server.pid) < enough - 8)
    // On a connection that is open already, and with not one descriptor more.
    await api.list()
    limit(openFiles(server.pid))
    const refused = await api.request('POST', '/api/sessions', {})
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({
      error: expect.stringMatching(/files|descriptors/),
    })

    limit(20_000)
    const created = await until(() => api.create())
    const other = view(created.id)
    other.session.type('echo ne""w\n')
    await other.sees('new')
    viewer.session.type('echo o""ld\n')
    await viewer.sees('old')
  }, 60_000)
})
