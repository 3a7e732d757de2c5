import { readFileSync } from 'node:fs'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Api } from './api.ts'
import { createOracle } from './oracle.ts'
import { isRunning, readStat } from './proc.ts'
import { PASSWORD } from './server-process.ts'
import { generatorSession } from './sessions.ts'
import { createWorld } from './world.ts'

const pidsOf = async (api: Api) => (await api.list()).map(({ id, pid }) => [id, pid])

describe('kill -9 of the server', () => {
  it('ends none of 20 busy sessions; viewers go on where they were, and nobody logs in again', async () => {
    const { server, api, view } = await createWorld(onTestFinished)
    const seeds = Array.from({ length: 20 }, (_, index) => index + 1)
    const sessions = await Promise.all(
      seeds.map((seed) =>
        api.create(generatorSession({ bytes: 2_000_000, seed, bytesPerSecond: 200_000 })),
      ),
    )
    const oracles = seeds.map((seed) => createOracle({ seed }))
    const viewers = sessions.map(({ id }, index) =>
      view(id, { onOutput: (offset, bytes) => void oracles[index]?.accept(offset, bytes) }),
    )
    await until(() => oracles.every(({ offset }) => offset > 0), { timeoutMs: 20_000 })
    const before = await pidsOf(api)

    await server.kill()
    await server.start()
    expect(await pidsOf(api)).toEqual(before)

    await until(() => oracles.every(({ offset }) => offset === 2_000_000), { timeoutMs: 40_000 })
    expect(oracles.flatMap(({ deviation }) => deviation ?? [])).toEqual([])
    expect(viewers.every(({ resumesMs }) => resumesMs.length > 0)).toBe(true)
    expect(viewers.flatMap(({ events }) => events).filter(({ type }) => type === 'gap')).toEqual([])
  })

  it('and a second one in the middle of the adoption of the first lose nothing', async () => {
    const { server, api } = await createWorld(onTestFinished)
    await Promise.all(Array.from({ length: 5 }, () => api.create()))
    const before = await pidsOf(api)
    await server.kill()
    void server.start().catch(() => {})
    await until(() => server.pid)
    await server.kill()
    await server.start()
    expect(await pidsOf(api)).toEqual(before)
  })
})

describe('a host', () => {
  it('is in a session and a process group of its own, and so is its program', async () => {
    const { server, api } = await createWorld(onTestFinished)
    const { pid } = await api.create()
    const shell = readStat(pid)
    const host = readStat(shell.parentPid)
    expect(shell.sessionId).toBe(pid)
    expect(host.sessionId).toBe(shell.parentPid)
    expect(host.groupId).toBe(shell.parentPid)
    expect(readStat(server.pid).sessionId).not.toBe(host.sessionId)
  })

  it('knows no secret of the server, and neither does its program', async () => {
    const { api, view } = await createWorld(onTestFinished)
    const session = await api.create()
    const viewer = view(session.id)
    viewer.session.type(
      `env | grep -c -e '${PASSWORD.slice(0, 8)}' -e ${'AI_CONDUCTOR'}; echo do''ne\n`,
    )
    await viewer.sees('done')
    expect(viewer.text).toMatch(/[\r\n]0\r\n/)
    const hostPid = readStat(session.pid).parentPid
    for (const pid of [session.pid, hostPid])
      expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain(PASSWORD)
  })
})

describe('a server in a terminal', () => {
  it('survives a SIGHUP of its process group, and so do its sessions', async () => {
    const { server, api } = await createWorld(onTestFinished)
    const { id, pid } = await api.create()
    process.kill(-server.pid, 'SIGHUP')
    await api.create()
    expect(await pidsOf(api)).toContainEqual([id, pid])
    expect(isRunning(pid)).toBe(true)
  })

  it('takes no session along when its whole process group is killed', async () => {
    const { server, api } = await createWorld(onTestFinished)
    const { id, pid } = await api.create()
    process.kill(-server.pid, 'SIGKILL')
    await until(() => !isRunning(server.pid))
    expect(isRunning(pid)).toBe(true)
    await server.start()
    expect(await pidsOf(api)).toEqual([[id, pid]])
  })
})

describe('a graceful end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s with viewers attached tells them to come back, exits 0, and ends no session',
    async (signal) => {
      const { server, api, view } = await createWorld(onTestFinished)
      const { id, pid } = await api.create()
      const viewers = [view(id), view(id)]
      await Promise.all(viewers.map((viewer) => viewer.live()))
      const startMs = performance.now()
      expect(await server.stop(signal)).toBe(0)
      expect(performance.now() - startMs).toBeLessThan(5_000)
      expect(isRunning(pid)).toBe(true)
      await server.start()
      await until(() => viewers.every(({ session }) => session.status.name === 'live'), {
        timeoutMs: 15_000,
      })
      viewers[0]?.session.type('echo st"ill" here\n')
      await viewers[1]?.sees('still here')
      expect(await pidsOf(api)).toEqual([[id, pid]])
    },
  )
})
