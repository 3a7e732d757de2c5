// A command line that needs a daemon while it runs: node cli-host.js RUN_FILE PROGRAM [ARGS]
// However it ends, by ^C, a crash or SIGKILL, the daemon ends itself after the grace.
import { findOrSpawn } from './find-or-spawn.ts'

const [runFile = 'running.json', program = 'conductord', ...args] = process.argv.slice(2)
const { link, spawned, lastResort } = findOrSpawn({
  runFile,
  command: [program, ...args],
  name: 'cli',
})
process.on('exit', lastResort)
process.stdout.write(`${spawned ? 'spawned' : 'attached'} ${link ? 'linked' : 'unlinked'}\n`)
link?.subscribe((connected) => process.stdout.write(connected ? 'connected\n' : 'lost\n'))

// The link keeps the program running; a real one would do its work here, and then let go.
process.once('SIGTERM', () => link?.dispose())
