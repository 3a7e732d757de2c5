import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import {
  BackgroundProcessManager,
  createPluginLoader,
  type ManagerEvent,
  type PluginLoader,
} from '@conductor/process-manager'
import { binary, isAlive, processesIn, titled, until, whyMissing } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DAEMON_PY, hangUpOf } from './python.ts'
import { ENVIRONMENT, makePlace, PATIENCE_MS } from './world.ts'

const missing = whyMissing('python3')

interface Plugin {
  readonly folder: string
  readonly root: string
  readonly socketPath: string
  readonly manager: BackgroundProcessManager
  readonly loader: PluginLoader
  readonly events: readonly ManagerEvent[]
  log(): string
  pid(): number
}

/** The plugin.json of the document, with shorter times. */
function makePlugin(healthcheck: object): Plugin {
  const place = makePlace(onTestFinished)
  const folder = join(place.folder, 'search-plugin')
  mkdirSync(folder)
  copyFileSync(DAEMON_PY, join(folder, 'daemon.py'))
  const daemon = { command: 'python3', args: ['daemon.py'], healthcheck }
  const manifest = { name: 'search-plugin', version: '1.0.0', runtime: 'python3', daemon }
  writeFileSync(join(folder, 'plugin.json'), JSON.stringify(manifest))
  const { root } = place
  const manager = new BackgroundProcessManager({ root, env: ENVIRONMENT })
  const loader = createPluginLoader({ manager, root })
  onTestFinished(() => loader.shutdown())
  const events: ManagerEvent[] = []
  manager.subscribe((event) => void events.push(event))
  return {
    folder,
    root,
    socketPath: join(root, 'search-plugin', 'daemon.sock'),
    manager,
    loader,
    events,
    log: () => readFileSync(join(root, 'search-plugin', 'log', 'daemon.log'), 'utf8'),
    pid() {
      const pid = manager.getPid('search-plugin')
      if (pid === undefined) throw new Error('it does not run')
      return pid
    },
  }
}

it('the Python daemon of the fixtures is the one of the document, to the byte', () => {
  const hash = createHash('sha256').update(readFileSync(DAEMON_PY)).digest('hex')
  expect(hash).toBe('7f3c5b192dfa0af4d9067704b7a50c28d4f7a6ec369c1bd6863c51e639946585')
})

describe.skipIf(missing !== undefined)(
  titled('the Python daemon of the document, as a plugin', missing),
  { timeout: 60_000 },
  () => {
    it('starts, is ready by its socket, and its health checks pass, round after round', async () => {
      const { folder, manager, loader, events, socketPath, pid } = makePlugin({ interval: 100 })
      await loader.loadPlugin(folder)
      expect(manager.isRunning('search-plugin')).toBe(true)
      expect(existsSync(socketPath)).toBe(true)
      expect(processesIn(folder)).toEqual([pid()])

      const looks = new Set<number>()
      await until(
        () => {
          const { lastCheckAt, failedHealthChecks } = manager.getProcessInfo('search-plugin') ?? {}
          expect(failedHealthChecks).toBe(0)
          return lastCheckAt !== undefined && looks.add(lastCheckAt).size > 12
        },
        { timeoutMs: PATIENCE_MS },
      )
      expect(events.some(({ type }) => type === 'death')).toBe(false)
    })

    it('is back after kill -9, as soon as the document says: after 5 s', async () => {
      const { folder, manager, loader, events, socketPath, pid } = makePlugin({ interval: 30_000 })
      await loader.loadPlugin(folder)
      const killed = pid()
      const killedMs = performance.now()
      process.kill(killed, 'SIGKILL')
      await until(() => manager.isRunning('search-plugin') && pid() !== killed, {
        timeoutMs: PATIENCE_MS,
      })
      expect(performance.now() - killedMs).toBeGreaterThan(4_900)
      expect(await hangUpOf(socketPath)).toBe('hung up')
      expect(events).toContainEqual(
        expect.objectContaining({
          type: 'death',
          death: expect.objectContaining({
            text: expect.stringContaining('killed by SIGKILL'),
            decision: expect.stringContaining('restart in 5 s'),
          }),
        }),
      )
      expect(manager.getProcessInfo('search-plugin')).toMatchObject({ restartAttempts: 1 })
    })

    it('hears SIGTERM, cleans up and leaves nothing: its last words are in the log', async () => {
      const { folder, loader, manager, socketPath, log, pid } = makePlugin({ interval: 1_000 })
      await loader.loadPlugin(folder)
      const stopped = pid()
      await loader.unloadPlugin('search-plugin')
      expect(manager.getState('search-plugin')).toBe('stopped')
      expect(log()).toContain('Received shutdown signal, cleaning up...')
      expect(log()).toContain(`Socket server listening on ${socketPath}`)
      expect(isAlive(stopped)).toBe(false)
      expect(processesIn(folder)).toEqual([])
      expect(existsSync(socketPath)).toBe(false)
    })

    it('that is stopped by SIGSTOP still accepts: its connect-only check cannot see it, a round trip can', async () => {
      const { folder, loader, events, socketPath, pid } = makePlugin({ interval: 30_000 })
      await loader.loadPlugin(folder)
      // Whoever asked before has been answered: nobody is left in its backlog.
      expect(await hangUpOf(socketPath)).toBe('hung up')
      process.kill(pid(), 'SIGSTOP')
      onTestFinished(() => void process.kill(pid(), 'SIGCONT'))
      // On its other core it may run on for a moment.
      await until(() => / T /.test(readFileSync(`/proc/${pid()}/stat`, 'utf8')))

      // What the document's check does: the kernel accepts for whoever has called listen(). Here twice,
      // as its backlog is 1; only then is a connection refused.
      await new Promise<void>((resolve, reject) => {
        const socket = connect(socketPath, () => {
          socket.destroy()
          resolve()
        })
        socket.once('error', reject)
      })
      const late = new Promise((resolve) => setTimeout(resolve, 1_000, 'no answer'))
      expect(await Promise.race([hangUpOf(socketPath), late])).toBe('no answer')
      expect(events.some(({ type }) => type === 'death')).toBe(false)
      process.kill(pid(), 'SIGCONT')
      expect(await until(() => hangUpOf(socketPath))).toBe('hung up')
    })

    it('runs under the Python of its own virtual environment, where there is one', async () => {
      const { folder, root, loader, pid } = makePlugin({ interval: 1_000 })
      const home = join(root, 'search-plugin')
      execFileSync(binary('python3'), ['-m', 'venv', '--without-pip', home])
      await loader.loadPlugin(folder)
      const [command] = readFileSync(`/proc/${pid()}/cmdline`, 'utf8').split('\0')
      expect(command).toBe(join(home, 'bin', 'python3'))
    })
  },
)
