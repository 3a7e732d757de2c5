import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOracle } from '@conductor/chaos/oracle'
import { isRunning, readStat } from '@conductor/chaos/proc'
import { generatorSession, rawCatSession } from '@conductor/chaos/sessions'
import { createWorld, type World } from '@conductor/chaos/world'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildOf, cacheFolder } from './build-of.ts'
import { OLDER_BUILDS, type OlderBuild } from './older-builds.ts'

/** A few starts of real servers, and a stream of some seconds. */
const TEST_MS = 90_000
const PATIENCE = { timeoutMs: 40_000 }

const STREAM_BYTES = 1_000_000

type Found = OlderBuild & {
  readonly program: string
  readonly title: string
  readonly why?: string
}

// Before any test, because its name says why it is skipped.
const builds: readonly Found[] = await findBuilds()

async function findBuilds(): Promise<Found[]> {
  const found: Found[] = []
  for (const older of OLDER_BUILDS) {
    const build = await buildOf(older.commit, cacheFolder(process.env))
    const title = `${older.commit.slice(0, 7)}, ${older.what}`
    if (build.kind === 'built') found.push({ ...older, title, program: build.program })
    else
      found.push({
        ...older,
        program: '',
        title: `${title} (skipped: ${build.why})`,
        why: build.why,
      })
  }
  return found
}

/** With `%s`, because `$title` is cut, and with it the reason. */
const named = (some: readonly Found[]) => some.map((build) => [build.title, build] as const)

/** As `[id, pid, status]`. */
const sessionsOf = async ({ api }: World) =>
  (await api.list()).map(({ id, pid, status }) => [id, pid, status])

/** The end of the old server, as an upgrade brings it about: in peace, or by whatever comes first. */
async function end({ server }: World, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (signal === 'SIGKILL') await server.kill()
  else expect(await server.stop()).toBe(0)
}

/** A program that ends when `flag` is removed, with a last word. */
function lastWords(flag: string) {
  const script = `while [ -e '${flag}' ]; do sleep 0.05; done; printf 'last words'; exit 7`
  return { command: '/bin/sh', args: ['-c', script] }
}

describe.each(named(builds))('sessions of %s', (_, { program, why }) => {
  it.skipIf(why).each([
    ['SIGKILL', 1],
    ['SIGTERM', 1],
    ['SIGKILL', 8],
  ] as const)(
    'go on under this server after its %s, with %i to a host: every byte and every key once',
    { timeout: TEST_MS },
    async (signal, perHost) => {
      const world = await createWorld(onTestFinished, {
        program,
        env: { AI_CONDUCTOR_SESSIONS_PER_HOST: String(perHost) },
      })
      const { server, api, view } = world
      const flag = join(temporaryFolder(onTestFinished), 'flag')
      writeFileSync(flag, '')
      const seeds = [1, 2, 3]
      const streams = await Promise.all(
        seeds.map((seed) =>
          api.create(generatorSession({ bytes: STREAM_BYTES, seed, bytesPerSecond: 500_000 })),
        ),
      )
      const [cat, ends, idle] = await Promise.all([
        api.create(rawCatSession),
        api.create(lastWords(flag)),
        api.create({ command: '/bin/sh' }),
      ])
      const oracles = seeds.map((seed) => createOracle({ seed }))
      const viewers = streams.map(({ id }, index) =>
        view(id, { onOutput: (offset, bytes) => void oracles[index]?.accept(offset, bytes) }),
      )
      const typist = view(cat.id)
      const mourner = view(ends.id)
      await typist.sees('ready')
      typist.session.type('before ')
      await typist.sees('before ')
      await mourner.live()
      await until(() => oracles.every(({ offset }) => offset > 0), PATIENCE)
      const before = await sessionsOf(world)

      await end(world, signal)
      // While there is no server: somebody types, and a program ends.
      typist.session.type('meanwhile ')
      rmSync(flag)
      await until(() => !isRunning(ends.pid), PATIENCE)
      await server.start()

      expect(await sessionsOf(world)).toEqual(
        expect.arrayContaining(before.filter(([id]) => id !== ends.id)),
      )
      await until(() => mourner.exit, PATIENCE)
      expect([mourner.text, mourner.exit]).toEqual([
        'last words',
        expect.objectContaining({ code: 7, complete: true }),
      ])
      typist.session.type('after')
      await typist.sees('after')
      expect(typist.text).toBe('readybefore meanwhile after')

      await until(() => oracles.every(({ offset }) => offset === STREAM_BYTES), PATIENCE)
      for (const [index, { id }] of streams.entries()) {
        const whole = createOracle({ seed: seeds[index] ?? 0 })
        whole.accept(0, (await api.output(id)).bytes)
        expect([whole.offset, whole.deviation]).toEqual([STREAM_BYTES, undefined])
      }
      expect(oracles.flatMap(({ deviation }) => deviation ?? [])).toEqual([])
      expect(viewers.flatMap(({ events }) => events).filter(({ type }) => type === 'gap')).toEqual(
        [],
      )

      // A key ends the first of them: the host tells the new server, which tells the viewer.
      viewers[0]?.session.type('x')
      await until(() => viewers[0]?.exit, PATIENCE)
      expect(viewers[0]?.exit).toMatchObject({ code: 0, complete: true })
      // Renamed, deleted, and joined by a new one, as any other.
      await api.request('PUT', `/api/sessions/${idle.id}`, { name: 'renamed' })
      expect((await api.list()).find(({ id }) => id === idle.id)?.name).toBe('renamed')
      const host = readStat(idle.pid).parentPid
      await api.remove(idle.id)
      expect(isRunning(idle.pid)).toBe(false)
      if (perHost === 1) await until(() => !isRunning(host))
      const fresh = await api.create(rawCatSession)
      await view(fresh.id).sees('ready')
      const after = await sessionsOf(world)
      await end(world, 'SIGTERM')
      await server.start()
      expect(await sessionsOf(world)).toEqual(after)
    },
  )
})

