import type { ProcessReaders } from './readers.ts'

/** A machine for tests: its files, its links, what its commands print and whom `kill` reaches. */
export interface FakeMachine extends ProcessReaders {
  readonly files: Map<string, string>
  readonly links: Map<string, string>
  readonly printed: Map<string, string>
  /** What `kill` throws for a pid: `ESRCH` for those that are not in here, nothing for ''. */
  readonly killable: Map<number, '' | 'EPERM'>
  /** Every signal that was sent, except 0. */
  readonly sent: [number, NodeJS.Signals][]
}

/** A Linux machine that runs nothing. */
export function fakeMachine(platform: NodeJS.Platform = 'linux', host = 'host-a'): FakeMachine {
  const files = new Map([['/proc/sys/kernel/random/boot_id', 'boot-1\n']])
  const links = new Map([['/proc/self/ns/pid', 'pid:[4026531836]']])
  const printed = new Map<string, string>()
  const killable = new Map<number, '' | 'EPERM'>()
  const sent: [number, NodeJS.Signals][] = []

  function get(from: Map<string, string>, key: string): string {
    const value = from.get(key)
    if (value === undefined) throw systemError('ENOENT')
    return value
  }

  return {
    platform,
    pid: 77,
    files,
    links,
    printed,
    killable,
    sent,
    hostname: () => host,
    readText: (path) => get(files, path),
    readLink: (path) => get(links, path),
    run: (command, args) => get(printed, [command, ...args].join(' ')),
    kill(pid, signal) {
      const verdict = killable.get(pid)
      if (verdict === undefined) throw systemError('ESRCH')
      if (verdict !== '') throw systemError(verdict)
      if (signal !== 0) sent.push([pid, signal])
    },
  }
}

/** Lets a process run on it, or changes the one that runs. */
export function runs(
  machine: FakeMachine,
  pid: number,
  options: { name?: string; state?: string; threads?: number; startTime?: string } = {},
): void {
  const { name = 'sleep', state = 'S', threads = 1, startTime = '5000' } = options
  machine.killable.set(pid, '')
  machine.files.set(
    `/proc/${pid}/stat`,
    `${pid} (${name}) ${state} 1 ${pid} ${pid} 34816 ${pid} 4194304 1 0 0 0 0 0 0 0 20 0 ${threads} 0 ${startTime} 5000000 200\n`,
  )
}

/** Lets a process end. */
export function ends(machine: FakeMachine, pid: number): void {
  machine.killable.delete(pid)
  machine.files.delete(`/proc/${pid}/stat`)
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}
