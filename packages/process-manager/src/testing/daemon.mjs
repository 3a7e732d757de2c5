// A daemon for tests: listens on SOCKET_PATH, answers `ping` with `pong`, and does as its arguments say.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'

const flags = new Set(process.argv.slice(2))
const path = process.env.SOCKET_PATH
const say = (text) => process.stdout.write(`${text}\n`)

say(`started ${process.pid}`)
if (flags.has('--exit-early')) {
  process.stderr.write('Error: the disk is full\n')
  process.exit(3)
}
if (flags.has('--complete')) process.exit(0)
if (flags.has('--ignore-term')) process.on('SIGTERM', () => say('no'))
if (flags.has('--child')) spawn('sleep', ['1000'], { stdio: 'inherit' })
if (flags.has('--env')) say(JSON.stringify(process.env))
if (flags.has('--burn'))
  setInterval(() => {
    const end = Date.now() + 90
    while (Date.now() < end);
  }, 100)
if (flags.has('--eat')) globalThis.eaten = Buffer.alloc(200 * 1_048_576, 1)
if (flags.has('--no-socket')) setInterval(() => {}, 1_000)
else {
  rmSync(path, { force: true })
  createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => {
      if (!flags.has('--mute')) socket.write('pong\n')
    })
  }).listen(path, () => say('listening'))
}