interface Managed {
  readonly pid: number
  readonly ready: boolean
  readonly adopted: boolean
}

const COUNTER = 'i=0; while :; do i=$((i+1)); echo "line $i"; sleep 0.01; done'

describe.each(named(builds.filter(({ hasProcesses }) => hasProcesses)))(
  'managed processes of %s',
  (_, { program, why }) => {
    it.skipIf(why)(
      'are adopted by this server, with their logs, and are its to end',
      {
        timeout: TEST_MS,
      },
      async () => {
        const world = await createWorld(onTestFinished, { program })
        const { server, api } = world
        const ask = async (path: string, method = 'GET', body?: unknown) => {
          const answer = await api.request(method, `/api/processes${path}`, body)
          if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
          return answer
        }
        const get = async (name: string) => (await (await ask(`/${name}`)).json()) as Managed
        const logged = async () => (await (await ask('/counter/logs')).text()).split('\n')
        const spec = (name: string, more: object = {}) => ({
          ...{ name, command: 'sh', args: ['-c', COUNTER] },
          ...more,
        })
        await ask('', 'POST', spec('counter'))
        await ask(
          '',
          'POST',
          spec('falls', {
            args: ['-c', 'echo why; sleep 0.1; exit 3'],
            restart: { mode: 'never' },
          }),
        )
        await ask('', 'POST', spec('mortal', { outlive: false }))
        await until(
          async () => ((await (await ask('/falls/deaths')).json()) as object[]).length === 1,
        )
        const [counter, mortal] = [await get('counter'), await get('mortal')]
        await until(async () => (await logged()).length > 20, PATIENCE)

        await server.kill()
        // By the guard, which is the old build's, too.
        await until(() => !isRunning(mortal.pid), PATIENCE)
        await server.start()

        expect(await get('counter')).toMatchObject({ pid: counter.pid, ready: true, adopted: true })
        const lines = (await logged()).length
        await until(async () => (await logged()).length > lines + 20, PATIENCE)
        const all = (await logged()).slice(0, -1)
        expect(all).toEqual(all.map((_, index) => `line ${index + 1}`))
        expect(await (await ask('/falls/deaths')).json()).toMatchObject([
          { exit: { kind: 'code', code: 3 }, lastLines: ['why'] },
        ])
        await ask('/counter/restart', 'POST')
        const next = await get('counter')
        expect([next.pid === counter.pid, isRunning(counter.pid), next.ready]).toEqual([
          false,
          false,
          true,
        ])
        await ask('/counter', 'DELETE')
        expect(isRunning(next.pid)).toBe(false)
      },
    )
  },
)
