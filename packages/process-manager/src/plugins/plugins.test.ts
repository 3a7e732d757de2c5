import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { alreadyRunning, isProcessManagerError } from '../process-manager-error.ts'
import { checkSpec } from '../spec/check-spec.ts'
import { PLUGIN_TIMEOUTS } from '../spec/defaults.ts'
import type { BackgroundProcessConfig } from './background-process-config.ts'
import { createPluginLoader } from './plugin-loader.ts'
import { daemonConfig, parsePluginManifest, readPluginManifest } from './plugin-manifest.ts'
import { toProcessSpec } from './to-process-spec.ts'

/** The manifest of the document, word for word. */
const manifest = {
  name: 'search-plugin',
  version: '1.0.0',
  runtime: 'python3',
  daemon: {
    command: 'python3',
    args: ['daemon.py'],
    healthcheck: { interval: 30000, timeout: 5000, retries: 3 },
  },
}

/** A plugins folder with these manifests; texts are written as they are. */
function plugins(manifests: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder(onTestFinished)
  for (const [name, content] of Object.entries(manifests)) {
    mkdirSync(join(folder, name))
    const written = typeof content === 'string' ? content : JSON.stringify(content)
    writeFileSync(join(folder, name, 'plugin.json'), written)
  }
  return folder
}

/** A manager that notes what it is asked for, and fails for names with `bad` in them. */
function fakeManager() {
  const calls: string[] = []
  const configs: BackgroundProcessConfig[] = []
  const call = async (name: string, of: string): Promise<void> => {
    calls.push(`${name} ${of}`.trim())
    if (of.includes('bad')) throw new Error(`${of} does not ${name}`)
  }
  return {
    calls,
    configs,
    startProcess: (config: BackgroundProcessConfig): Promise<void> => {
      configs.push(config)
      return call('start', config.pluginName)
    },
    stopProcess: (name: string): Promise<void> => call('stop', name),
    stopAllProcesses: (): Promise<void> => call('stopAll', ''),
  }
}

function faultOf(content: unknown): string {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  try {
    parsePluginManifest(text, '/p/plugin.json')
    return 'accepted'
  } catch (error) {
    if (!isProcessManagerError(error, 'BAD_PLUGIN')) throw error
    return error.message.replace('[process-manager/BAD_PLUGIN] ', '')
  }
}

describe('a plugin.json', () => {
  it('is read, without the sections of others', async () => {
    const folder = plugins({ search: { ...manifest, tools: [{ any: 1 }], author: null } })
    expect(await readPluginManifest(join(folder, 'search'))).toEqual(manifest)
  })

  it.each([
    ['an unknown field', { healthchek: {} }, '/p/plugin.json: daemon.healthchek is no field here'],
    ['its fix', { healthchek: {} }, 'did you mean "healthcheck"?'],
    ['no command', { command: undefined }, '/p/plugin.json: daemon.command is missing'],
    ['a time that is a text', { startupTimeout: '5s' }, 'daemon.startupTimeout is "5s"'],
    ['no retries', { healthcheck: { retries: 0 } }, 'daemon.healthcheck.retries is 0: write a'],
  ])('names file and field of %s', (_, change, fault) => {
    expect(faultOf({ ...manifest, daemon: { ...manifest.daemon, ...change } })).toContain(fault)
  })

  it('without a name, or with one that is a path, is refused', () => {
    expect(faultOf({ daemon: manifest.daemon })).toBe(
      '/p/plugin.json: name is missing: write a text',
    )
    expect(faultOf({ name: '../x' })).toContain('/p/plugin.json: name is "../x": write 1 to 64')
  })

  it('is refused with nothing but a BAD_PLUGIN, whatever is in it', () => {
    const contents = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((daemon) => ({ name: 'a', daemon })),
    )
    fc.assert(
      // `faultOf` throws every other error on.
      fc.property(contents, (content) => {
        expect(faultOf(content)).toMatch(/^(accepted|\/p\/plugin\.json: )/)
      }),
    )
  })

  it('that is not there is said to be so', async () => {
    const error = await readPluginManifest('/nowhere').catch((thrown: unknown) => thrown)
    expect(isProcessManagerError(error, 'UNREADABLE')).toBe(true)
    expect(error).toMatchObject({ cause: { code: 'ENOENT' } })
  })
})

