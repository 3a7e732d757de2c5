import { createProcessManager, type ProcessSpec } from '@conductor/process-manager'
import type { Daemon } from '../supervisor.ts'
import { answer, obey } from './orders.ts'

// Ours, as a program of its own: what it does by default, it does here, too.

/** The last pid of each, so that every run is told of once: `changed` also comes with each sample. */
const told = new Map<string, number>()

const manager = await createProcessManager({
  root: process.cwd(),
  onEvent(event) {
    if (event.type === 'trouble') process.stderr.write(`${event.text}\n`)
    if (event.type !== 'changed' || event.info.phase !== 'running') return
    const { name, pid } = event.info
    if (pid === undefined || told.get(name) === pid) return
    told.set(name, pid)
    answer({ type: 'said', pid, ns: Number(process.hrtime.bigint()) })
  },
})

function specOf({
  name,
  command: [command = '', ...args],
  comesBack,
  isChecked,
}: Daemon): ProcessSpec {
  return {
    name,
    command,
    args,
    restart: { mode: comesBack ? 'always' : 'never', delay: { kind: 'fixed', delayMs: 0 } },
    ...(isChecked && {
      liveness: { probe: { kind: 'unix', path: `${process.cwd()}/${name}/daemon.sock` } },
    }),
  }
}

obey({
  managerPid: process.pid,
  async up(daemons) {
    for (const daemon of daemons) await manager.add(specOf(daemon))
    await manager.up()
  },
  down: () => manager.down(),
  end: () => manager.close(),
})
