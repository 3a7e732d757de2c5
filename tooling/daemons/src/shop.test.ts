import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readProcessesFile } from '@conductor/process-manager'
import { processesIn, titled, whyMissing } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writeNginxConfig } from './nginx.ts'
import { DAEMON_PY, hangUpOf } from './python.ts'
import { askRedis } from './redis.ts'
import { openWorld, type World } from './world.ts'

const missing = whyMissing('redis-server', 'nginx', 'python3')
const SHOP = fileURLToPath(new URL('../fixtures/shop', import.meta.url))
const NAMES = ['nginx', 'search', 'redis'] as const

interface Shop extends World {
  readonly shop: string
  /** One answer of each. */
  answers(): Promise<string[]>
}

/** The shop of the fixtures in a folder of its own, known to a manager and stopped. */
async function openShop(): Promise<Shop> {
  const world = await openWorld(onTestFinished)
  const { folder, manager } = world
  const shop = join(folder, 'shop')
  cpSync(SHOP, shop, { recursive: true })
  mkdirSync(join(shop, 'run'))
  writeNginxConfig(shop, 'unix:run/nginx.sock')
  const file = join(shop, 'conductor.json')
  const { processes, groups } = await readProcessesFile(file, { env: { DAEMON: DAEMON_PY } })
  for (const spec of processes) await manager.add(spec)
  for (const [name, group] of Object.entries(groups)) manager.defineGroup(name, group)
  return {
    ...world,
    shop,
    answers: () =>
      Promise.all([
        askRedis(join(shop, 'run', 'redis.sock'), 'PING'),
        hangUpOf(join(shop, 'run', 'search.sock')),
      ]),
  }
}

describe.skipIf(missing !== undefined)(
  titled('a conductor.json of redis, nginx and the Python daemon', missing),
  { timeout: 90_000 },
  () => {
    it('comes up in the order of its dependencies, and goes down in reverse', async () => {
      const { manager, events, shop, answers } = await openShop()
      await manager.up()
      expect(await answers()).toEqual(['+PONG', 'hung up'])
      expect(manager.list().map(({ phase, ready }) => ({ phase, ready }))).toEqual(
        NAMES.map(() => ({ phase: 'running', ready: true })),
      )
      const running = events.flatMap((event) =>
        event.type === 'changed' && event.info.phase === 'running' ? [event.name] : [],
      )
      const launched = events.flatMap((event) =>
        event.type === 'changed' && event.info.phase === 'starting' ? [event.name] : [],
      )
      expect([...new Set(running)]).toEqual(['redis', 'search', 'nginx'])
      expect([...new Set(launched)]).toEqual(['redis', 'search', 'nginx'])

      await manager.down()
      const ends = events.flatMap((event) => (event.type === 'death' ? [event.name] : []))
      expect(ends).toEqual(['nginx', 'search', 'redis'])
      expect(processesIn(shop)).toEqual([])
    })

    it('is one for all: after kill -9 of any, all are new, and why() tells who it was', async () => {
      const { manager, pid, anotherPid, answers, shop } = await openShop()
      await manager.up()
      for (const victim of NAMES) {
        const before = new Map(NAMES.map((name) => [name, pid(name)]))
        process.kill(before.get(victim) ?? 0, 'SIGKILL')
        await Promise.all(NAMES.map((name) => anotherPid(name, before.get(name) ?? 0)))

        const why = manager.why(victim)
        expect(why.lastDeath).toMatchObject({
          pid: before.get(victim),
          exit: { kind: 'signal', signal: 'SIGKILL' },
        })
        expect(why.text.join('\n')).toContain('killed by SIGKILL')
        for (const other of NAMES.filter((name) => name !== victim))
          expect(manager.why(other).text.join('\n')).toContain(
            `asked by one-for-all of group shop: ${victim} ended`,
          )
        expect(await answers()).toEqual(['+PONG', 'hung up'])
      }
      await manager.down()
      expect(processesIn(shop)).toEqual([])
    })
  },
)
