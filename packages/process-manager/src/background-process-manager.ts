import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ManagerEvent, ProcessInfo, ProcessManager, ProcessStateName } from './manager-api.ts'
import type { BackgroundProcessConfig } from './plugins/background-process-config.ts'
import { createProcessManager, type ProcessManagerOptions } from './process-manager.ts'

/** The document's states, under the document's names: `ProcessState.ERROR` is `'error'`. */
export const ProcessState: {
  readonly STARTING: 'starting'
  readonly RUNNING: 'running'
  readonly STOPPING: 'stopping'
  readonly STOPPED: 'stopped'
  readonly ERROR: 'error'
} = {
  STARTING: 'starting',
  RUNNING: 'running',
  STOPPING: 'stopping',
  STOPPED: 'stopped',
  ERROR: 'error',
}

export type ProcessState = ProcessStateName

/**
 * The manager for code that was written against the BackgroundProcessManager document.
 *
 * It is a class because that code says `new`. Everything else is `createProcessManager`, which is
 * opened at the first start: what fails to open fails there.
 */
export class BackgroundProcessManager {
  readonly #options: ProcessManagerOptions
  readonly #listeners = new Set<(event: ManagerEvent) => void>()
  #opening: Promise<ProcessManager> | undefined
  #manager: ProcessManager | undefined

  /** @param options.root Default: `~/.conductor/processes`. */
  constructor(options: Partial<ProcessManagerOptions> = {}) {
    this.#options = { root: join(homedir(), '.conductor', 'processes'), ...options }
  }

  async startProcess(config: BackgroundProcessConfig): Promise<void> {
    const manager = await this.#open()
    await manager.startProcess(config)
  }

  async stopProcess(pluginName: string): Promise<void> {
    await (await this.#opening)?.stopProcess(pluginName)
  }

  /** Also what an earlier run of the program left is ended by then. Nothing starts afterwards. */
  async stopAllProcesses(): Promise<void> {
    const manager = await this.#open()
    await manager.stopAllProcesses()
    await manager.close()
  }

  isRunning(pluginName: string): boolean {
    return this.#manager?.isRunning(pluginName) ?? false
  }

  getState(pluginName: string): ProcessState | undefined {
    return this.#manager?.getState(pluginName)
  }

  getPid(pluginName: string): number | undefined {
    return this.#manager?.getPid(pluginName)
  }

  getProcessInfo(pluginName: string): Readonly<ProcessInfo> | undefined {
    return this.#manager?.getProcessInfo(pluginName)
  }

  subscribe(listener: (event: ManagerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #open(): Promise<ProcessManager> {
    this.#opening ??= createProcessManager({
      ...this.#options,
      onEvent: (event) => {
        this.#options.onEvent?.(event)
        for (const listener of [...this.#listeners]) listener(event)
      },
    }).then(
      (manager) => {
        this.#manager = manager
        return manager
      },
      (error: unknown) => {
        // The next start tries again: whoever held the root may have gone.
        this.#opening = undefined
        throw error
      },
    )
    return this.#opening
  }
}
