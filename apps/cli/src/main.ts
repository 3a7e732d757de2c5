import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { systemClock } from '@conductor/machine'
import { createNodeTerminal } from './attach/node-terminal.ts'
import { CliError } from './cli-error.ts'
import { createOutput } from './output.ts'
import { createStyle } from './render/style.ts'
import { runCli } from './run-cli.ts'
import { createSecretInput } from './secret-input.ts'
import { spawnServer } from './server/spawn-server.ts'

// The program. Importing this file runs it, and only here are the arguments, the environment, the
// signals and the streams of this process touched.

/** Where the server stands in the workspace. */
const SERVER = fileURLToPath(new URL('../../server/dist/main.js', import.meta.url))

const terminal = createNodeTerminal({
  ...{ keys: process.stdin, screen: process.stdout, screenFd: 1 },
  onProcess,
})

/** What ends a command: Ctrl-C, `kill`, and the end of its terminal, unless `nohup` has no terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', ...(terminal ? (['SIGHUP'] as const) : [])] as const

const interrupted = new AbortController()
let isServing = false

function needServer(): void {
  if (!existsSync(SERVER))
    throw new CliError('BAD_FILE', `the server is not built (${SERVER}); run: npm run build`)
}

/** The server in this very process, so that signals, pid and supervisor are its own. */
async function serve(settings: Readonly<Record<string, string>>): Promise<void> {
  needServer()
  Object.assign(process.env, settings)
  isServing = true
  for (const signal of SIGNALS) process.off(signal, interrupt)
  await import(pathToFileURL(SERVER).href)
}

/** What of this process a terminal that was taken over has to hear of. */
function onProcess(event: 'exit' | 'SIGCONT', listener: () => void): () => void {
  process.on(event, listener)
  return () => void process.off(event, listener)
}

/** Once, and politely; the second time at once. */
function interrupt(): void {
  if (interrupted.signal.aborted) process.exit(130)
  interrupted.abort()
}

for (const signal of SIGNALS) process.on(signal, interrupt)

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
  spawnServer(options) {
    needServer()
    const own = fileURLToPath(import.meta.url)
    return spawnServer([process.execPath, own, 'serve'], process.env, options)
  },
  terminal,
  secrets: createSecretInput({
    keys: process.stdin,
    ask: (text) => void process.stderr.write(text),
    interrupted: interrupted.signal,
  }),
})
if (!isServing) process.exit(exitCode)
