import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Daemon } from '../supervisor.ts'
import { obey } from './orders.ts'

// Passes orders on to pm2's own daemon, which is the manager. Its folder is this one.

type Done = (error?: Error | null) => void

/** What is used of it. */
interface Pm2 {
  connect(done: Done): void
  start(apps: object, done: Done): void
  stop(name: string, done: Done): void
  killDaemon(done: Done): void
}

const home = process.env['PM2_HOME'] ?? ''
// The module that was installed for this run: it has no types, and this is its documented API.
const pm2 = createRequire(join(process.env['PM2_MODULES'] ?? '', 'any.js'))('pm2') as Pm2

function promised(call: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()))
  })
}

function appOf({ name, command: [script, ...args], comesBack }: Daemon): object {
  return { name, script, args, interpreter: 'none', autorestart: comesBack, restart_delay: 0 }
}

await promised((done) => pm2.connect(done))

obey({
  managerPid: Number(readFileSync(join(home, 'pm2.pid'), 'utf8')),
  up: (daemons) => promised((done) => pm2.start({ apps: daemons.map(appOf) }, done)),
  down: () => promised((done) => pm2.stop('all', done)),
  end: () => promised((done) => pm2.killDaemon(done)),
})
