import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { systemClock } from '@conductor/machine'
import { CliError } from './cli-error.ts'
import { createOutput } from './output.ts'
import { createStyle } from './render/style.ts'
import { runCli } from './run-cli.ts'

// The program. Importing this file runs it, and only here are the arguments, the environment, the
// signals and the streams of this process touched.

/** Where the server stands in the workspace. */
const SERVER = fileURLToPath(new URL('../../server/dist/main.js', import.meta.url))

const interrupted = new AbortController()
let isServing = false

/** The server in this very process, so that signals, pid and supervisor are its own. */
async function serve(stateDir: string | undefined): Promise<void> {
  if (!existsSync(SERVER))
    throw new CliError('BAD_FILE', `the server is not built (${SERVER}); run: npm run build`)
  if (stateDir !== undefined) process.env['AI_CONDUCTOR_STATE_DIR'] = stateDir
  isServing = true
  process.off('SIGINT', interrupt)
  process.off('SIGTERM', interrupt)
  await import(pathToFileURL(SERVER).href)
}

/** Once, and politely; the second time at once. */
function interrupt(): void {
  if (interrupted.signal.aborted) process.exit(130)
  interrupted.abort()
}

process.on('SIGINT', interrupt)
process.on('SIGTERM', interrupt)

const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  // Who has read enough, as `head`, has got what it wanted.
  out: createOutput(process.stdout, () => process.exit(0)),
  err: createOutput(process.stderr, () => process.exit(0)),
  style: createStyle(process.stdout.isTTY, process.env),
  clock: systemClock,
  interrupted: interrupted.signal,
  serve,
})
if (!isServing) process.exit(exitCode)
