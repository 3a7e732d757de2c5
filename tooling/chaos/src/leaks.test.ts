import { until } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { openFiles, ownMemoryBytes, processesWith } from './proc.ts'
import { createWorld, type World } from './world.ts'

const MEBIBYTE = 1024 * 1024

/** Opens sessions, says something in each, and ends them, half by exit and half by deletion. */
async function openAndClose(
  { api, view }: World,
  count: number,
  durability: 'server' | 'persistent',
) {
  const sessions = await Promise.all(
    Array.from({ length: count }, () => api.create({ durability, command: '/bin/sh' })),
  )
  await Promise.all(
    sessions.map(async ({ id }, index) => {
      const viewer = view(id)
      await viewer.live()
      viewer.session.type('echo he""re\n')
      await viewer.sees('here')
      if (index % 2) viewer.session.type('exit\n')
      else await api.remove(id)
      await until(() => viewer.exit || viewer.session.status.name === 'refused', {
        timeoutMs: 30_000,
      })
      await viewer.close()
    }),
  )
  await until(async () => (await api.list()).length === 0, { timeoutMs: 30_000 })
}

it.each([
  { durability: 'server', count: 500, atOnce: 25, mostBytes: 16 * MEBIBYTE },
  { durability: 'persistent', count: 20, atOnce: 5, mostBytes: 16 * MEBIBYTE },
] as const)(
  '$count sessions of durability $durability leave no file and no memory behind',
  async ({ durability, count, atOnce, mostBytes }) => {
    const world = await createWorld(onTestFinished)
    const { server } = world
    // What is made once: pools, caches, compiled code.
    for (let warm = 0; warm < 2; warm++) await openAndClose(world, atOnce, durability)
    const filesBefore = openFiles(server.pid)
    const memoryBefore = ownMemoryBytes(server.pid)
    for (let done = 0; done < count; done += atOnce) await openAndClose(world, atOnce, durability)
    await until(() => openFiles(server.pid) <= filesBefore + 4, { timeoutMs: 20_000 })
    expect(ownMemoryBytes(server.pid) - memoryBefore).toBeLessThan(mostBytes)
    await until(() => processesWith(`HOME=${server.dir}/home`).length === 1, {
      timeoutMs: 20_000,
      what: 'only the server is left',
    })
  },
  120_000,
)
