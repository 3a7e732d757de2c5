import {
  type Asked,
  type Death,
  type ManagerEvent,
  type ProcessInfo,
  type ProcessManager,
  ProcessManagerError,
  type ProcessSpec,
} from '@conductor/process-manager'
import { type FakeLog, fakeLog } from './fake-log.ts'

/** A manager without processes: it does at once what it is told, and notes who asked. */
export interface FakeManager extends ProcessManager {
  /** What was asked for, as `stop web by POST /api/processes/web/stop`. */
  readonly calls: string[]
  /** The next call of this name fails with this. */
  readonly failures: Map<string, Error>
  /** While it is set, starts wait for it. */
  gate: Promise<void> | undefined
  closed: boolean
  tell(event: ManagerEvent): void
  change(name: string, over: Partial<ProcessInfo>): void
  dies(name: string, over?: Partial<Death>): void
  log(name: string): FakeLog
}

export function fakeManager(): FakeManager {
  const listeners = new Set<(event: ManagerEvent) => void>()
  const infos = new Map<string, ProcessInfo>()
  const logs = new Map<string, FakeLog>()
  const tally: Death[] = []
  const groups = new Set<string>()

  const told = (call: string, names: string, asked: Asked = {}) => {
    fake.calls.push(`${call} ${names}${asked.by === undefined ? '' : ` by ${asked.by}`}`)
    const failure = fake.failures.get(call)
    fake.failures.delete(call)
    if (failure) throw failure
  }
  const known = (name: string): ProcessInfo => {
    const info = infos.get(name)
    if (info) return info
    throw new ProcessManagerError('UNKNOWN_PROCESS', `no process ${name}: there are none`)
  }
  const named = (name: string): string[] =>
    [...infos.values()]
      .filter((info) => [info.name, info.spec.name, ...(info.spec.groups ?? [])].includes(name))
      .map((info) => info.name)
  const begin = (name: string) => {
    if (known(name).phase !== 'running')
      fake.change(name, { phase: 'running', state: 'running', ready: true, pid: 4_242 })
  }
  const end = (name: string) => {
    const { pid: _, ...info } = known(name)
    infos.set(name, info)
    fake.change(name, { phase: 'stopped', state: 'stopped', ready: false })
  }

  const fake: FakeManager = {
    calls: [],
    failures: new Map(),
    gate: undefined,
    closed: false,
    tell(event) {
      for (const listener of [...listeners]) listener(event)
    },
    change(name, over) {
      const info = { ...known(name), ...over }
      infos.set(name, info)
      fake.tell({ type: 'changed', name, info })
    },
    dies(name, over = {}) {
      const death: Death = {
        ...{ at: 1_000, name, pid: 4_242, exit: { kind: 'code', code: 1 } },
        ...{ text: 'exited with code 1', decision: 'restart in 5 s', lastLines: ['oh'] },
        ...over,
      }
      tally.push(death)
      fake.tell({ type: 'death', name, death })
    },

    startProcess: async () => {},
    async stopProcess(name, asked) {
      told('stop', name, asked)
      for (const each of named(name)) end(each)
    },
    stopAllProcesses: async () => {},
    isRunning: (name) => infos.get(name)?.phase === 'running',
    getState: (name) => infos.get(name)?.state,
    getPid: (name) => infos.get(name)?.pid,
    getProcessInfo: (name) => infos.get(name),
    async add(spec) {
      told('add', spec.name)
      const names = namesOf(spec)
      const before = infos.get(names[0] ?? '')
      if (before && JSON.stringify(before.spec) === JSON.stringify(spec)) return
      if (before?.phase === 'running')
        throw new ProcessManagerError('ALREADY_RUNNING', `${spec.name} is already running`)
      for (const name of names) {
        infos.set(name, infoOf(name, spec))
        if (!logs.has(name)) logs.set(name, fakeLog())
        if (!before) fake.tell({ type: 'added', name })
      }
    },
    async remove(name, asked) {
      told('remove', name, asked)
      for (const each of named(name)) {
        infos.delete(each)
        await logs.get(each)?.close()
        logs.delete(each)
        fake.tell({ type: 'removed', name: each })
      }
    },
    defineGroup(name) {
      told('group', name)
      groups.add(name)
    },
    async up(names = [...infos.keys()]) {
      told('up', names.join(','))
      await fake.gate
      for (const name of names.flatMap(named)) begin(name)
    },
    async down(names = [...infos.keys()], asked) {
      told('down', names.join(','), asked)
      for (const name of names.flatMap(named)) end(name)
    },
    async start(name) {
      told('start', name)
      await fake.gate
      for (const each of named(name)) begin(each)
    },
    async restart(name: string, asked?: Asked) {
      told('restart', name, asked)
      for (const each of named(name)) fake.change(each, { restarts: known(each).restarts + 1 })
    },
    list: () => [...infos.values()],
    why: (name) => ({
      ...{ name, phase: known(name).phase, text: ['It runs.'], blockedBy: [], nextDelays: [] },
      nextTryAt: 2_000,
    }),
    deaths: (name) => {
      known(name)
      return tally.filter((death) => death.name === name)
    },
    log(name) {
      known(name)
      return logs.get(name) ?? fakeLog()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      fake.closed = true
      for (const log of logs.values()) await log.close()
    },
    [Symbol.asyncDispose]: () => fake.close(),
  }
  return fake
}

function namesOf({ name, replicas = 1 }: ProcessSpec): string[] {
  return replicas === 1 ? [name] : Array.from({ length: replicas }, (_, i) => `${name}@${i + 1}`)
}

function infoOf(name: string, spec: ProcessSpec): ProcessInfo {
  return {
    ...{ name, spec, state: 'stopped', phase: 'stopped', ready: false, adopted: false },
    ...{ failedHealthChecks: 0, restartAttempts: 0, restarts: 0, lastStateChange: 0 },
  }
}
