import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessSpec } from '@conductor/process-manager'
import { isAlive, processesIn, signalAll, titled, until } from '@conductor/testing'
// biome-ignore lint/correctness/noUndeclaredDependencies: only tests import this file.
import { describe, expect, it, onTestFinished } from 'vitest'
import { killManager, startFirstManager } from './first-manager.ts'
import type { PreparedDaemon, RealDaemon } from './real-daemon.ts'
import { makePlace, openWorld, PATIENCE_MS, type Place, type World } from './world.ts'

/** Each test waits for several starts and ends of a real daemon. */
const TEST_MS = 90_000

/** Somebody who works with it meanwhile. Resolves with what ends that, once it has begun. */
type Client = (spec: ProcessSpec) => Promise<() => void>

/** What the manager promises of every daemon, as tests against this one. */
export function keepsItsPromises(daemon: RealDaemon, client: Client = async () => () => {}): void {
  const { name, missing } = daemon

  async function prepare(place: Place): Promise<PreparedDaemon & { folder: string }> {
    const folder = join(place.folder, name)
    mkdirSync(folder)
    return { folder, ...(await daemon.prepare(folder)) }
  }

  async function setUp(
    change: (spec: ProcessSpec) => Partial<ProcessSpec> = () => ({}),
  ): Promise<World & PreparedDaemon & { own: string }> {
    const world = await openWorld(onTestFinished)
    const { folder, ...prepared } = await prepare(world)
    await world.manager.add({ ...prepared.spec, ...change(prepared.spec) })
    return { ...world, ...prepared, own: folder }
  }

  describe.skipIf(missing !== undefined)(titled(name, missing), { timeout: TEST_MS }, () => {
    it('is up when it answers, and stops in peace: it saves, says farewell, and nobody stays', async () => {
      const { manager, ask, memory, own, output } = await setUp()
      await manager.up()
      expect(await ask()).not.toBe('')
      await memory?.keep('before')
      expect(processesIn(own).length).toBeGreaterThan(0)

      await manager.stopProcess(name)
      expect(processesIn(own)).toEqual([])
      expect(output(name)).toMatch(daemon.farewell)
      expect(manager.deaths(name)).toMatchObject([{ exit: { kind: 'requested' } }])

      await manager.start(name)
      await ask()
      if (memory) expect(await memory.recall()).toBe('before')
    })

    it('comes back after kill -9 with all that it had promised to keep', async () => {
      const { manager, pid, anotherPid, ask, memory, own } = await setUp()
      await manager.up()
      await memory?.keep('precious')
      const before = processesIn(own)
      const killed = pid(name)
      process.kill(killed, 'SIGKILL')
      await anotherPid(name, killed)

      expect(await ask()).not.toBe('')
      if (memory) expect(await memory.recall()).toBe('precious')
      expect(manager.why(name).text.join('\n')).toContain('killed by SIGKILL')
      await until(() => !before.some(isAlive), { what: 'the old ones to be gone' })
    })

    it('is replaced when all of it hangs: nobody of the old tree stays', async () => {
      const { manager, pid, anotherPid, ask, memory, own, spec } = await setUp(({ stop }) => ({
        stop: { ...stop, graceMs: 300 },
      }))
      await manager.up()
      await memory?.keep('precious')
      onTestFinished(await client(spec))
      const old = processesIn(own)
      const hung = pid(name)
      signalAll(old, 'SIGSTOP')

      await anotherPid(name, hung)
      await until(() => !old.some(isAlive), { what: 'the old ones to be gone' })
      expect(await ask()).not.toBe('')
      if (memory) expect(await memory.recall()).toBe('precious')
      expect(manager.deaths(name)[0]).toMatchObject({ exit: { kind: 'probe', probe: 'liveness' } })
    })

    it('that is wedged at its start is ended, and the error says what was waited for', async () => {
      const { manager, own, spec } = await setUp(() => ({
        // A wrapper that never comes to the point.
        command: '/bin/sh',
        args: ['-c', 'echo "waiting for the volume"; sleep 1000'],
        startupTimeoutMs: 1_500,
        restart: 'supervisord',
      }))
      const failure = await manager.up().catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'START_TIMEOUT' })
      expect(String(failure)).toContain(`Timeout waiting for ${waitedFor(spec)}`)
      expect(String(failure)).toContain('waiting for the volume')
      await manager.stopProcess(name)
      expect(processesIn(own)).toEqual([])
    })

    it('ends with a manager that is killed, and the next finds nothing to end', async () => {
      const place = makePlace(onTestFinished)
      const { folder, spec } = await prepare(place)
      const first = await startFirstManager(place, [spec], onTestFinished)
      expect(processesIn(folder).length).toBeGreaterThan(0)
      await killManager(first)
      await until(() => processesIn(folder).length === 0, {
        what: 'all of it to be gone',
        timeoutMs: PATIENCE_MS,
      })

      const { manager } = await openWorld(onTestFinished, place)
      await manager.add(spec)
      await manager.up()
      expect(manager.getProcessInfo(name)).toMatchObject({ phase: 'running', adopted: false })
    })

    it('outlives a manager that is killed, and is adopted by the next: same pid, still serving', async () => {
      const place = makePlace(onTestFinished)
      const { spec, ask, memory, folder } = await prepare(place)
      // Asked seldom, so that its end is seen before it is missed.
      const liveness = spec.liveness && { ...spec.liveness, periodMs: 10_000 }
      const lasting: ProcessSpec = { ...spec, ...(liveness && { liveness }), outlive: true }
      const mortal: ProcessSpec = { name: 'mortal', command: 'sleep', args: ['1000'] }
      const first = await startFirstManager(place, [lasting, mortal], onTestFinished)
      const served = Number(
        readFileSync(join(place.root, name, 'daemon.pid'), 'utf8').split('\n')[0],
      )
      await memory?.keep('old')
      await killManager(first)
      // Whoever is to end with the manager has ended: this one is not among them.
      await until(() => processesIn(join(place.root, 'mortal')).length === 0, {
        timeoutMs: PATIENCE_MS,
      })
      expect(await ask()).not.toBe('')

      const { manager, pid, anotherPid, events } = await openWorld(onTestFinished, place)
      const adopted = pid(name)
      expect(adopted).toBe(served)
      expect(events).toContainEqual(expect.objectContaining({ type: 'adopted', name }))
      expect(manager.getProcessInfo(name)).toMatchObject({ phase: 'running', adopted: true })
      expect(isAlive(adopted)).toBe(true)
      expect(await ask()).not.toBe('')
      if (memory) expect(await memory.recall()).toBe('old')

      // It is a real adoption: its end is seen, and it comes back.
      process.kill(adopted, 'SIGKILL')
      await anotherPid(name, adopted)
      expect(manager.deaths(name)[0]).toMatchObject({ pid: adopted, exit: { kind: 'unseen' } })
      expect(await ask()).not.toBe('')
      await manager.stopAllProcesses()
      expect(processesIn(folder)).toEqual([])
    })
  })
}

function waitedFor({ ready, socketPath }: ProcessSpec): string {
  return ready?.kind === 'check' ? `its check: ${ready.check.probe.kind} ` : `socket: ${socketPath}`
}
