// Runs electron-host.ts where there is no Electron, for its tests: it quits on SIGTERM.
import { EventEmitter } from 'node:events'
import { type ElectronApp, hostDaemon } from './electron-host.ts'

const [runFile = 'running.json', program = 'conductord', ...args] = process.argv.slice(2)

const events = new EventEmitter()
const app: ElectronApp = {
  whenReady: async () => {},
  on: (event, listener) => events.on(event, listener),
}
process.once('SIGTERM', () => {
  events.emit('quit')
  process.exit()
})
await hostDaemon(app, {
  runFile,
  command: [program, ...args],
  keep: process.env['CONDUCTOR_KEEP_DAEMON'] === '1',
  name: 'desktop',
  onConnected: (connected) => process.stdout.write(connected ? 'connected\n' : 'lost\n'),
})
process.stdout.write('ready\n')
setInterval(() => {}, 60_000)
