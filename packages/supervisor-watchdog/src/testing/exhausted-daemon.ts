import { closeSync, openSync } from 'node:fs'
import { createWatchdog } from '../watchdog/watchdog.ts'

// A daemon that, when told to, has no descriptor left: node exhausted-daemon.js PATH GRACE_MS

const [path = '', graceMs = ''] = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const files: number[] = []

const watchdog = createWatchdog({
  path,
  graceMs: Number(graceMs),
  onExpire: () => {
    say('expired')
    void watchdog.close().then(() => process.exit())
  },
  onTrouble: ({ code }) => say(code),
})
watchdog.subscribe(({ to }) => say(to.name))

process.on('message', (order) => {
  if (order === 'exhaust') {
    try {
      while (true) files.push(openSync('/dev/null', 'r'))
    } catch {
      say('exhausted')
    }
  } else {
    for (const file of files.splice(0)) closeSync(file)
    say('relieved')
  }
})
