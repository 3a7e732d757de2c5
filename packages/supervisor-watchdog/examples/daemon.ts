// A daemon that ends with the last app that needs it: node daemon.js RUN_FILE [GRACE_MS]
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { identifySelf } from '@conductor/process-identity'
import { createWatchdog, linkPath } from '@conductor/supervisor-watchdog'

const [runFile = 'running.json', graceMs = '5000'] = process.argv.slice(2)
const log = (line: string): void => appendFileSync(`${runFile}.log`, `${line}\n`)
mkdirSync(dirname(runFile), { recursive: true, mode: 0o700 })

const watchdog = createWatchdog({
  path: linkPath(runFile),
  graceMs: Number(graceMs),
  // The same path as a requested shutdown: there is only one end to test.
  onExpire: () => void shutDown('expired'),
  onTrouble: ({ message }) => log(message),
})
watchdog.subscribe(({ to }) => log(to.name))

const { CONDUCTOR_OWNER: owner } = process.env
const identity = identifySelf()
const record = { pid: process.pid, startedAt: new Date().toISOString(), owner, identity }
writeFileSync(`${runFile}.new`, JSON.stringify(record), { mode: 0o600 })
renameSync(`${runFile}.new`, runFile)

// A real daemon serves until it is told to end; this one only waits.
const work = setInterval(() => {}, 60_000)
process.on('SIGHUP', () => {})
process.once('SIGTERM', () => void shutDown('SIGTERM'))

async function shutDown(why: string): Promise<void> {
  log(`ends: ${why}`)
  clearInterval(work)
  await watchdog.close()
  rmSync(runFile, { force: true })
}
