import { until } from '@conductor/testing'
import { it } from 'vitest'
import { INSPECTABLE, readLiveMemory } from './live-memory.ts'
import { openFiles, processesWith } from './proc.ts'
import { createWorld, type World } from './world.ts'

/** 250 sessions that were not let go of would weigh far more. */
const MOST_GROWTH_BYTES = 1024 * 1024

/**
 * Opens sessions, says something in each, and ends them: most by deletion, and some by exit, whose
 * logs stay open for a minute, for viewers who are away.
 */
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
      if (index % 5 === 0) viewer.session.type('exit\n')
      else await api.remove(id)
      await until(() => viewer.exit || viewer.session.status.name === 'refused', {
        timeoutMs: 30_000,
      })
      await viewer.close()
    }),
  )
  await until(async () => (await api.list()).length === 0, { timeoutMs: 30_000 })
}

it.concurrent.for([
  { durability: 'server', count: 500, atOnce: 25 },
  { durability: 'persistent', count: 20, atOnce: 5 },
] as const)(
  '$count sessions of durability $durability leave no file and no memory behind',
  { timeout: 200_000 },
  async ({ durability, count, atOnce }, { expect, onTestFinished }) => {
    const world = await createWorld(onTestFinished, { env: INSPECTABLE })
    const { server } = world
    // Clients keep their HTTP connections for a while: no more than one for each that was at work.
    const mostFiles = openFiles(server.pid) + atOnce + 8
    const half = async () => {
      for (let done = 0; done < count / 2; done += atOnce)
        await openAndClose(world, atOnce, durability)
    }
    // The first half makes what is made once: pools, caches, compiled code.
    await half()
    const before = await readLiveMemory(server)
    await half()
    await until(() => openFiles(server.pid) <= mostFiles, { timeoutMs: 80_000, everyMs: 100 })
    expect((await readLiveMemory(server)) - before).toBeLessThan(MOST_GROWTH_BYTES)
    await until(() => processesWith(`HOME=${server.dir}/home`).length === 1, {
      timeoutMs: 20_000,
      what: 'only the server is left',
    })
  },
)