describe('the daemon of a plugin', () => {
  it('runs the Python of its own virtual environment, where there is one', () => {
    const root = temporaryFolder(onTestFinished)
    const commandOn = (platform: NodeJS.Platform) =>
      daemonConfig(manifest, '/p', { root, platform })?.command
    expect(commandOn('linux')).toBe('python3')
    const python = join(root, 'search-plugin', 'bin', 'python3')
    mkdirSync(dirname(python), { recursive: true })
    writeFileSync(python, '')
    expect(commandOn('linux')).toBe(python)
    expect(commandOn('win32')).toBe('python3')
    const windows = join(root, 'search-plugin', 'Scripts', 'python.exe')
    mkdirSync(dirname(windows), { recursive: true })
    writeFileSync(windows, '')
    expect(commandOn('win32')).toBe(windows)
  })

  it('keeps every other command as it is', () => {
    const daemon = { command: 'python3.12' }
    expect(daemonConfig({ name: 'a', daemon }, '/p', { root: '/r' })?.command).toBe('python3.12')
  })

  it('has the times of the document where it names none', () => {
    const daemon = { command: 'x', healthcheck: {} }
    expect(daemonConfig({ name: 'a', daemon }, '/p', { root: '/r' })).toEqual({
      pluginName: 'a',
      pluginPath: '/p',
      command: 'x',
      args: [],
      socketPath: '/r/a/daemon.sock',
      startupTimeout: 30_000,
      shutdownGracePeriod: 5_000,
      healthcheck: { interval: 30_000, timeout: 5_000, retries: 3 },
    })
    expect(PLUGIN_TIMEOUTS).toEqual({
      BACKGROUND_PROCESS_STARTUP: 30000,
      BACKGROUND_PROCESS_SHUTDOWN_GRACE_PERIOD: 5000,
      BACKGROUND_PROCESS_HEALTH_CHECK_INTERVAL: 30000,
      BACKGROUND_PROCESS_HEALTH_CHECK_TIMEOUT: 5000,
      BACKGROUND_PROCESS_MAX_HEALTH_CHECK_FAILURES: 3,
      BACKGROUND_PROCESS_MAX_RESTART_ATTEMPTS: 3,
      BACKGROUND_PROCESS_RESTART_DELAY: 5000,
    })
  })

  it('becomes a spec that says the same', () => {
    const config: BackgroundProcessConfig = {
      pluginName: 'search-plugin',
      pluginPath: '/plugins/search',
      command: 'python3',
      args: ['daemon.py'],
      socketPath: '/run/s.sock',
      startupTimeout: 1,
      shutdownGracePeriod: 2,
      envVars: { PORT: '8080' },
      healthcheck: { interval: 3, timeout: 4, retries: 5 },
    }
    const spec = toProcessSpec(config)
    expect(spec).toEqual({
      name: 'search-plugin',
      command: 'python3',
      args: ['daemon.py'],
      cwd: '/plugins/search',
      socketPath: '/run/s.sock',
      ready: { kind: 'socket' },
      startupTimeoutMs: 1,
      stop: { graceMs: 2 },
      restart: 'ally',
      env: { PORT: '8080' },
      liveness: {
        probe: { kind: 'unix', path: '/run/s.sock' },
        initialDelayMs: 3,
        periodMs: 3,
        timeoutMs: 4,
        failureThreshold: 5,
      },
    })
    expect(checkSpec(spec, { root: '/r' }).liveness?.successThreshold).toBe(1)
    const { healthcheck: _, ...unchecked } = config
    expect(toProcessSpec(unchecked)).not.toHaveProperty('liveness')
  })
})

describe('a plugin loader', () => {
  it('starts the daemons of all plugins, and is not stopped by a bad one', async () => {
    const daemon = { command: 'x' }
    const pluginsDir = plugins({
      a: { name: 'a', daemon },
      b: { name: 'b' },
      c: '{',
      d: { name: 'bad-d', daemon },
    })
    mkdirSync(join(pluginsDir, 'no-plugin'))
    const manager = fakeManager()
    const loader = createPluginLoader({ manager, pluginsDir, root: '/r' })
    const { loaded, failed } = await loader.loadAll()
    expect(loaded).toEqual([
      { name: 'a', folder: join(pluginsDir, 'a'), hasDaemon: true },
      { name: 'b', folder: join(pluginsDir, 'b'), hasDaemon: false },
    ])
    expect(failed.map(({ folder }) => folder)).toEqual([
      join(pluginsDir, 'c'),
      join(pluginsDir, 'd'),
    ])
    expect(manager.calls.sort()).toEqual(['start a', 'start bad-d'])
    expect(manager.configs).toContainEqual(
      expect.objectContaining({ pluginName: 'a', pluginPath: join(pluginsDir, 'a') }),
    )
  })

  it('stops what it started, once, and nothing else', async () => {
    const folder = plugins({ a: { name: 'a', daemon: { command: 'x' } }, b: { name: 'b' } })
    const manager = fakeManager()
    const loader = createPluginLoader({ manager, root: '/r' })
    await loader.loadPlugin(join(folder, 'a'))
    await loader.loadPlugin(join(folder, 'b'))
    await loader.unloadPlugin('never-loaded')
    await loader.unloadAll()
    await loader.unloadAll()
    expect(manager.calls).toEqual(['start a', 'stop a'])
  })

  it('stops what did not get ready, too, because its restart policy may try again', async () => {
    const folder = plugins({ d: { name: 'bad-d', daemon: { command: 'x' } } })
    const manager = fakeManager()
    const loader = createPluginLoader({ manager, root: '/r' })
    await expect(loader.loadPlugin(join(folder, 'd'))).rejects.toThrow('bad-d does not start')
    await expect(loader.unloadAll()).rejects.toThrow('bad-d does not stop')
    expect(manager.calls).toEqual(['start bad-d', 'stop bad-d'])
  })

  it('leaves a process of that name alone that somebody else started', async () => {
    const folder = plugins({ a: { name: 'a', daemon: { command: 'x' } } })
    const manager = fakeManager()
    const startProcess = (): Promise<void> => Promise.reject(alreadyRunning('a', 'running'))
    const loader = createPluginLoader({ manager: { ...manager, startProcess }, root: '/r' })
    await expect(loader.loadPlugin(join(folder, 'a'))).rejects.toThrow('already running')
    await loader.unloadAll()
    expect(manager.calls).toEqual([])
  })

  it('stops everything at the end of the program', async () => {
    const manager = fakeManager()
    await createPluginLoader({ manager, root: '/r' }).shutdown()
    expect(manager.calls).toEqual(['stopAll'])
  })

  it('says what it needs for loading all', async () => {
    const loader = createPluginLoader({ manager: fakeManager(), root: '/r' })
    await expect(loader.loadAll()).rejects.toThrow('pluginsDir is not given: pass it')
  })
})
