import { readFileSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@conductor/machine'
import { createNotifier } from '@conductor/sd-notify'
import { pino } from 'pino'
import { type Config, readConfig, unknownSettings } from './config.ts'
import { isKeptStream } from './kept-stream.ts'
import { forgetSupervisord } from './notify/forget-supervisord.ts'
import { type RunningServer, startServer } from './server.ts'
import { asShortage, isServerError } from './server-error.ts'
import { createStopSignals } from './signals.ts'

// The program. Importing this file starts the server, and only here are the environment, the
// signals and the streams of this process touched.

/** Says so on stderr in one line and ends. 2: the settings are wrong; 1: it could not start. */
function giveUp(error: unknown): never {
  const known = isServerError(error) ? error : asShortage(error)
  const text = known?.text ?? (error instanceof Error ? (error.stack ?? error.message) : error)
  say(2, `${text}\n`)
  process.exit(known?.code === 'BAD_CONFIG' ? 2 : 1)
}

/** A reader that has gone, or a full disk behind the stream, must not end the server. */
function say(fd: 1 | 2, text: string): void {
  try {
    writeSync(fd, text)
  } catch {
    // Nobody can be told that nobody can be told.
  }
}

function readSettings(): Config {
  try {
    return readConfig({
      env: process.env,
      cwd: process.cwd(),
      readFile: (path) => readFileSync(path, 'utf8'),
    })
  } catch (error) {
    return giveUp(error)
  }
}

process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

const config = readSettings()
// From here on nobody needs the password from the environment, and no child shall inherit it.
for (const name of ['AI_CONDUCTOR_PASSWORD', 'AI_CONDUCTOR_PASSWORD_HASH']) delete process.env[name]

const logger = pino(
  { base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
  { write: (line: string) => say(2, line) },
)

// What its supervisor told this process alone is gone from the environment before there is any child.
const notifier = createNotifier({
  unsetEnv: true,
  onTrouble: (error) => logger.warn({ reason: error.message }, 'systemd was not told'),
})
forgetSupervisord(process.env)

if (process.pid === 1)
  logger.warn(
    'as pid 1 nobody takes away the processes that others leave behind: they stay as zombies; start the container with --init',
  )

for (const name of unknownSettings(process.env))
  logger.warn(`${name} is no setting and changes nothing; the README lists those that are`)

let running: RunningServer | undefined
let stopping = false

async function stop(why: string): Promise<void> {
  if (stopping) return
  stopping = true
  logger.info({ why }, 'shutting down')
  // A signal that comes while the server still starts waits for it.
  await running?.close()
  if (!running) return
  logger.info('server stopped')
  process.exit(0)
}

const onStopSignal = createStopSignals({
  clock: systemClock,
  onStop: (signal) => void stop(signal),
  onExit: (signal) => process.exit(128 + constants.signals[signal]),
})
process.on('SIGINT', onStopSignal)
process.on('SIGTERM', onStopSignal)
// A listener, and not "ignore", because programs started from here would inherit that.
process.on('SIGHUP', () => logger.info('SIGHUP: nothing to do'))
// Programs that live in this process, and everybody's view of the others, would go with it.
process.on('uncaughtException', (error) => {
  logger.fatal({ reason: error.stack ?? error.message }, 'a fault in the server')
})
process.on('unhandledRejection', (error) => {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  logger.fatal({ reason }, 'a fault in the server')
})

try {
  running = await startServer({
    config,
    env: process.env,
    webDir: fileURLToPath(new URL('../../web/dist', import.meta.url)),
    log: (level, fact, details = {}) => logger[level](details, fact),
    notifier,
    onShutdownRequest: (why) => setImmediate(() => void stop(why)),
  })
} catch (error) {
  giveUp(error)
}
const { generatedPassword } = running
// Whoever is there reads it once; in a log it would stay.
if (generatedPassword)
  say(
    1,
    isKeptStream(1, process.env['JOURNAL_STREAM'])
      ? `The password was made just now: ${join(config.stateDir, 'password')} has it\n`
      : `Password: ${generatedPassword}\n`,
  )
say(1, `Listening on ${running.url}\n`)
if (stopping) {
  await running.close()
  process.exit(0)
}
