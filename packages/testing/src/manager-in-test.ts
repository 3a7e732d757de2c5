import { until } from './until.ts'

/** What a process manager has that tests ask it; the real one fits. */
export interface TestableManager {
  getPid(name: string): number | undefined
  getProcessInfo(
    name: string,
  ): { readonly phase: string; readonly pid?: number | undefined } | undefined
  stopAllProcesses(): Promise<unknown>
  close(): Promise<void>
}

export interface ManagerInTest<M> {
  readonly manager: M
  /** The pid of a process. @throws Error if it does not run */
  pid(name: string): number
  /** Waits until a process is in a phase. */
  phase(name: string, phase: string): Promise<void>
  /** Waits until a process runs with another pid than this. */
  anotherPid(name: string, than: number): Promise<number>
}

/**
 * Ends a process manager, and all that it runs, with its test, and waits for what it tells.
 *
 * @param options.atTheEnd `onTestFinished` of vitest.
 * @param options.patienceMs How long it waits, in milliseconds.
 */
export function managerInTest<M extends TestableManager>(
  manager: M,
  options: {
    readonly atTheEnd: (end: () => Promise<void>) => void
    readonly patienceMs: number
  },
): ManagerInTest<M> {
  const { atTheEnd, patienceMs: timeoutMs } = options
  atTheEnd(async () => {
    await manager.stopAllProcesses().catch(() => {})
    await manager.close()
  })
  return {
    manager,
    pid(name) {
      const pid = manager.getPid(name)
      if (pid === undefined) throw new Error(`${name} does not run`)
      return pid
    },
    async phase(name, phase) {
      await until(() => manager.getProcessInfo(name)?.phase === phase, {
        what: `${name} to be ${phase}`,
        timeoutMs,
      })
    },
    anotherPid: (name, than) =>
      until(
        () => {
          const info = manager.getProcessInfo(name)
          return info?.phase === 'running' && info.pid !== than ? info.pid : undefined
        },
        { what: `${name} to run again`, timeoutMs },
      ),
  }
}
