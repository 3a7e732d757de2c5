import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import type { Daemon } from '../supervisor.ts'
import { obey } from './orders.ts'

// The floor: `spawn` with pipes, an `exit` listener, and a file for each. It keeps no promise.

const children = new Map<string, ChildProcess>()
let isEnding = false

function start(daemon: Daemon): Promise<unknown> {
  const { name, comesBack } = daemon
  const [command = '', ...args] = daemon.command
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const log = createWriteStream(`${name}/out.log`, { flags: 'a' })
  child.stdout.pipe(log)
  child.stderr.pipe(log, { end: false })
  children.set(name, child)
  child.once('exit', () => {
    if (comesBack && !isEnding) start(daemon)
    else children.delete(name)
  })
  return once(child, 'spawn')
}

obey({
  managerPid: process.pid,
  async up(daemons) {
    for (const { name } of daemons) mkdirSync(name)
    await Promise.all(daemons.map(start))
  },
  async down() {
    isEnding = true
    const ends = [...children.values()].map((child) => once(child, 'exit'))
    for (const { pid } of children.values()) if (pid !== undefined) process.kill(-pid, 'SIGTERM')
    await Promise.all(ends)
  },
  end: async () => {},
})
