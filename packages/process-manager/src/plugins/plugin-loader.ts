import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isProcessManagerError, ProcessManagerError } from '../process-manager-error.ts'
import type { BackgroundProcessConfig } from './background-process-config.ts'
import { type DaemonPlace, daemonConfig, readPluginManifest } from './plugin-manifest.ts'

/** All that a loader needs of a manager. */
export interface DaemonStarter {
  startProcess(config: BackgroundProcessConfig): Promise<void>
  stopProcess(name: string): Promise<void>
  stopAllProcesses(): Promise<void>
}

export interface PluginLoaderOptions extends DaemonPlace {
  readonly manager: DaemonStarter
  /** Holds a folder for each plugin; only `loadAll` needs it. */
  readonly pluginsDir?: string
}

/** A plugin whose manifest was read, and whose daemon runs, if it has one. */
export interface LoadedPlugin {
  readonly name: string
  readonly folder: string
  readonly hasDaemon: boolean
}

export interface LoadedAll {
  readonly loaded: readonly LoadedPlugin[]
  readonly failed: readonly { readonly folder: string; readonly error: unknown }[]
}

export interface PluginLoader {
  /** Resolves when its daemon is ready. @throws What `readPluginManifest` and `startProcess` throw. */
  loadPlugin(folder: string): Promise<LoadedPlugin>
  /** Every folder in `pluginsDir` that has a `plugin.json`, all at once. One that fails keeps no other from loading. */
  loadAll(): Promise<LoadedAll>
  /** Stops its daemon. A name that was not loaded is nothing to stop. */
  unloadPlugin(name: string): Promise<void>
  /** Stops the daemons of all plugins, and nothing else that the manager runs. */
  unloadAll(): Promise<void>
  /** For the end of the program: the manager stops all that it runs, and starts nothing any more. */
  shutdown(): Promise<void>
}

export function createPluginLoader(options: PluginLoaderOptions): PluginLoader {
  const { manager, pluginsDir } = options
  const daemons = new Set<string>()

  async function loadPlugin(folder: string): Promise<LoadedPlugin> {
    const manifest = await readPluginManifest(folder)
    const config = daemonConfig(manifest, folder, options)
    if (config) await start(config)
    return { name: manifest.name, folder, hasDaemon: config !== undefined }
  }

  async function start(config: BackgroundProcessConfig): Promise<void> {
    const isNew = !daemons.has(config.pluginName)
    // Before it is ready, and also if it never is: its restart policy may try again, until it is stopped.
    daemons.add(config.pluginName)
    try {
      await manager.startProcess(config)
    } catch (error) {
      const isOthers = isNew && isProcessManagerError(error, 'ALREADY_RUNNING')
      if (isOthers) daemons.delete(config.pluginName)
      throw error
    }
  }

  async function loadAll(): Promise<LoadedAll> {
    const folders = await pluginFolders(pluginsDir)
    const results = await Promise.allSettled(folders.map(loadPlugin))
    const loaded = results.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value] : [],
    )
    const failed = results.flatMap((result, index) =>
      result.status === 'rejected'
        ? [{ folder: folders[index] ?? '', error: result.reason as unknown }]
        : [],
    )
    return { loaded, failed }
  }

  async function unloadPlugin(name: string): Promise<void> {
    if (!daemons.has(name)) return
    await manager.stopProcess(name)
    // Only now: what could not be stopped can be tried again.
    daemons.delete(name)
  }

  async function unloadAll(): Promise<void> {
    const results = await Promise.allSettled([...daemons].map(unloadPlugin))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async function shutdown(): Promise<void> {
    await manager.stopAllProcesses()
    daemons.clear()
  }

  return { loadPlugin, loadAll, unloadPlugin, unloadAll, shutdown }
}

async function pluginFolders(pluginsDir: string | undefined): Promise<string[]> {
  if (pluginsDir === undefined)
    throw new ProcessManagerError(
      'BAD_PLUGIN',
      'pluginsDir is not given: pass it, or use loadPlugin',
    )
  try {
    const names = await readdir(pluginsDir)
    const folders = names.sort().map((name) => join(pluginsDir, name))
    return folders.filter((folder) => existsSync(join(folder, 'plugin.json')))
  } catch (cause) {
    const { message } = cause as Error // of `readdir`
    throw new ProcessManagerError('UNREADABLE', `${pluginsDir} cannot be read: ${message}`, {
      cause,
    })
  }
}
